package function

import (
	"context"
	"math"
)

// oddPrimes returns the primes from 3 to n < 2^32, by the sieve of Eratosthenes in segments that fit into a cache.
func oddPrimes(ctx context.Context, n uint64) ([]uint32, error) {
	if n < 9 { // No odd composite yet, and an end to the recursion.
		return []uint32{3, 5, 7}[:(max(n, 1)-1)/2], nil
	}
	small, err := oddPrimes(ctx, uint64(math.Sqrt(float64(n)))+1)
	if err != nil {
		return nil, err
	}
	span := min(1<<19, n+2) / 2 * 2 // numbers in a segment, of which only the odd ones are held
	var primes []uint32
	composite := make([]bool, span/2)
	for low := uint64(0); low <= n; low += span {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sieve(composite, low, small)
		for i := range composite {
			if odd := low + uint64(2*i+1); !composite[i] && 3 <= odd && odd <= n {
				primes = append(primes, uint32(odd))
			}
		}
	}
	return primes, nil
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
