package transform

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
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

// TestLimbs takes coefficients near 0, near the largest, and near where a quotient changes, through the kernels of every machine.
func TestLimbs(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	product, largest := big.NewInt(1), new(big.Float)
	for _, p := range moduli {
		product.Mul(product, new(big.Int).SetUint64(p))
	}
	largest.Mul(new(big.Float).SetInt(product), big.NewFloat(coefficientShare))
	limit, _ := largest.Int(nil)
	for range 3000 {
		n, scale := kernelStep*(1+r.IntN(3)), r.IntN(30)
		want, power := new(big.Int), big.NewInt(1)
		x := [primeCount][]float64{make([]float64, n), make([]float64, n), make([]float64, n)}
		for j := range n - r.IntN(kernelStep) {
			value := randomCoefficient(r, limit)
			want.Add(want, new(big.Int).Mul(value, power))
			power.Mul(power, big.NewInt(Base))
			for i, p := range moduli {
				x[i][j] = randomResidue(r, new(big.Int).Lsh(value, uint(scale)), p)
			}
		}
		for _, k := range allKernels() {
			z := make([]uint64, n+3)
			y := [primeCount][]float64{slices.Clone(x[0]), slices.Clone(x[1]), slices.Clone(x[2])}
			add(z, n, k.limbs(z[:n], y, &recombinations[scale], carry{}))
			if got := value(z); got.Cmp(want) != 0 {
				t.Fatalf("%s: the coefficients add up to %v, want %v", k.name, got, want)
			}
		}
	}
}

// randomCoefficient returns a number from 0 to limit.
func randomCoefficient(r *rand.Rand, limit *big.Int) *big.Int {
	x := new(big.Int).SetUint64(r.Uint64N(3))
	switch r.IntN(4) {
	case 0:
		return x.Sub(limit, x)
	case 1:
		return x.Rsh(x.Mul(limit, big.NewInt(int64(r.Uint64N(1<<62)))), 62)
	case 2: // On one side of a multiple of a digit's base.
		base := new(big.Int).Exp(big.NewInt(digitBase), big.NewInt(int64(1+r.IntN(4))), nil)
		return x.Add(x, base.Mul(base, big.NewInt(1+r.Int64N(500_000_000)))).Sub(x, big.NewInt(1))
	}
	return x
}

// randomResidue returns x modulo p, as an integer up to 8p in size.
func randomResidue(r *rand.Rand, x *big.Int, p uint64) float64 {
	rest := new(big.Int).Mod(x, new(big.Int).SetUint64(p)).Int64()
	return float64(rest + int64(p)*(r.Int64N(15)-7))
}
