package transform

import "math/bits"

// Base is the base of the numbers that are multiplied. Their limbs are in 0…Base−1.
const Base = 1_000_000_000_000_000_000

// Garner's or any other way to a number from its residues would do its arithmetic on three words; this one does it in the base that
// is wanted. With P = p0·p1·p2 and residues v[i], already divided by P/p[i] modulo p[i], the coefficient is Σ v[i]·P/p[i] − q·P, where q is
// the integer part of Σ v[i]/p[i]. P/p[i] and −q·P stand here in base 10^18.
type recombination struct {
	cofactors
	scales [primeCount]float64 // what residues are to be multiplied by first: the inverse of P/p[i] and of a power of two
	digits digitConstants
}

type cofactors struct {
	low, middle [primeCount]uint64 // P/p[i] = low + middle·Base; middle < 2^41
	less        [4]digits          // −q·P, q = 0, 1, 2
}

// digits is the number low + middle·Base + high·Base², 0 ≤ low, middle < Base.
type digits struct {
	low, middle uint64
	high        int64
}

// recombinations[k] is for residues that are too large by 2^k.
var recombinations = makeRecombinations()

func makeRecombinations() *[maxLog + 4]recombination {
	var all [maxLog + 4]recombination
	shared := recombination{cofactors: makeCofactors(), digits: makeDigitConstants()}
	for k := range all {
		r := &all[k]
		*r = shared
		for i := range primes {
			c := &primes[i]
			r.scales[i] = reduce(mul(c.lift, c.half[k], c), c)
			r.digits.primes[i].scale = r.scales[i]
		}
	}
	return &all
}

func makeCofactors() cofactors {
	var c cofactors
	for i := range c.low {
		hi, lo := bits.Mul64(moduli[(i+1)%primeCount], moduli[(i+2)%primeCount])
		c.middle[i], c.low[i] = bits.Div64(hi, lo, Base)
	}
	for q := 1; q < primeCount; q++ { // One less P/p[0] multiplied by p[0], each time.
		lowHi, lowLo := bits.Mul64(c.low[0], moduli[0])
		midHi, midLo := bits.Mul64(c.middle[0], moduli[0])
		carry, low := bits.Div64(lowHi, lowLo, Base)
		midLo, up := bits.Add64(midLo, carry, 0)
		high, middle := bits.Div64(midHi+up, midLo, Base)
		c.less[q] = c.less[q-1].minus(low, middle, int64(high)) //nolint:gosec // below 2^31
	}
	return c
}

func (d digits) minus(low, middle uint64, high int64) digits {
	var borrow uint64
	d.low, borrow = subtractDigit(d.low, low, 0)
	d.middle, borrow = subtractDigit(d.middle, middle, borrow)
	d.high -= high + int64(borrow) //nolint:gosec // 0 or 1
	return d
}

func subtractDigit(x, y, borrow uint64) (diff, borrowed uint64) {
	diff, borrowed = bits.Sub64(x, y, borrow)
	return diff + Base*borrowed, borrowed
}

// carry is what coefficients leave over for the next limb and for the one after it. Both may be a little below 0 on the way, though their sum is not.
type carry struct{ next, after int64 }

// reciprocal is ⌊2^123/Base⌋, a word with its top bit set.
const reciprocal = (1 << 123) / Base

// divide returns quotient and remainder of hi·2^64 + lo < 2^112 by Base. With t = ⌊x/2^48⌋ the quotient's estimate t·reciprocal/2^75 is less than
// x/Base by at most 2^48/Base + 2^64·2^48/2^123 + 1 < 2, so that it is right or one too small.
func divide(hi, lo uint64) (q, r uint64) {
	q, _ = bits.Mul64(hi<<16|lo>>48, reciprocal)
	q >>= 11
	r, low := bits.Sub64(lo-q*Base, Base, 0)
	return q + 1 - low, r + Base&-low
}

// portableLimbs is in integers: it has no vectors to fill.
func portableLimbs(z []uint64, x [primeCount][]float64, c *recombination, before carry) carry {
	for i := range x {
		portableFinish(x[i][:len(z)], c.scales[i], &primes[i])
	}
	return c.limbs(z, x, before)
}

// portableFinish sets x to s·x, from 0 to p−1.
func portableFinish(x []float64, s float64, c *prime) {
	for i, v := range x {
		v = mul(reduce(v, c), s, c)
		if v < 0 {
			v += c.p
		}
		x[i] = v
	}
}

// limbs computes the limbs z that belong to as many coefficients, whose residues are x, from 0 to p−1 each. before is what is left over by
// the coefficients before; it returns what these leave.
//
// The integer part of s = Σ v[i]/p[i] is safe: s is computed with an error below 2^-49, and the exact s is q + x/P with x/P < coefficientShare.
func (c *recombination) limbs(z []uint64, x [primeCount][]float64, before carry) carry {
	const safety = 1.0 / (1 << 30)
	inv0, inv1, inv2 := primes[0].inv, primes[1].inv, primes[2].inv
	x0, x1, x2 := x[0][:len(z)], x[1][:len(z)], x[2][:len(z)]
	low0, low1, low2 := c.low[0], c.low[1], c.low[2]
	middle0, middle1, middle2 := c.middle[0], c.middle[1], c.middle[2]
	next, after := uint64(before.next), uint64(before.after) //nolint:gosec // here they are never negative
	for j := range z {
		f0, f1, f2 := x0[j], x1[j], x2[j]
		less := &c.less[int(f0*inv0+f1*inv1+f2*inv2+safety)&3]
		v0, v1, v2 := uint64(int64(f0)), uint64(int64(f1)), uint64(int64(f2)) //nolint:gosec // 0 ≤ f < 2^50

		hi, lo := bits.Mul64(v0, low0)
		h, l := bits.Mul64(v1, low1)
		lo, up := bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, up)
		h, l = bits.Mul64(v2, low2)
		lo, up = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, up)
		lo, up = bits.Add64(lo, less.low, 0)
		q, low := divide(hi+up, lo)

		hi, lo = bits.Mul64(v0, middle0)
		h, l = bits.Mul64(v1, middle1)
		lo, up = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, up)
		h, l = bits.Mul64(v2, middle2)
		lo, up = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, up)
		lo, up = bits.Add64(lo, less.middle, 0)
		hi += up
		lo, up = bits.Add64(lo, q, 0)
		q, middle := divide(hi+up, lo)

		s, under := bits.Sub64(low+next, Base, 0)
		s += Base & -under
		one := 1 - under
		s, under = bits.Sub64(s, Base, 0)
		z[j] = s + Base&-under
		next, after = middle+after+one+1-under, q+uint64(less.high) //nolint:gosec // the sum is not negative
	}
	return carry{int64(next), int64(after)} //nolint:gosec // below 2^61
}

// add adds what is left over to the limbs from z[at] on.
func add(z []uint64, at int, c carry) {
	up := c.next
	for i := at; i < len(z) && (up != 0 || i <= at+1); i++ {
		if i == at+1 {
			up += c.after
		}
		z[i], up = digit(int64(z[i]) + up) //nolint:gosec // below 2^60
	}
}

// digit returns t modulo Base and the rest of it.
func digit(t int64) (limb uint64, up int64) {
	up = t / Base
	if t -= up * Base; t < 0 {
		t, up = t+Base, up-1
	}
	return uint64(t), up //nolint:gosec // 0 ≤ t < Base
}
