package transform

import (
	"context"
	"errors"
	"math/big"
	"math/bits"
	"sync/atomic"
	"testing"
)

func TestPrimes(t *testing.T) {
	t.Parallel()
	product := 1.0
	for i := range primes {
		c := &primes[i]
		if !new(big.Int).SetUint64(c.n).ProbablyPrime(20) || c.n >= 1<<50 || (c.n-1)%(1<<34) != 0 {
			t.Errorf("%d is not a prime c·2^34 + 1 below 2^50", c.n)
		}
		product *= c.p / (1 << 50)
		root := func(k int) uint64 { return uint64(int64(c.roots[k])+int64(c.n)) % c.n }
		for k := 1; k < twoAdicity; k++ {
			if mulMod(root(k), root(k), c.n) != root(k-1) {
				t.Errorf("modulo %d the square of root %d is not root %d", c.n, k, k-1)
			}
		}
		if mulMod(root(0), root(0), c.n) != c.n-1 {
			t.Errorf("modulo %d root 0 squared is not −1", c.n)
		}
	}
	if product < 0.998 {
		t.Errorf("the product of the primes is %v·2^150, want at least 0.998", product)
	}
	// bounds.go: half as many terms as the longest product has limbs, each below 10^36.
	if share := Longest / 2 * 1e36 / product / (1 << 50) / (1 << 50) / (1 << 50); share > coefficientShare {
		t.Errorf("the largest coefficient is %v of the product of the primes, want at most %v", share, coefficientShare)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for n := range 10_000 {
		got := fit(n)
		if got.points() < n || got.log < minLog {
			t.Fatalf("fit(%d) = %v", n, got)
		}
		for _, rows := range []int{3, 4, 5} {
			for log := minLog; log < 14; log++ {
				if points := rows << log; points >= n && points < got.points() {
					t.Fatalf("fit(%d) = %v, though %d·2^%d suffices", n, got, rows, log)
				}
			}
		}
	}
}

// TestTableGrows compares twiddles with powers of the roots, in tables of all lengths that are made of shorter ones, and looks for their inverses.
func TestTableGrows(t *testing.T) {
	t.Parallel()
	for _, k := range allKernels() {
		for _, reserved := range []length{{3, minLog}, {5, 11}} { // The second leaves room to grow in place.
			var twiddles tables
			twiddles.reserve(reserved, new(pool))
			for log := minLog; log < 12; log++ {
				for rows := 3; rows <= 5; rows++ {
					made := newTestTable(t, &twiddles, length{rows, log}, k)
					for i := range primes {
						checkTwiddles(t, made, i, length{rows, log})
					}
				}
			}
		}
	}
}

func checkTwiddles(t *testing.T, twiddles *table, index int, n length) {
	t.Helper()
	c, w := &primes[index], twiddles.forward[index]
	for b := range n.points() / 2 {
		want := 1.0
		for k := range bits.Len(uint(b)) {
			if b>>k&1 == 1 {
				want = reduce(mul(want, c.roots[k], c), c)
			}
		}
		if w[b] != want {
			t.Fatalf("twiddle %d of %v is %v, want %v", b, n, w[b], want)
		}
		if b == 0 || b >= n.points()/4 {
			continue
		}
		v, m := twiddles.inverses(index, b)
		for _, pair := range [][2]float64{{w[b], v[m.w]}, {w[2*b], v[m.v]}, {w[2*b+1], v[m.v-1]}} {
			if got := reduce(mul(pair[0], pair[1], c), c); got != -1 {
				t.Fatalf("twiddle and negated inverse of block %d of %v multiply to %v, want −1", b, n, got)
			}
		}
	}
}

func TestEachStops(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		var count atomic.Int64
		err := (&Run{Context: ctx, Threads: threads}).Each(1000, 2*soloWork, func(int) {
			if count.Add(1) == 10 {
				cancel()
			}
		})
		if got := count.Load(); !errors.Is(err, context.Canceled) || got > 20 {
			t.Errorf("%d threads made %d calls after a cancellation at the tenth: %v", threads, got, err)
		}
	}
}

func TestEachPanicsOnTheCaller(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 4} {
		func() {
			defer func() {
				if got := recover(); got != "broken" {
					t.Errorf("%d threads: recovered %v, want the panic of one call", threads, got)
				}
			}()
			_ = (&Run{Context: t.Context(), Threads: threads}).Each(100, 2*soloWork, func(i int) {
				if i == 50 {
					panic("broken")
				}
			})
		}()
	}
}
