package transform

import (
	"math"
	"math/big"
)

// The kernels in assembly find the limbs of a coefficient in float64, several coefficients at a time. With the cofactors P/p[i] in base B = 10^9 and
// v[i] ≤ 5/8·p[i] in size, the outcome of a mul, the coefficient is Σ v[i]·P/p[i] − q·P. Here q is the integer next to
// Σ v[i]/p[i] − coefficientShare/2, whose exact value is within coefficientShare/2 of q, so that no error can make it round to another.
//
//   - A digit c of a cofactor is at most B/2 in size, but for the highest, which is below 2^11. So h = fl(v·c) < 2^78.3, and l = fma(v, c, −h) is
//     exact and at most 2^25.
//   - What is left of h after the multiple of B next to it has been taken away is exact, as in bounds.go, and at most 5/8·B. All sums of those are
//     below 2^33, and all sums of quotients below 2^51: exact.
//   - The last step takes multiples of B away from each digit, rounded down, and adds the quotients, below 2^21 in size, to the next digit. An error
//     of less than 2^-30 < 1/B in the quotient can but leave B in the place of 0.
//
// So digits are from −2^21 to B + 2^21, and what pairs of them make in base 10^18 is from −0.003·Base to 1.003·Base; the highest one is below 2^30 in size.
type digitConstants struct {
	primes [primeCount]struct {
		p, inv, scale float64
		cofactor      [4]float64 // P/p, lowest digit first
	}
	base, inverse, margin float64
	product               [5]float64 // P
}

const digitBase = 1_000_000_000

// makeDigitConstants makes all but the scales.
func makeDigitConstants() digitConstants {
	d := digitConstants{base: digitBase, inverse: 1.0 / digitBase, margin: coefficientShare / 2}
	product := big.NewInt(1)
	for _, n := range moduli {
		product.Mul(product, new(big.Int).SetUint64(n))
	}
	for i := range d.primes {
		c := &d.primes[i]
		c.p, c.inv = primes[i].p, primes[i].inv
		balanced(c.cofactor[:], new(big.Int).Quo(product, new(big.Int).SetUint64(moduli[i])))
	}
	balanced(d.product[:], product)
	return d
}

// balanced sets digits to those of x in base digitBase, from −digitBase/2 to digitBase/2 all but the last.
func balanced(digits []float64, x *big.Int) {
	base, half := big.NewInt(digitBase), big.NewInt(digitBase/2)
	rest := new(big.Int).Set(x)
	for k := range len(digits) - 1 {
		digit := new(big.Int).Add(rest, half)
		digit.Mod(digit, base).Sub(digit, half)
		digits[k] = float64(digit.Int64())
		rest.Sub(rest, digit).Quo(rest, base)
	}
	digits[len(digits)-1] = float64(rest.Int64())
}

// digitLimbs makes the kernel limbs of a routine that turns residues into integers in base 10^18, lowest first, in their place.
func digitLimbs(digits func(x0, x1, x2 *float64, n int, c *float64)) func([]uint64, [primeCount][]float64, *recombination, carry) carry {
	return func(z []uint64, x [primeCount][]float64, c *recombination, before carry) carry {
		n := len(x[0])
		_, _ = x[1][n-1], x[2][n-1]
		digits(&x[0][0], &x[1][0], &x[2][0], n, &c.digits.primes[0].p)
		return sumDigits(z, x, before)
	}
}

// sumDigits adds what the coefficients contribute to each limb. Nearly always the sum is from 0 to 2·Base − 1.
func sumDigits(z []uint64, x [primeCount][]float64, before carry) carry {
	low, middle, high := x[0][:len(z)], x[1][:len(z)], x[2][:len(z)]
	next, after := before.next, before.after
	for j := range z {
		t := integer(low[j]) + next - Base
		under := t >> 63
		t += Base & under
		up := 1 + under
		if uint64(t) >= Base { //nolint:gosec // a negative t is large
			limb, more := digit(t)
			t, up = int64(limb), up+more //nolint:gosec // below Base
		}
		z[j] = uint64(t) //nolint:gosec // 0 ≤ t < Base
		next, after = integer(middle[j])+after+up, integer(high[j])
	}
	return carry{next, after}
}

// integer returns the integer that a kernel has put in the place of x.
func integer(x float64) int64 { return int64(math.Float64bits(x)) } //nolint:gosec // two's complement
