package function

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestFactorialModulo compares with factorials written out, for moduli of all kinds.
func TestFactorialModulo(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 5))
	moduli := []uint64{1, 2, 3, 30, 1 << 62, 1 << 63, 1<<63 - 1, 1<<63 - 25, 1<<61 - 1, 1_000_000_007, 5_000_000_000, 3 << 40, 12345 << 20}
	x := big.NewInt(1)
	for n := uint64(1); n <= 3000; n++ {
		x.Mul(x, new(big.Int).SetUint64(n))
		if n > 300 && n%30 > 1 && n%7 != 0 {
			continue
		}
		for _, m := range append(moduli, rnd.Uint64()>>1|1, rnd.Uint64()>>1, 4000+rnd.Uint64N(1<<20)) {
			want := modulus(m).of(x)
			if got, err := factorialModulo(t.Context(), n, m, func(float64) {}); err != nil || got != want {
				t.Fatalf("seed %d: %d! mod %d = %d, want %d; error %v", seed, n, m, got, want, err)
			}
		}
	}
}

// TestFactorialModuloByWilson uses Wilson's theorem (p−1)! ≡ −1, and n!·(p−1−n)! ≡ (−1)^(n+1), modulo a prime p.
func TestFactorialModuloByWilson(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 6))
	of := func(n, p uint64) uint64 {
		r, err := factorialModulo(t.Context(), n, p, func(float64) {})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, p := range []uint64{1009, 65537, 10_000_019, 100_000_007} {
		if got := of(p-1, p); got != p-1 {
			t.Errorf("(%d−1)! mod %[1]d = %d, want −1", p, got)
		}
		n := rnd.Uint64N(p)
		want := []uint64{p - 1, 1}[n%2]
		if got := modulus(p).mul(of(n, p), of(p-1-n, p)); got != want {
			t.Errorf("seed %d: %d!·(%d−1−%[2]d)! mod %[3]d = %d, want %d", seed, n, p, got, want)
		}
	}
}

// TestFactorialModuloBeyondPairs takes products across 2^32, above which two factors no longer fit into a word.
func TestFactorialModuloBeyondPairs(t *testing.T) {
	t.Parallel()
	q := newOddModulus(1<<61 - 1)
	for _, from := range []uint64{1<<32 - 1000, 1<<32 - 33, 1<<32 - 60, 1 << 32, 1 << 40} {
		want := uint64(1)
		for x := from + 1; x <= from+500; x++ {
			if x%2 != 0 && x%3 != 0 && x%5 != 0 {
				want = modulus(q.q).mul(want, x)
			}
		}
		got, err := q.coprimes(t.Context(), from, from+500, func(uint64) {})
		if got = q.mul(got, 1); err != nil || got != want {
			t.Errorf("from %d on the product is %d, want %d; error %v", from, got, want, err)
		}
	}
}

func TestFactorialModuloStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	told := 0.0
	_, err := factorialModulo(ctx, 1<<40, 1<<61-1, func(share float64) {
		if share < told {
			t.Errorf("the share done falls from %v to %v", told, share)
		}
		told = share
		cancel()
	})
	if !errors.Is(err, context.Canceled) || told == 0 {
		t.Errorf("got the error %v after %v of the work, want context.Canceled", err, told)
	}
}

func BenchmarkFactorialModulo(b *testing.B) {
	for b.Loop() {
		if _, err := factorialModulo(b.Context(), 1e8, 1<<61-1, func(float64) {}); err != nil {
			b.Fatal(err)
		}
	}
}
