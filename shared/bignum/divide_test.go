package bignum

import (
	"math/big"
	"testing"
)

func checkDivide(t *testing.T, c Calculator, x, y *big.Int) {
	t.Helper()
	before := new(big.Int).Set(x)
	q, r, err := c.divide(t.Context(), x, c.newDivisor(y))
	if err != nil {
		t.Fatal(err)
	}
	wantQ, wantR := new(big.Int).QuoRem(x, y, new(big.Int))
	if q.Cmp(wantQ) != 0 || r.Cmp(wantR) != 0 {
		t.Fatalf("%x / %x = %x rest %x, want %x rest %x", x, y, q, r, wantQ, wantR)
	}
	q.Add(q, one).Lsh(q, 7)
	r.Add(r, one).Lsh(r, 7)
	if x.Cmp(before) != 0 {
		t.Fatalf("a result of %x / %x shares memory with the dividend", x, y)
	}
}

var one = big.NewInt(1)

func TestDivideAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, limit := range []int{1, 2, 3, 5} {
		c := small(limit, limit)
		for n := 1; n < 40; n++ {
			y := randomWords(r, n)
			square := new(big.Int).Mul(y, y)
			largest := new(big.Int).Sub(square, one)
			multiple := new(big.Int).Mul(y, new(big.Int).Rsh(y, 1))
			for _, x := range []*big.Int{new(big.Int), one, y, largest, multiple, new(big.Int).Sub(y, one), new(big.Int).Mod(randomWords(r, 2*n), square)} {
				if x.Cmp(square) < 0 {
					checkDivide(t, c, x, y)
				}
			}
		}
	}
}

func FuzzDivide(f *testing.F) {
	f.Add([]byte{1, 1, 1, 1, 1, 1, 1, 1}, []byte{1, 1, 1, 1})
	f.Add([]byte{0, 0, 0, 2, 1, 1, 1}, []byte{0, 0, 1, 2})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := number(a), number(b)
		if y.Sign() == 0 {
			return
		}
		x.Mod(x, new(big.Int).Mul(y, y))
		checkDivide(t, small(2, 2), x, y)
	})
}
