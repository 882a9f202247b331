package bignum

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
)

func checkDecimal(t *testing.T, c Calculator, x *big.Int) {
	t.Helper()
	var got bytes.Buffer
	last := 0.0
	digits, err := c.writeDecimal(t.Context(), &got, x, func(fraction float64) {
		if fraction < last || fraction > 1 {
			t.Errorf("progress went from %v to %v", last, fraction)
		}
		last = fraction
	})
	if want := x.String(); err != nil || got.String() != want || digits != int64(len(want)) || last != 1 {
		t.Fatalf("wrote %q (%d digits, progress %v, error %v), want %q", got.String(), digits, last, err, want)
	}
}

func TestWriteDecimalAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, limit := range []int{1, 2, 3} {
		for n := range 60 {
			checkDecimal(t, small(limit, limit), randomWords(r, n))
		}
	}
}

// TestWriteDecimalAroundPowersOfTen takes numbers full of zeros and nines, where a leading zero is easily lost or won.
func TestWriteDecimalAroundPowersOfTen(t *testing.T) {
	t.Parallel()
	power := big.NewInt(1)
	for range 400 {
		checkDecimal(t, small(1, 1), power)
		checkDecimal(t, small(1, 1), new(big.Int).Sub(power, one))
		checkDecimal(t, small(1, 1), new(big.Int).Add(power, one))
		power.Mul(power, big.NewInt(10))
	}
}

func TestWriteDecimalAtItsThreshold(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, n := range []int{defaultDecimalWords - 1, defaultDecimalWords, defaultDecimalWords + 1, 2*defaultDecimalWords - 1, 2*defaultDecimalWords + 1} {
		checkDecimal(t, Calculator{}, randomWords(r, n))
	}
}

func TestWriteDecimalTwiceAtOnce(t *testing.T) {
	t.Parallel()
	x := dense(9000)
	natural, want := FromBig(x), x.String()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			var got strings.Builder
			if _, err := natural.WriteDecimal(t.Context(), &got, nil); err != nil || got.String() != want {
				t.Errorf("a wrong answer, error %v", err)
			}
		})
	}
	group.Wait()
}

func TestWriteDecimalReportsTheWriter(t *testing.T) {
	t.Parallel()
	x := dense(9000)
	digits, err := FromBig(x).WriteDecimal(t.Context(), io.Discard, nil)
	if err != nil || digits != int64(len(x.String())) {
		t.Errorf("a writer that takes everything: %d digits, error %v", digits, err)
	}
	digits, err = FromBig(x).WriteDecimal(t.Context(), failing{}, nil)
	if !errors.Is(err, io.ErrShortWrite) || digits != 10 {
		t.Errorf("a writer that fails after 10 digits: %d digits, error %v", digits, err)
	}
}

// failing takes ten bytes and fails.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 10, io.ErrShortWrite }

func TestWriteDecimalStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	x := FromBig(dense(1 << 20)) // 20 million digits
	for _, tick := range []int{1, 20, 90} {
		late, err := cancelDuring(t, tick, time.Duration(tick)*100*time.Microsecond, func(ctx context.Context, tick func()) error {
			_, err := x.WriteDecimal(ctx, io.Discard, func(float64) { tick() })
			return err
		})
		if !errors.Is(err, context.Canceled) || late > 250*time.Millisecond {
			t.Errorf("cancelled after piece %d: it returned %v later: %v", tick, late, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if digits, err := FromBig(one).WriteDecimal(ctx, io.Discard, nil); digits != 0 || !errors.Is(err, context.Canceled) {
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

func FuzzWriteDecimal(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0, 2})
	f.Add([]byte{1, 1, 1, 1, 1, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, a []byte) { checkDecimal(t, small(1, 1), number(a)) })
}
