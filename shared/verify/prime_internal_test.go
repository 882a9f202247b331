package verify

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"
)

func TestRandomPrimesArePrimes(t *testing.T) {
	t.Parallel()
	seen := map[uint64]bool{}
	for range 200 {
		p, err := randomPrime()
		if err != nil {
			t.Fatal(err)
		}
		if bits.Len64(p) != primeBits || !new(big.Int).SetUint64(p).ProbablyPrime(20) {
			t.Errorf("drew %d, want a prime of %d bits", p, primeBits)
		}
		seen[p] = true
	}
	if len(seen) < 190 {
		t.Errorf("of 200 primes %d differ", len(seen))
	}
}

// math/big is sure of numbers below 2^64.
func TestPrimesAreToldFromComposites(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	numbers := []uint64{
		1<<61 - 1,                                           // a Mersenne prime
		3825123056546413051, 341550071728321, 3474749660383, // strong pseudoprimes to several bases
		4294967291 * 4294967279, 4294967291 * 4294967291, // products of large primes
	}
	for range 20_000 {
		numbers = append(numbers, rnd.Uint64()>>rnd.IntN(30)|1)
	}
	for _, n := range numbers {
		if got, want := isPrime(n), new(big.Int).SetUint64(n).ProbablyPrime(0); got != want {
			t.Errorf("%d: got prime %v, want %v", n, got, want)
		}
	}
}
