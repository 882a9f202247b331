package transform

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// value returns the value of limbs.
func value(x []uint64) *big.Int {
	if len(x) == 0 {
		return new(big.Int)
	}
	if len(x) == 1 {
		return new(big.Int).SetUint64(x[0])
	}
	half := len(x) / 2
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(18*half)), nil)
	return power.Add(power.Mul(power, value(x[half:])), value(x[:half]))
}

func random(r *rand.Rand, n int) []uint64 {
	x := make([]uint64, n)
	kind := r.IntN(4)
	for i := range x {
		switch kind {
		case 0:
			x[i] = r.Uint64N(Base)
		case 1:
			x[i] = Base - 1
		case 2:
			x[i] = r.Uint64N(2) * (Base - 1)
		case 3:
			if r.IntN(10) == 0 {
				x[i] = r.Uint64N(Base)
			}
		}
	}
	return x
}

func TestMultiply(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range []bool{true, false} {
		m := New(p)
		for _, threads := range []int{1, 2} {
			run := &Run{Context: t.Context(), Threads: threads}
			for _, n := range []int{2, 3, 10, 47, 48, 49, 50, 64, 65, 66, 80, 81, 82, 96, 97, 98, 128, 129, 160, 161, 320, 640, 1000, 1280, 2000, 3000, 5000, 8000, 12288, 20000, 40000, 50000, 70000} {
				a := 1 + r.IntN(n-1)
				if n > 300 {
					a = n/2 + r.IntN(10)
				}
				x, y := random(r, a), random(r, n-a)
				z := make([]uint64, n)
				if err := m.Multiply(run, z, x, y); err != nil {
					t.Fatal(err)
				}
				if value(z).Cmp(new(big.Int).Mul(value(x), value(y))) != 0 {
					t.Errorf("wrong product of %d limbs with %s kernels and %d threads", n, m.Kernels(), threads)
				}
				z = make([]uint64, 2*a)
				if err := m.Multiply(run, z, x, x); err != nil {
					t.Fatal(err)
				}
				if value(z).Cmp(new(big.Int).Mul(value(x), value(x))) != 0 {
					t.Errorf("wrong square of %d limbs with %s kernels and %d threads", n, m.Kernels(), threads)
				}
			}
		}
	}
}
