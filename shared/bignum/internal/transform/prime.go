package transform

import "math/bits"

// prime is a prime number p = c·2^34 + 1 just below 2^50 with what its arithmetic needs. Residues are integers held in float64, of either sign
// and not always reduced; how far they may grow is said in bounds.go. The assembly reads the first two fields by their offsets.
type prime struct {
	p, inv float64 // p and the float64 nearest to 1/p

	n     uint64              // p
	roots [twoAdicity]float64 // roots[k] is a primitive root of unity of order 2^(k+2), and the square of roots[k+1]
	lift  float64             // inverse of the product of the other primes
	half  [maxLog + 4]float64 // half[k] is 1/2^k
}

const (
	twoAdicity = 32 // p − 1 is a multiple of 2^34
	maxLog     = 30 // the longest transform has 2^30 points
	primeCount = 3
)

// moduli are the largest primes of their form below 2^50.
var moduli = [primeCount]uint64{65520<<34 + 1, 65512<<34 + 1, 65500<<34 + 1}

var primes = makePrimes()

func makePrimes() *[primeCount]prime {
	var all [primeCount]prime
	for i, n := range moduli {
		others := uint64(1)
		for j, m := range moduli {
			if j != i {
				others = mulMod(others, m, n)
			}
		}
		all[i] = newPrime(n, others)
	}
	return &all
}

func newPrime(n, others uint64) prime {
	c := prime{p: float64(n), inv: 1 / float64(n), n: n}
	generator := uint64(2)
	for powMod(generator, (n-1)/2, n) != n-1 { // until it is no square: then it has the full power of two in its order
		generator++
	}
	root := powMod(generator, (n-1)>>(twoAdicity+1), n)
	for k := twoAdicity - 1; k >= 0; k-- {
		c.roots[k] = c.center(root)
		root = mulMod(root, root, n)
	}
	c.lift = c.center(powMod(others%n, n-2, n))
	half := uint64(1)
	for k := range c.half {
		c.half[k] = c.center(half)
		half = mulMod(half, (n+1)/2, n)
	}
	return c
}

// center returns the residue of x < p that lies between −p/2 and p/2.
func (c *prime) center(x uint64) float64 {
	if x > c.n/2 {
		return -float64(c.n - x)
	}
	return float64(x)
}

// mulMod returns x·y mod m, for x < m or y < m.
func mulMod(x, y, m uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return bits.Rem64(hi, lo, m)
}

// powMod returns x^e mod m.
func powMod(x, e, m uint64) uint64 {
	r := uint64(1)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mulMod(r, x, m)
		}
		x = mulMod(x, x, m)
	}
	return r
}
