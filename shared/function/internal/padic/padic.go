// Package padic tells how a factorial ends, however long it is: its zeros, and the digits before them. Each question has two answers by different roads,
// which check each other.
package padic

import (
	"context"
	"math/big"
	"math/bits"
	"slices"
)

// Digits is how many digits before the zeros can be told.
const Digits = 20

// modulus is 5^Digits, below 2^47.
const modulus = 95_367_431_640_625

// Zeros returns how many zeros n! ends in: as many as it has factors of 5, by Legendre ⌊n/5⌋ + ⌊n/25⌋ + ….
func Zeros(n *big.Int) *big.Int {
	zeros, q, five := new(big.Int), new(big.Int).Set(n), big.NewInt(5)
	for q.Quo(q, five); q.Sign() > 0; q.Quo(q, five) {
		zeros.Add(zeros, q)
	}
	return zeros
}

// BeforeZeros returns the last Digits digits of n! before its zeros, for n ≥ 100, from unit = n!/5^zeros modulo 5^Digits.
//
// There are more than Digits factors of 2 left once each factor of 5 has taken one, so the number is 2^Digits·y with y ≡ unit/2^(zeros + Digits) modulo
// 5^Digits, where exponents count modulo 4·5^(Digits−1) (Euler).
func BeforeZeros(unit uint64, zeros *big.Int) *big.Int {
	m, period := big.NewInt(modulus), big.NewInt(modulus/5*4)
	e := new(big.Int).Add(zeros, big.NewInt(Digits))
	e.Neg(e).Mod(e, period)
	y := e.Exp(big.NewInt(2), e, m)
	y.Mul(y, new(big.Int).SetUint64(unit)).Mod(y, m)
	return y.Lsh(y, Digits)
}

// Unit returns n!/5^zeros modulo 5^Digits.
//
// With P(x) for the product of the numbers up to x that 5 does not divide, n!/5^zeros = P(n)·P(⌊n/5⌋)·P(⌊n/25⌋)·…, as the multiples of 5 up to n are those of
// the numbers up to ⌊n/5⌋ times 5. Of 5^Digits numbers in a row the product is −1 (Wilson's theorem for powers of primes), so
// the last Digits digits of x to the base 5 make P(x), and the parity of what stands before them its sign.
func Unit(ctx context.Context, n *big.Int) (uint64, error) {
	digits := n.Text(5)
	blocks := newBlocks()
	unit, odd := uint64(1), 0
	for end := 1; end <= len(digits); end++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		// ⌊n/5^i⌋ for i = len(digits) − end. 5 being odd, a number is as odd as the sum of its digits.
		start := max(end-Digits, 0)
		if start > 0 {
			odd ^= int(digits[start-1]) & 1
		}
		p := blocks.product(digits[start:end])
		if odd == 1 {
			p = modulus - p
		}
		unit = mul(unit, p)
	}
	return unit, nil
}

// blocks[k] is the product of the numbers from 5^k·t + 1 to 5^k·t + 5^k that 5 does not divide, as a polynomial in t modulo 5^Digits, the lowest coefficient
// first. Where t stands in it i times, it does so with the factor 5^(k·i): the polynomials get shorter, and past k = Digits they are constant.
type blocks [Digits][]uint64

func newBlocks() *blocks {
	var b blocks
	b[1] = polynomial{1}.times(1).times(2).times(3).times(4)
	for k := 1; k+1 < len(b); k++ {
		// t of the smaller blocks is 5t + c for c from 0 to 4.
		product := polynomial{1}
		for c := range uint64(5) {
			product = product.mul(polynomial(b[k]).of(c))
		}
		b[k+1] = product
	}
	return &b
}

// product returns P(x) for x < 5^Digits with those digits: a block of each size for each unit of the digit, and the numbers left at the end.
func (b *blocks) product(digits string) uint64 {
	p, prefix := uint64(1), uint64(0)
	for i, digit := range digits {
		k := len(digits) - 1 - i
		prefix *= 5
		for range digit - '0' {
			if k == 0 {
				prefix++
				p = mul(p, prefix)
				continue
			}
			p = mul(p, polynomial(b[k]).at(prefix))
			prefix++
		}
	}
	return p
}

// polynomial is one modulo 5^Digits, the lowest coefficient first.
type polynomial []uint64

// times returns p·(a + 5t).
func (p polynomial) times(a uint64) polynomial { return p.mul(polynomial{a, 5}) }

// mul returns the product, without coefficients of zero at its end.
func (p polynomial) mul(q polynomial) polynomial {
	r := make(polynomial, len(p)+len(q)-1)
	for i, x := range p {
		for j, y := range q {
			r[i+j] = (r[i+j] + mul(x, y)) % modulus
		}
	}
	for len(r) > 1 && r[len(r)-1] == 0 {
		r = r[:len(r)-1]
	}
	return r
}

// of returns p(5t + c), by Horner's rule.
func (p polynomial) of(c uint64) polynomial {
	r := polynomial{p[len(p)-1]}
	for i := len(p) - 2; i >= 0; i-- {
		r = r.times(c)
		r[0] = (r[0] + p[i]) % modulus
	}
	return r
}

// at returns p(t).
func (p polynomial) at(t uint64) uint64 {
	r := uint64(0)
	for _, coefficient := range slices.Backward(p) {
		r = (mul(r, t) + coefficient) % modulus
	}
	return r
}

// mul returns x·y modulo 5^Digits, for x or y below it.
func mul(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return bits.Rem64(hi, lo, modulus)
}
