package bignum

import (
	"context"
	"errors"
	"math/big"
	"testing"
	"time"

	"numbermill/shared/bignum/internal/transform"
)

// engines multiply in all ways there are: as they come, and with limits so low that small numbers take every path.
func engines(threads int) map[string]*Engine {
	c := Config{Threads: threads}
	return map[string]*Engine{
		"as it comes":          New(c),
		"portable":             New(Config{Threads: threads, Portable: true}),
		"word by word":         newEngine(c, limits{columnMost, columnMost + 1, transform.Longest}),
		"Karatsuba":            newEngine(c, limits{4, 1 << 30, transform.Longest}),
		"transforms only":      newEngine(c, limits{1, 1, transform.Longest}),
		"up to 100 limbs":      newEngine(c, limits{8, 10, 100}),
		"Karatsuba in between": newEngine(c, limits{4, 30, 200}),
	}
}

func checkMul(t *testing.T, name string, e *Engine, x, y Decimal) {
	t.Helper()
	before := value(x)
	got, err := e.Mul(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	if want := new(big.Int).Mul(before, value(y)); value(got).Cmp(want) != 0 {
		t.Fatalf("%s: a wrong product of %d by %d limbs", name, x.Limbs(), y.Limbs())
	}
	for i := range got.limbs {
		got.limbs[i] = 7
	}
	if value(x).Cmp(before) != 0 {
		t.Fatalf("%s: a product shares memory with its operand of %d limbs", name, x.Limbs())
	}
}

func TestMulAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for name, e := range engines(1) {
		for range 300 {
			x := randomLimbs(r, r.IntN(1+r.IntN(columnMost)))
			checkMul(t, name, e, x, randomLimbs(r, r.IntN(1+r.IntN(columnMost))))
			checkMul(t, name, e, x, x)
		}
		if name == "word by word" {
			continue
		}
		for range 10 {
			x := randomLimbs(r, r.IntN(3000))
			checkMul(t, name, e, x, randomLimbs(r, r.IntN(1+r.IntN(3000))))
			checkMul(t, name, e, x, x)
		}
	}
}

// TestMulAtItsLimits goes to both sides of every length at which the method changes.
func TestMulAtItsLimits(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for name, e := range engines(2) {
		for _, limit := range []int{e.limits.karatsuba, e.limits.transform, e.limits.longest / 2} {
			if limit > 2000 || name == "word by word" {
				continue
			}
			for n := max(limit-1, 1); n <= limit+1; n++ {
				for _, m := range []int{n, n + 1, 2 * n, 4*n - 1, 4 * n, 9 * n} {
					checkMul(t, name, e, randomLimbs(r, n), randomLimbs(r, m))
				}
				x := randomLimbs(r, n)
				checkMul(t, name, e, x, x)
			}
		}
	}
}

// TestRingLaws needs no other arithmetic: it compares results that ought to be equal.
func TestRingLaws(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for name, e := range engines(2) {
		mul := func(x, y Decimal) Decimal {
			z, err := e.Mul(t.Context(), x, y)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}
		for range 40 {
			n := 1 + r.IntN(columnMost-2)
			x, y, z := randomLimbs(r, n), randomLimbs(r, 1+r.IntN(n)), randomLimbs(r, 1+r.IntN(n))
			add := func(x, y Decimal) Decimal { return mustAdd(t, e, x, y) }
			if !equal(mul(x, add(y, z)), add(mul(x, y), mul(x, z))) {
				t.Errorf("%s: x·(y + z) ≠ x·y + x·z for %d, %d and %d limbs", name, x.Limbs(), y.Limbs(), z.Limbs())
			}
			if !equal(mul(x, y), mul(y, x)) {
				t.Errorf("%s: x·y ≠ y·x for %d and %d limbs", name, x.Limbs(), y.Limbs())
			}
			sum := add(x, y)
			if !equal(mustSub(t, e, mul(sum, sum), mul(y, y)), mul(x, add(sum, y))) {
				t.Errorf("%s: (x + y)² − y² ≠ x·(x + 2y) for %d and %d limbs", name, x.Limbs(), y.Limbs())
			}
		}
	}
}

// TestAllNines squares 10^k − 1, which has carries everywhere: 10^2k − 2·10^k + 1.
func TestAllNines(t *testing.T) {
	t.Parallel()
	for name, e := range engines(2) {
		for _, n := range []int{1, 2, 10, 47, 48, 49, 200, 250} {
			nines := make([]uint64, n)
			for i := range nines {
				nines[i] = base - 1
			}
			got, err := e.Sqr(t.Context(), Decimal{nines})
			if err != nil {
				t.Fatal(err)
			}
			for i, limb := range got.limbs {
				want := uint64(0)
				switch {
				case i == 0:
					want = 1
				case i == n:
					want = base - 2
				case i > n:
					want = base - 1
				}
				if limb != want {
					t.Fatalf("%s: limb %d of the square of %d nines is %d, want %d", name, i, 18*n, limb, want)
				}
			}
		}
	}
}

