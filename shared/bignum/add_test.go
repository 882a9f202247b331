package bignum

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"testing"
)

func equal(x, y Decimal) bool { return slices.Equal(x.limbs, y.limbs) }

func mustAdd(t *testing.T, e *Engine, x, y Decimal) Decimal {
	t.Helper()
	z, err := e.Add(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func mustSub(t *testing.T, e *Engine, x, y Decimal) Decimal {
	t.Helper()
	z, err := e.Sub(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAddAndSub(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	e := New(Config{Threads: 2})
	for i := range 2000 {
		x, y := randomLimbs(r, r.IntN(30)), randomLimbs(r, r.IntN(30))
		if i < 50 { // Around the ends of stretches.
			x, y = randomLimbs(r, (1+i%3)*stretch-1+r.IntN(3)), randomLimbs(r, stretch-1+r.IntN(2*stretch))
		}
		sum := mustAdd(t, e, x, y)
		if want := new(big.Int).Add(value(x), value(y)); value(sum).Cmp(want) != 0 {
			t.Fatalf("a wrong sum of %d and %d limbs", x.Limbs(), y.Limbs())
		}
		if got := x.Add(y); !equal(got, sum) {
			t.Fatalf("without an Engine, another sum of %d and %d limbs", x.Limbs(), y.Limbs())
		}
		if got := mustSub(t, e, sum, y); !equal(got, x) {
			t.Fatalf("x + y − y is not x for %d and %d limbs", x.Limbs(), y.Limbs())
		}
		if got := mustSub(t, e, x, x); got.Limbs() != 0 {
			t.Fatalf("%d limbs less themselves are %d limbs", x.Limbs(), got.Limbs())
		}
	}
}

// TestCarriesGoFar adds 1 to nines and takes it away again, across stretches.
func TestCarriesGoFar(t *testing.T) {
	t.Parallel()
	e := New(Config{Threads: 2})
	for _, n := range []int{1, stretch - 1, stretch, stretch + 1, 3 * stretch} {
		nines := make([]uint64, n)
		for i := range nines {
			nines[i] = base - 1
		}
		power := mustAdd(t, e, Decimal{nines}, FromUint64(1))
		if power.Limbs() != n+1 || power.limbs[n] != 1 || slices.Max(power.limbs[:n]) != 0 {
			t.Errorf("%d limbs of nines and 1 are not a power of ten", n)
		}
		if got := mustSub(t, e, power, FromUint64(1)); !equal(got, Decimal{nines}) {
			t.Errorf("a power of ten less 1 is not %d limbs of nines", n)
		}
		twice, err := e.Double(t.Context(), mustAdd(t, e, Decimal{nines}, Decimal{}))
		if want := mustAdd(t, e, Decimal{nines}, Decimal{nines}); err != nil || !equal(twice, want) {
			t.Errorf("twice %d limbs of nines is wrong, error %v", n, err)
		}
		x, y, err := e.Combine(t.Context(), mustAdd(t, e, power, Decimal{}), mustAdd(t, e, Decimal{nines}, Decimal{}), Row{1, -1, 2}, Row{4, -3, -3})
		if want := mustAdd(t, e, power, FromUint64(0)); err != nil || !equal(x, FromUint64(3)) || !equal(y, want) {
			t.Errorf("combinations of %d limbs of nines and what follows them are wrong, error %v", n, err)
		}
	}
}

func TestSubRefusesNegative(t *testing.T) {
	t.Parallel()
	e := New(Config{})
	for _, c := range []struct{ x, y Decimal }{{FromUint64(3), FromUint64(4)}, {FromUint64(3), Decimal{[]uint64{0, 1}}}, {Decimal{}, FromUint64(1)}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v − %v was not refused", value(c.x), value(c.y))
				}
			}()
			_, _ = e.Sub(t.Context(), c.x, c.y)
		}()
	}
}

// TestLongAdditionStops sees that the context is looked at, before anything is done and between stretches.
func TestLongAdditionStops(t *testing.T) {
	t.Parallel()
	x := randomLimbs(newRand(t), 10*stretch)
	ctx, cancel := context.WithCancel(t.Context())
	e := New(Config{Worked: func(float64) { cancel() }})
	_, addErr := e.Add(ctx, x, x)
	_, subErr := e.Sub(ctx, x, x)
	_, doubleErr := e.Double(ctx, Decimal{slices.Clone(x.limbs)})
	_, _, combineErr := e.Combine(ctx, Decimal{slices.Clone(x.limbs)}, Decimal{slices.Clone(x.limbs)}, Row{X: 1}, Row{Y: 1})
	for _, err := range []error{addErr, subErr, doubleErr, combineErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got the error %v, want that of the context", err)
		}
	}
}

func TestCombine(t *testing.T) {
	t.Parallel()
	e := New(Config{})
	r := newRand(t)
	for range 5000 {
		x, y := randomLimbs(r, 1+r.IntN(20)), randomLimbs(r, 1+r.IntN(20))
		rows := [2]Row{}
		want := [2]*big.Int{}
		for i := range rows {
			for want[i] == nil || want[i].Sign() < 0 {
				rows[i] = Row{r.Int64N(9) - 4, r.Int64N(9) - 4, r.Int64N(9) - 4}
				want[i] = new(big.Int).Mul(value(x), big.NewInt(rows[i].X))
				want[i].Add(want[i], new(big.Int).Mul(value(y), big.NewInt(rows[i].Y))).Add(want[i], big.NewInt(rows[i].One))
			}
		}
		twice, err := e.Double(t.Context(), mustAdd(t, e, x, Decimal{}))
		if err != nil || !equal(twice, mustAdd(t, e, x, x)) {
			t.Fatalf("twice %v is %v", value(x), value(twice))
		}
		first, second, err := e.Combine(t.Context(), x, y, rows[0], rows[1])
		if err != nil || value(first).Cmp(want[0]) != 0 || value(second).Cmp(want[1]) != 0 {
			t.Fatalf("%v give %v and %v, want %v and %v", rows, value(first), value(second), want[0], want[1])
		}
	}
}

func TestFromUint64(t *testing.T) {
	t.Parallel()
	for _, x := range []uint64{0, 1, base - 1, base, base + 1, 1<<64 - 1} {
		if got := value(FromUint64(x)); got.Cmp(new(big.Int).SetUint64(x)) != 0 {
			t.Errorf("%d became %v", x, got)
		}
	}
}

func TestAddSmall(t *testing.T) {
	t.Parallel()
	for _, x := range []uint64{0, 1, base - 1, base, base + 1, 1<<64 - 1} {
		for _, w := range []int64{0, 1, 3, base - 1, -1, -3, -(base - 1)} {
			want := new(big.Int).Add(new(big.Int).SetUint64(x), big.NewInt(w))
			if want.Sign() < 0 {
				continue
			}
			if got := value(FromUint64(x).AddSmall(w)); got.Cmp(want) != 0 {
				t.Errorf("%d + %d = %v, want %v", x, w, got, want)
			}
		}
	}
}
