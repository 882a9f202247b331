package bignum

import (
	"context"
	"math/bits"
)

// Add returns x + y.
func (x Decimal) Add(y Decimal) Decimal {
	a, b := x.limbs, y.limbs
	if len(a) < len(b) {
		a, b = b, a
	}
	z := make([]uint64, len(a)+1)
	copy(z, a)
	z[len(a)] = addTo(z[:len(a)], b)
	return normal(z)
}

// Sub returns x − y, which must not be negative.
func (x Decimal) Sub(y Decimal) Decimal {
	z := make([]uint64, len(x.limbs))
	copy(z, x.limbs)
	if len(y.limbs) > len(z) || subFrom(z, y.limbs) != 0 {
		panic("bignum: a negative difference")
	}
	return normal(z)
}

// AddSmall returns x + w, for |w| < 10^18, which must not be negative. It does so in the memory of x, which is lost.
func (x Decimal) AddSmall(w int64) Decimal {
	z := extend(x.limbs, len(x.limbs)+1)
	if w >= 0 {
		addTo(z, []uint64{uint64(w)})
	} else if subFrom(z, []uint64{uint64(-w)}) != 0 {
		panic("bignum: a negative sum")
	}
	return normal(z)
}

// addTo adds y to z, which is at least as long, and returns the carry, 0 or 1.
func addTo(z, y []uint64) uint64 {
	var carry uint64
	head := z[:len(y)]
	for i, v := range y {
		s, under := bits.Sub64(head[i]+v+carry, base, 0)
		head[i], carry = s+base&-under, 1-under
	}
	for i := len(y); carry != 0 && i < len(z); i++ {
		if z[i]++; z[i] < base {
			return 0
		}
		z[i] = 0
	}
	return carry
}

// subFrom takes y from z, which is at least as long, and returns the borrow, 0 or 1.
func subFrom(z, y []uint64) uint64 {
	var borrow uint64
	head := z[:len(y)]
	for i, v := range y {
		s, under := bits.Sub64(head[i], v, borrow)
		head[i], borrow = s+base&-under, under
	}
	for i := len(y); borrow != 0 && i < len(z); i++ {
		if z[i] > 0 {
			z[i]--
			return 0
		}
		z[i] = base - 1
	}
	return borrow
}

// Row is a linear combination x·X + y·Y + one, with factors from −4 to 4 and |one| ≤ 4.
type Row struct{ X, Y, One int64 }

// Combine computes two linear combinations of x and y, neither of which may be negative. It does so in the memory of x and y, which are lost.
func (e *Engine) Combine(ctx context.Context, x, y Decimal, first, second Row) (a, b Decimal, err error) {
	const stretch = 1 << 20 // limbs, after which the context is looked at
	n := max(len(x.limbs), len(y.limbs)) + 1
	p, q := extend(x.limbs, n), extend(y.limbs, n)
	carry1, carry2 := first.One, second.One
	for i := 0; i < n; i += stretch {
		if err := ctx.Err(); err != nil {
			return a, b, err
		}
		end := min(i+stretch, n)
		carry1, carry2 = combine(p[i:end], q[i:end], first, second, carry1, carry2)
	}
	if carry1 != 0 || carry2 != 0 {
		panic("bignum: a negative combination")
	}
	return normal(p), normal(q), nil
}

// Double returns 2·x, in the memory of x, which is lost.
func (e *Engine) Double(ctx context.Context, x Decimal) (Decimal, error) {
	z := extend(x.limbs, len(x.limbs)+1)
	carry := int64(0)
	for i, v := range z {
		if i%(1<<20) == 0 && ctx.Err() != nil {
			return Decimal{}, ctx.Err()
		}
		z[i], carry = digit(2*int64(v) + carry) //nolint:gosec // below 2^60
	}
	return normal(z), ctx.Err()
}

func combine(x, y []uint64, first, second Row, carry1, carry2 int64) (up1, up2 int64) {
	y = y[:len(x)]
	for i, v := range x {
		v, w := int64(v), int64(y[i]) //nolint:gosec // below 2^60
		x[i], carry1 = digit(first.X*v + first.Y*w + carry1)
		y[i], carry2 = digit(second.X*v + second.Y*w + carry2)
	}
	return carry1, carry2
}

// digit returns t modulo 10^18 and the rest of it, for |t| ≤ 8·10^18.
func digit(t int64) (limb uint64, carry int64) {
	const up = 9             // times the base make it positive and less than 2^64
	u := uint64(t) + up*base //nolint:gosec // modulo 2^64
	q := u / base
	return u - q*base, int64(q) - up //nolint:gosec // below 18
}

// extend returns x with n limbs, in its memory if that has room.
func extend(x []uint64, n int) []uint64 {
	if n <= cap(x) {
		tail := x[len(x):n]
		clear(tail)
		return x[:n]
	}
	z := make([]uint64, n)
	copy(z, x)
	return z
}
