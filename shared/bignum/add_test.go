package bignum

import (
	"math/big"
	"slices"
	"testing"
)

func equal(x, y Decimal) bool { return slices.Equal(x.limbs, y.limbs) }

func TestAddAndSub(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for range 2000 {
		x, y := randomLimbs(r, r.IntN(30)), randomLimbs(r, r.IntN(30))
		sum := x.Add(y)
		if want := new(big.Int).Add(value(x), value(y)); value(sum).Cmp(want) != 0 {
			t.Fatalf("%v + %v = %v, want %v", value(x), value(y), value(sum), want)
		}
		if got := sum.Sub(y); !equal(got, x) {
			t.Fatalf("%v − %v = %v, want %v", value(sum), value(y), value(got), value(x))
		}
		if got := x.Sub(x); got.Limbs() != 0 {
			t.Fatalf("%v less itself = %v", value(x), value(got))
		}
	}
}

func TestSubRefusesNegative(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ x, y Decimal }{{FromUint64(3), FromUint64(4)}, {FromUint64(3), Decimal{[]uint64{0, 1}}}, {Decimal{}, FromUint64(1)}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v − %v was not refused", value(c.x), value(c.y))
				}
			}()
			c.x.Sub(c.y)
		}()
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
		twice, err := e.Double(t.Context(), x.Add(Decimal{}))
		if err != nil || !equal(twice, x.Add(x)) {
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
