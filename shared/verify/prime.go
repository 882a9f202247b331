package verify

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math/bits"
)

const (
	primeBits = 61
	// mostSteps is how far the search goes from where it begins: the longest gap between primes of so few bits is shorter.
	mostSteps = 2000
)

// randomPrime draws a prime of 61 bits: the first from a random odd number on. crypto/rand has one for secrets, which takes as long as a small
// computation.
func randomPrime() (uint64, error) {
	for {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return 0, fmt.Errorf("draw a prime: %w", err)
		}
		// The highest and the lowest bit are set.
		n := binary.LittleEndian.Uint64(b[:])>>(64-primeBits) | 1<<(primeBits-1) | 1
		for end := n + mostSteps; n < min(end, 1<<primeBits); n += 2 {
			if isPrime(n) {
				return n, nil
			}
		}
	}
}

// smallPrimes are tried first: seven of ten odd composites have one as a factor.
var smallPrimes = [...]uint64{3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53}

// bases leave no composite below 2^64 undetected by the test of Miller and Rabin. They are Jim Sinclair's, of 2011, checked against the list of all
// numbers below 2^64 that pass it for base 2.
var bases = [...]uint64{2, 325, 9375, 28178, 450775, 9780504, 1795265022}

// isPrime tells whether an odd n, above all bases, is prime.
func isPrime(n uint64) bool {
	for _, p := range smallPrimes {
		if n%p == 0 {
			return false
		}
	}
	twos := bits.TrailingZeros64(n - 1)
	for _, base := range bases {
		if !passes(n, base, twos) {
			return false
		}
	}
	return true
}

// passes tells whether n, with n − 1 = odd·2^twos, passes the test for a base: base^odd is 1, or one of its squarings is −1.
func passes(n, base uint64, twos int) bool {
	x := uint64(1)
	for i := bits.Len64(n-1) - 1; i >= twos; i-- {
		x = mulMod(x, x, n)
		if (n-1)>>i&1 == 1 {
			x = mulMod(x, base, n)
		}
	}
	for range twos {
		if x == 1 || x == n-1 {
			break
		}
		if x = mulMod(x, x, n); x == 1 {
			return false
		}
	}
	return x == 1 || x == n-1
}

// mulMod returns x·y modulo n, of which both are residues.
func mulMod(x, y, n uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	_, rem := bits.Div64(hi, lo, n)
	return rem
}
