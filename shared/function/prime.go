package function

import (
	"context"
	"math"
	"slices"

	"numbermill/shared/bignum"
)

// oddPrimes returns the primes from 3 to n < 2^32, by the sieve of Eratosthenes in segments that fit into a cache.
func oddPrimes(ctx context.Context, engine *bignum.Engine, n uint64) ([]uint32, error) {
	if n < 9 { // No odd composite yet, and an end to the recursion.
		return []uint32{3, 5, 7}[:(max(n, 1)-1)/2], nil
	}
	small, err := oddPrimes(ctx, engine, uint64(math.Sqrt(float64(n)))+1)
	if err != nil {
		return nil, err
	}
	const segment = 1 << 19        // numbers, of which only the odd ones are held
	segments := int(n/segment) + 1 //nolint:gosec // n < 2^32
	runs := min(4*engine.Threads(), segments)
	found := make([][]uint32, runs)
	err = engine.Each(ctx, runs, sieveWork*float64(n), func(run int) {
		composite := make([]bool, min(segment, n+2)/2)
		for i := run * segments / runs; i < (run+1)*segments/runs && ctx.Err() == nil; i++ {
			low := uint64(i) * segment //nolint:gosec // not negative
			sieve(composite, low, small)
			found[run] = appendPrimes(found[run], composite, low, n)
		}
	})
	return slices.Concat(found...), err
}

// sieveWork is what it takes to find whether a number is prime, in bignum's units of work.
const sieveWork = 12

// appendPrimes appends the odd primes up to n of a segment.
func appendPrimes(primes []uint32, composite []bool, low, n uint64) []uint32 {
	for i := range composite {
		if odd := low + uint64(2*i+1); !composite[i] && 3 <= odd && odd <= n {
			primes = append(primes, uint32(odd)) //nolint:gosec // up to n < 2^32
		}
	}
	return primes
}

// sieve sets composite[i] to whether low + 2i + 1 is a multiple of one of the primes, beyond the prime itself; low is even.
func sieve(composite []bool, low uint64, primes []uint32) {
	clear(composite)
	high := low + 2*uint64(len(composite))
	for _, prime := range primes {
		p := uint64(prime)
		first := max(p*p, (low+p-1)/p*p)
		if first%2 == 0 {
			first += p
		}
		for ; first < high; first += 2 * p {
			composite[(first-low)/2] = true
		}
	}
}
