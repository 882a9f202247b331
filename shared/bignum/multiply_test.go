package bignum

import (
	"context"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"
)

func TestMulAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, limit := range []int{1, 2, 3, 7} {
		c := small(limit, 1)
		for n := range 40 {
			for m := range n + 2 {
				x, y := randomWords(r, n), randomWords(r, m)
				before := new(big.Int).Set(x)
				got, err := c.Mul(t.Context(), x, y)
				if err != nil {
					t.Fatal(err)
				}
				if want := new(big.Int).Mul(x, y); got.Cmp(want) != 0 {
					t.Fatalf("pieces of %d words: %x · %x = %x, want %x", limit, x, y, got, want)
				}
				got.Add(got, big.NewInt(1))
				if x.Cmp(before) != 0 {
					t.Fatalf("the product shares memory with its operand of %d words", n)
				}
			}
		}
	}
}

func TestMulAtItsThreshold(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, n := range []int{defaultMulWords - 1, defaultMulWords, defaultMulWords + 1, 2*defaultMulWords + 3} {
		x, y := randomWords(r, n), randomWords(r, n-1)
		got, err := Calculator{}.Mul(t.Context(), x, y)
		if want := new(big.Int).Mul(x, y); err != nil || got.Cmp(want) != 0 {
			t.Errorf("%d words: a wrong product, error %v", n, err)
		}
	}
}

func TestSqrAgreesWithMul(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	c := small(2, 1)
	for n := range 60 {
		x := randomWords(r, n)
		got, err := c.Sqr(t.Context(), x)
		if want := new(big.Int).Mul(x, x); err != nil || got.Cmp(want) != 0 {
			t.Fatalf("(%x)² = %x, want %x; error %v", x, got, want, err)
		}
	}
}

func TestMulRingLaws(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	c := small(2, 1)
	mul := func(x, y *big.Int) *big.Int {
		z, err := c.Mul(t.Context(), x, y)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for range 200 {
		x, y, z := randomWords(r, r.IntN(30)), randomWords(r, r.IntN(30)), randomWords(r, r.IntN(30))
		if mul(x, y).Cmp(mul(y, x)) != 0 {
			t.Fatalf("xy ≠ yx for %x, %x", x, y)
		}
		if mul(mul(x, y), z).Cmp(mul(x, mul(y, z))) != 0 {
			t.Fatalf("(xy)z ≠ x(yz) for %x, %x, %x", x, y, z)
		}
		sum := new(big.Int).Add(y, z)
		if mul(x, sum).Cmp(sum.Add(mul(x, y), mul(x, z))) != 0 {
			t.Fatalf("x(y+z) ≠ xy+xz for %x, %x, %x", x, y, z)
		}
	}
}

func TestMulRefusesNegative(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Mul took a negative number")
		}
	}()
	_, _ = Calculator{}.Mul(t.Context(), big.NewInt(-1), big.NewInt(1))
}

func TestMulTellsItsWork(t *testing.T) {
	t.Parallel()
	for _, lengths := range [][2]int{{3000, 3000}, {9000, 9000}, {50_000, 50_000}, {60_000, 7000}, {30_000, 100}} {
		x, y := dense(lengths[0]), dense(lengths[1])
		done := 0.0
		c := Calculator{Worked: func(units float64) { done += units }}
		if _, err := c.Mul(t.Context(), x, y); err != nil {
			t.Fatal(err)
		}
		if want := Work(float64(x.BitLen()), float64(y.BitLen())); math.Abs(done/want-1) > 0.1 {
			t.Errorf("%v words: told %.4g units, predicted %.4g", lengths, done, want)
		}
	}
}

func TestMulStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	x := dense(1 << 20) // 20 million digits
	for _, tick := range []int{1, 7, 50} {
		late, err := cancelDuring(t, tick, time.Duration(tick)*100*time.Microsecond, func(ctx context.Context, tick func()) error {
			c := Calculator{Worked: func(float64) { tick() }}
			_, err := c.Sqr(ctx, x)
			return err
		})
		if !errors.Is(err, context.Canceled) || late > 250*time.Millisecond {
			t.Errorf("cancelled after piece %d: it returned %v later: %v", tick, late, err)
		}
	}
}

func FuzzMul(f *testing.F) {
	f.Add([]byte{1, 1, 1, 1, 1}, []byte{1, 1, 1, 1})
	f.Add([]byte{0, 0, 0, 2}, []byte{3, 7, 11, 1, 0, 0, 2})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := number(a), number(b)
		got, err := small(2, 1).Mul(t.Context(), x, y)
		if want := new(big.Int).Mul(x, y); err != nil || got.Cmp(want) != 0 {
			t.Fatalf("%x · %x = %x, want %x; error %v", x, y, got, want, err)
		}
	})
}
