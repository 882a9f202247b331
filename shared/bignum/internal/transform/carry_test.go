package transform

import (
	"math/big"
	"math/bits"
	"testing"
)

func TestDivide(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for i := range 100_000 {
		hi, lo := r.Uint64N(1<<48), r.Uint64()
		if i%2 == 0 { // Around a multiple of the base.
			hi, lo = bits.Mul64(r.Uint64N(1<<52), Base)
			var borrow uint64
			lo, borrow = bits.Sub64(lo, r.Uint64N(2), 0)
			hi -= borrow
			if hi >= 1<<48 {
				continue
			}
		}
		q, rem := divide(hi, lo)
		if wantQ, wantR := bits.Div64(hi, lo, Base); q != wantQ || rem != wantR {
			t.Fatalf("%d·2^64 + %d divided by 10^18 is %d rest %d, want %d rest %d", hi, lo, q, rem, wantQ, wantR)
		}
	}
}

// TestRecombine takes coefficients near 0, near the largest, and near where a quotient changes.
func TestRecombine(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	product, largest := big.NewInt(1), new(big.Float).SetInt64(1)
	for _, p := range moduli {
		product.Mul(product, new(big.Int).SetUint64(p))
	}
	largest.Mul(new(big.Float).SetInt(product), big.NewFloat(coefficientShare))
	limit, _ := largest.Int(nil)
	for range 20_000 {
		n := 1 + r.IntN(5)
		want, power := new(big.Int), big.NewInt(1)
		v := [primeCount][]float64{make([]float64, n), make([]float64, n), make([]float64, n)}
		for j := range n {
			x := new(big.Int).SetUint64(r.Uint64N(3))
			switch r.IntN(3) {
			case 0:
				x.Sub(limit, x)
			case 1:
				x.Rsh(x.Mul(limit, big.NewInt(int64(r.Uint64N(1<<62)))), 62)
			}
			for i := range primes {
				p := new(big.Int).SetUint64(moduli[i])
				cofactor := new(big.Int).Quo(product, p)
				residue := new(big.Int).Mul(x, cofactor.ModInverse(cofactor, p))
				v[i][j] = float64(residue.Mod(residue, p).Uint64())
			}
			want.Add(want, new(big.Int).Mul(x, power))
			power.Mul(power, big.NewInt(Base))
		}
		z := make([]uint64, n+3)
		add(z, n, recombine.limbs(z[:n], v[0], v[1], v[2], carry{}))
		if got := value(z); got.Cmp(want) != 0 {
			t.Fatalf("the coefficients add up to %v, want %v", got, want)
		}
	}
}
