package bignum

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
)

func checkDecimal(t *testing.T, x Decimal) {
	t.Helper()
	var got bytes.Buffer
	last := 0.0
	digits, err := x.WriteText(t.Context(), &got, func(fraction float64) {
		if fraction < last || fraction > 1 {
			t.Errorf("progress went from %v to %v", last, fraction)
		}
		last = fraction
	})
	if want := value(x).String(); err != nil || got.String() != want || digits != int64(len(want)) || last != 1 {
		t.Fatalf("wrote %q (%d digits, progress %v, error %v), want %q", got.String(), digits, last, err, want)
	}
}

func TestWriteTextAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for n := range 60 {
		for range 10 {
			checkDecimal(t, randomLimbs(r, n))
		}
	}
	for _, n := range []int{1<<13 - 1, 1 << 13, 1<<13 + 1, 3<<13 + 5} { // Chunks of 2^13 limbs.
		checkDecimal(t, randomLimbs(r, n))
	}
}

// TestWriteTextAroundPowersOfTen takes numbers full of zeros and nines, where a leading zero is easily lost or won.
func TestWriteTextAroundPowersOfTen(t *testing.T) {
	t.Parallel()
	power, one := big.NewInt(1), big.NewInt(1)
	for range 200 {
		for _, x := range []*big.Int{power, new(big.Int).Sub(power, one), new(big.Int).Add(power, one)} {
			if got := value(FromBig(x)); got.Cmp(x) != 0 {
				t.Fatalf("%v became %v", x, got)
			}
			checkDecimal(t, FromBig(x))
		}
		power.Mul(power, big.NewInt(10))
	}
}

func TestDigits8(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for i := range uint64(200_000) {
		v := i
		if i >= 100_000 {
			v = r.Uint64N(1e8)
		}
		var out [8]byte
		binary.LittleEndian.PutUint64(out[:], digits8(v))
		got := uint64(0)
		for _, digit := range out {
			got = 10*got + uint64(digit-'0')
		}
		if got != v {
			t.Fatalf("%d is written %q", v, out)
		}
	}
}

func TestWriteTextTwiceAtOnce(t *testing.T) {
	t.Parallel()
	x := randomLimbs(newRand(t), 9000)
	want := value(x).String()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			var got strings.Builder
			if _, err := x.WriteText(t.Context(), &got, nil); err != nil || got.String() != want {
				t.Errorf("a wrong answer, error %v", err)
			}
		})
	}
	group.Wait()
}

func TestWriteTextReportsTheWriter(t *testing.T) {
	t.Parallel()
	x := randomLimbs(newRand(t), 9000)
	digits, err := x.WriteText(t.Context(), failing{}, nil)
	if !errors.Is(err, io.ErrShortWrite) || digits != 10 {
		t.Errorf("a writer that fails after 10 digits: %d digits, error %v", digits, err)
	}
}

// failing takes ten bytes and fails.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 10, io.ErrShortWrite }

func TestWriteTextStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	x := randomLimbs(newRand(t), 100_000)
	ctx, cancel := context.WithCancel(t.Context())
	digits, err := x.WriteText(ctx, io.Discard, func(fraction float64) {
		if fraction > 0.5 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || digits < 900_000 || digits > 1_200_000 {
		t.Errorf("cancelled half way, it wrote %d of 1800000 digits: %v", digits, err)
	}
	if digits, err := x.WriteText(ctx, io.Discard, nil); digits != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before it began: %d digits, error %v", digits, err)
	}
}

func TestFromBigRefusesNegative(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("FromBig took a negative number")
		}
	}()
	FromBig(big.NewInt(-1))
}
