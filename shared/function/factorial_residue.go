package function

import (
	"context"
	"math/big"
	"math/bits"
	"slices"
)

// factorialResidue returns n! mod m.
func factorialResidue(ctx context.Context, a Args, m uint64) (uint64, error) {
	n := a.get("n")
	if n.Cmp(new(big.Int).SetUint64(m)) >= 0 {
		return 0, nil // m itself is among the factors.
	}
	return factorialModulo(ctx, n.Uint64(), m, func(float64) {})
}

// factorialModulo returns n! mod m, for m from 1 to 2^63, and reports the share done. With G(x) for the product of the numbers up to x that have
// no factor 2, 3 or 5, n! = 2^a·3^b·5^c·∏ G(⌊n/(2^i·3^j·5^k)⌋) over all i, j, k ≥ 0, where a, b and c are Legendre's exponents. So it multiplies only
// the 8 numbers in 30 that are left, and those in pairs.
func factorialModulo(ctx context.Context, n, m uint64, tell func(share float64)) (uint64, error) {
	const small = 256
	if n < small {
		r := 1 % m
		for i := uint64(2); i <= n; i++ {
			r = modulus(m).mul(r, i)
		}
		return r, ctx.Err()
	}
	// The exponent of 2 in n! is more than 64. What is left modulo the odd part of m tells the rest.
	twos := uint64(bits.TrailingZeros64(m)) //nolint:gosec // at most 63
	q := newOddModulus(m >> twos)
	product, coprime, last := q.one, q.one, uint64(0)
	for _, x := range quotients(n) {
		part, err := q.coprimes(ctx, last, x, func(done uint64) { tell(float64(done) / float64(n)) })
		if err != nil {
			return 0, err
		}
		coprime, last = q.mul(coprime, part), x
		product = q.mul(product, coprime)
	}
	for _, p := range []uint64{2, 3, 5} {
		e := legendre(n, p)
		if p == 2 {
			e -= twos
		}
		product = q.mul(product, q.power(q.in(p), e))
	}
	return q.mul(product, 1) << twos, nil
}

// legendre returns how often the prime p is a factor of n!.
func legendre(n, p uint64) uint64 {
	e := uint64(0)
	for n /= p; n > 0; n /= p {
		e += n
	}
	return e
}

// quotients returns all ⌊n/(2^i·3^j·5^k)⌋ above 0, ascending, as often as they occur.
func quotients(n uint64) []uint64 {
	var all []uint64
	for x := n; x > 0; x /= 2 {
		for y := x; y > 0; y /= 3 {
			for z := y; z > 0; z /= 5 {
				all = append(all, z)
			}
		}
	}
	slices.Sort(all)
	return all
}

// oddModulus computes with residues modulo an odd number q < 2^63 by Montgomery's method: a residue r is held as r·2^64 mod q.
type oddModulus struct {
	q, inverse uint64 // inverse·q ≡ 1 modulo 2^64
	one        uint64 // 2^64 mod q
	square     uint64 // 2^128 mod q
}

func newOddModulus(q uint64) oddModulus {
	inverse := q // right in its three lowest bits, then in twice as many each time
	for range 5 {
		inverse *= 2 - q*inverse
	}
	one := bits.Rem64(1, 0, q)
	return oddModulus{q: q, inverse: inverse, one: one, square: modulus(q).mul(one, one)}
}

// mul returns x·y/2^64 mod q for x < q and any y: the product of two residues in Montgomery's form.
func (m *oddModulus) mul(x, y uint64) uint64 {
	// lo·inverse·q has the same lower half as x·y, and x·y and it are both less than q·2^64.
	hi, lo := bits.Mul64(x, y)
	less, _ := bits.Mul64(lo*m.inverse, m.q)
	r, borrow := bits.Sub64(hi, less, 0)
	return r + m.q&-borrow
}

// in returns x in Montgomery's form.
func (m *oddModulus) in(x uint64) uint64 { return m.mul(m.square, x) }

// power returns x^e.
func (m *oddModulus) power(x, e uint64) uint64 {
	r := m.one
	for i := bits.Len64(e) - 1; i >= 0; i-- {
		if r = m.mul(r, r); e>>i&1 == 1 {
			r = m.mul(r, x)
		}
	}
	return r
}

// coprimes returns the product of the numbers above from, up to to, that have no factor 2, 3 or 5, in Montgomery's form. It tells how far it has come.
func (m *oddModulus) coprimes(ctx context.Context, from, to uint64, tell func(done uint64)) (uint64, error) {
	const (
		wheel = 30
		turns = 1 << 18 // between two looks at the context: some milliseconds
		most  = 1<<32 - wheel
	)
	product := m.one
	for from < to {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if from%wheel == 0 && to-from >= wheel && to < most {
			turn := min((to-from)/wheel, turns)
			product = m.mul(product, m.wheels(from/wheel, turn))
			from += turn * wheel
			tell(from)
			continue
		}
		// One by one up to the next multiple of 30, or for want of room for a product of two.
		for first := true; from < to && (first || from%wheel != 0); first = false {
			from++
			if from%2 != 0 && from%3 != 0 && from%5 != 0 {
				product = m.mul(product, m.in(from))
			}
		}
	}
	return product, nil
}

// wheels returns the product, in Montgomery's form, of the numbers from 30·k up to 30·(k+turns) < 2^32 that have no factor 2, 3 or 5. In each turn these are four
// pairs whose products are 900·k·(k+1) + 29, 161, 209 and 221, which go to products of their own, so that a processor can work on all at once.
func (m *oddModulus) wheels(k, turns uint64) uint64 {
	a, b, c, d := m.one, m.one, m.one, m.one
	t := 900 * k * (k + 1)
	for i := range turns {
		a, b, c, d = m.mul(a, t+1*29), m.mul(b, t+7*23), m.mul(c, t+11*19), m.mul(d, t+13*17)
		t += 1800 * (k + i + 1)
	}
	// Each factor was not in Montgomery's form, and has cost a division by 2^64.
	return m.mul(m.mul(m.mul(a, b), m.mul(c, d)), m.power(m.square, 4*turns))
}