func TestPowersOfTen(t *testing.T) {
	t.Parallel()
	for name, e := range engines(1) {
		for n := 1; n < columnMost; n += 1 + n/8 {
			x := make([]uint64, n)
			x[n-1] = 1000
			checkMul(t, name, e, Decimal{x}, Decimal{x})
			checkMul(t, name, e, Decimal{x}, Decimal{x[n-1:]})
		}
	}
}

// TestMulOver gives products the memory of a factor, or not enough of it.
func TestMulOver(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for name, e := range engines(2) {
		for range 100 {
			x, y := randomLimbs(r, r.IntN(250)), randomLimbs(r, r.IntN(1+r.IntN(250)))
			want := new(big.Int).Mul(value(x), value(y))
			room := x.Limbs() + r.IntN(2*(y.Limbs()+2))
			owned, err := e.WithRoom(t.Context(), x, room)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.MulOver(t.Context(), owned, y)
			if err != nil || value(got).Cmp(want) != 0 {
				t.Fatalf("%s: a wrong product of %d by %d limbs with room for %d, error %v", name, x.Limbs(), y.Limbs(), room, err)
			}
			if enough := room > x.Limbs()+y.Limbs(); enough && x.Limbs() > 0 && y.Limbs() > 0 && &got.limbs[0] != &owned.limbs[0] {
				t.Fatalf("%s: the product of %d by %d limbs is not where there is room for it", name, x.Limbs(), y.Limbs())
			}
		}
	}
}

func TestSquares(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, threads := range []int{1, 2, 5} {
		e := New(Config{Threads: threads})
		defer e.Close()
		for _, n := range []int{0, 1, aside - 1, aside, 1000, apart, apart + 1} {
			x, y := randomLimbs(r, n), randomLimbs(r, max(n-1, 0))
			wantX, _ := e.Sqr(t.Context(), x)
			wantY, _ := e.Sqr(t.Context(), y)
			xx, yy, err := e.Squares(t.Context(), x, y)
			if err != nil {
				t.Fatal(err)
			}
			if !equal(xx, wantX) || !equal(yy, wantY) {
				t.Errorf("%d threads: two squares of %d limbs are not what each is alone", threads, n)
			}
		}
	}
}

func TestProduct(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for name, e := range engines(2) {
		for _, n := range []int{0, 1, 2, leafFactors, leafFactors + 1, 100, 1000 + r.IntN(5000)} {
			factors, want := make([]uint64, n), big.NewInt(1)
			for i := range factors {
				factors[i] = 1 + r.Uint64N(FactorLimit-1)
				want.Mul(want, new(big.Int).SetUint64(factors[i]))
			}
			if name == "word by word" && n > columnMost {
				continue
			}
			got, err := e.Product(t.Context(), factors)
			if err != nil || value(got).Cmp(want) != 0 {
				t.Errorf("%s: a wrong product of %d factors, error %v", name, n, err)
			}
		}
	}
}

func TestMulStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	const most = 250 * time.Millisecond
	r := newRand(t)
	for name, e := range engines(2) {
		x, y := randomLimbs(r, 300_000), randomLimbs(r, 200_000)
		if name == "word by word" || name == "Karatsuba" {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan time.Time, 1)
		time.AfterFunc(10*time.Millisecond, func() {
			stopped <- time.Now()
			cancel()
		})
		_, err := e.Mul(ctx, x, y)
		if late := time.Since(<-stopped); late > most || (err != nil && !errors.Is(err, context.Canceled)) {
			t.Errorf("%s: cancelled, it returned %v later, want at most %v; error %v", name, late, most, err)
		}
		if _, err := e.Mul(ctx, FromUint64(3), FromUint64(4)); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got the error %v, want context.Canceled or none", name, err)
		}
	}
}

func FuzzMul(f *testing.F) {
	f.Add([]byte{1, 1, 1, 1, 1, 1, 1, 1, 1}, []byte{1, 1, 1, 1, 1}, uint8(9))
	f.Add([]byte{0, 0, 2}, []byte{255, 0, 1, 1}, uint8(0))
	f.Fuzz(func(t *testing.T, a, b []byte, repeat uint8) {
		x, y := fuzzed(a, repeat), fuzzed(b, repeat)
		for name, e := range engines(2) {
			if name != "word by word" || min(x.Limbs(), y.Limbs()) <= columnMost {
				checkMul(t, name, e, x, y)
			}
		}
	})
}
