package transform

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// newRand returns a source that the test's log can name.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// allKernels are the portable ones and all that this machine can run.
func allKernels() []*kernels { return append(assemblies(), &portable) }

// all returns a Multiplier with each of them.
func all(longest int) []*Multiplier {
	var m []*Multiplier
	for _, k := range allKernels() {
		m = append(m, newMultiplier(k, longest))
	}
	return m
}

// randomLimbs returns n limbs: random, all nines, nines and zeros, or sparse.
func randomLimbs(r *rand.Rand, n int) []uint64 {
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
				x[i] = 1 + r.Uint64N(3)
			}
		}
	}
	return x
}

// value returns the number that the limbs stand for.
func value(x []uint64) *big.Int {
	switch half := len(x) / 2; len(x) {
	case 0:
		return new(big.Int)
	case 1:
		return new(big.Int).SetUint64(x[0])
	default:
		power := new(big.Int).Exp(big.NewInt(Base), big.NewInt(int64(half)), nil)
		return power.Add(power.Mul(power, value(x[half:])), value(x[:half]))
	}
}

// residue returns the number that the limbs stand for, modulo m.
func residue(x []uint64, m uint64) uint64 {
	r := uint64(0)
	for _, limb := range slices.Backward(x) {
		r = (mulMod(r, Base%m, m) + limb%m) % m
	}
	return r
}

func newTestTable(t *testing.T, twiddles *tables, n length, k *kernels) *table {
	t.Helper()
	made, err := twiddles.get(&Run{Context: t.Context(), Threads: 2}, n, k, new(pool))
	if err != nil {
		t.Fatal(err)
	}
	return made
}
