package bignum

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// newRand returns a source that the test's log can name.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// randomLimbs returns n limbs: random, all nines, zeros and nines, or sparse. The last is not 0.
func randomLimbs(r *rand.Rand, n int) Decimal {
	limbs := make([]uint64, n)
	kind := r.IntN(4)
	for i := range limbs {
		switch kind {
		case 0:
			limbs[i] = r.Uint64N(base)
		case 1:
			limbs[i] = base - 1
		case 2:
			limbs[i] = r.Uint64N(2) * (base - 1)
		case 3:
			if r.IntN(8) == 0 {
				limbs[i] = 1 + r.Uint64N(3)
			}
		}
	}
	if n > 0 && limbs[n-1] == 0 {
		limbs[n-1] = 1
	}
	return Decimal{limbs}
}

// value returns x as math/big holds it.
func value(x Decimal) *big.Int {
	switch n := len(x.limbs); n {
	case 0:
		return new(big.Int)
	case 1:
		return new(big.Int).SetUint64(x.limbs[0])
	default:
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(limbWidth*(n/2))), nil)
		low, high := value(Decimal{x.limbs[:n/2]}), value(Decimal{x.limbs[n/2:]})
		return power.Add(power.Mul(power, high), low)
	}
}

// fuzzed reads a number from the bytes of a fuzzer, each of which stands for a limb, again and again.
func fuzzed(data []byte, repeat uint8) Decimal {
	var limbs []uint64
	for range int(repeat)%32 + 1 {
		for _, b := range data {
			switch b % 4 {
			case 0:
				limbs = append(limbs, 0)
			case 1:
				limbs = append(limbs, base-1)
			case 2:
				limbs = append(limbs, uint64(b))
			case 3:
				limbs = append(limbs, uint64(b)*0x9e3779b97f4a7c15%base)
			}
		}
	}
	return normal(limbs)
}
