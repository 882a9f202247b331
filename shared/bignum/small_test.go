package bignum

import (
	"math/big"
	"testing"
)

func TestMulSmall(t *testing.T) {
	t.Parallel()
	random := newRand(t)
	x, want := FromUint64(1), big.NewInt(1)
	for range 300 {
		w := 1 + random.Uint64N(FactorLimit-1)>>random.IntN(60)
		if random.IntN(4) == 0 {
			w = FactorLimit - 1
		}
		x = x.MulSmall(w)
		want.Mul(want, new(big.Int).SetUint64(w))
		if got := value(x); got.Cmp(want) != 0 {
			t.Fatalf("after a factor %d the product is %v, want %v", w, got, want)
		}
	}
	if zero := x.MulSmall(0); zero.Limbs() != 0 {
		t.Errorf("a product with 0 has %d limbs", zero.Limbs())
	}
	if zero := (Decimal{}).MulSmall(7); zero.Limbs() != 0 {
		t.Errorf("0·7 has %d limbs", zero.Limbs())
	}
}

func TestMulSmallRefusesLargeFactors(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a factor of 10^18 was taken")
		}
	}()
	FromUint64(1).MulSmall(FactorLimit)
}
