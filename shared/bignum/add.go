package bignum

import (
	"context"
	"math/bits"

	"numbermill/shared/bignum/internal/transform"
)

// Add returns x + y. It looks at no context: an Engine adds what has more than some million limbs.
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

// Add returns x + y.
func (e *Engine) Add(ctx context.Context, x, y Decimal) (Decimal, error) {
	if len(x.limbs) < len(y.limbs) {
		x, y = y, x
	}
	return e.eachLimb(ctx, x.limbs, y.limbs, func(z, y []uint64) int64 { return int64(addTo(z, y)) }) //nolint:gosec // 0 or 1
}

// Sub returns x − y, and panics if that is negative.
func (e *Engine) Sub(ctx context.Context, x, y Decimal) (Decimal, error) {
	if len(x.limbs) < len(y.limbs) {
		panic("bignum: a negative difference")
	}
	return e.eachLimb(ctx, x.limbs, y.limbs, func(z, y []uint64) int64 { return -int64(subFrom(z, y)) }) //nolint:gosec // 0 or 1
}

// eachLimb copies x and does f with each stretch of the copy and of y, which is not longer. f returns the carry.
func (e *Engine) eachLimb(ctx context.Context, x, y []uint64, f func(z, y []uint64) int64) (Decimal, error) {
	z, err := transform.Make(ctx, len(x)+1, e.start)
	if err != nil {
		return Decimal{}, err
	}
	ups := make([]int64, stretches(len(x)))
	err = e.stretches(ctx, len(x), doubleWork, func(i, start, end int) {
		copy(z[start:end], x[start:end])
		ups[i] = f(z[start:end], y[min(start, len(y)):min(end, len(y))])
	})
	if err != nil {
		return Decimal{}, err
	}
	up := carryOn(z[:len(x)], ups)
	if up < 0 {
		panic("bignum: a negative difference")
	}
	z[len(x)] = uint64(up)
	return normal(z), nil
}

// AddSmall returns x + w, for |w| < 10^18, which must not be negative. It does so in the memory of x, which is lost and, if x comes from an Engine, has
// room for it. The carry goes far only through zeros or nines, and through some 10^9 limbs in a second.
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
	n := max(len(x.limbs), len(y.limbs)) + 1
	p, q := extend(x.limbs, n), extend(y.limbs, n)
	ups := make([][2]int64, stretches(n))
	err = e.stretches(ctx, n, combineWork, func(i, start, end int) {
		ups[i][0], ups[i][1] = combine(p[start:end], q[start:end], first, second)
	})
	if err != nil {
		return a, b, err
	}
	up1, up2 := first.One, second.One
	for i := range ups {
		start, end := i*stretch, min((i+1)*stretch, n)
		up1, up2 = ups[i][0]+addUp(p[start:end], up1), ups[i][1]+addUp(q[start:end], up2)
	}
	if up1 != 0 || up2 != 0 {
		panic("bignum: a negative combination")
	}
	return normal(p), normal(q), nil
}

// Double returns 2·x, in the memory of x, which is lost.
func (e *Engine) Double(ctx context.Context, x Decimal) (Decimal, error) {
	z := extend(x.limbs, len(x.limbs)+1)
	ups := make([]int64, stretches(len(z)))
	err := e.stretches(ctx, len(z), doubleWork, func(i, start, end int) {
		for j, v := range z[start:end] {
			z[start+j], ups[i] = digit(2*int64(v) + ups[i]) //nolint:gosec // below 2^60
		}
	})
	if err != nil {
		return Decimal{}, err
	}
	carryOn(z, ups)
	return normal(z), nil
}

// stretch is how many limbs are gone through without a look at the context: some 30 µs of work.
const stretch = 1 << 13

// stretches returns how many stretches n limbs are.
func stretches(n int) int { return (n + stretch - 1) / stretch }

// stretches calls work for all stretches of n limbs, each of which takes that many units of work, on all threads.
func (e *Engine) stretches(ctx context.Context, n int, units float64, work func(i, start, end int)) error {
	return e.run(ctx).Each(stretches(n), units*float64(n), func(i int) { work(i, i*stretch, min((i+1)*stretch, n)) })
}

// carryOn adds the carry from each stretch of z to what follows, and returns the last.
func carryOn(z []uint64, ups []int64) int64 {
	up := int64(0)
	for i, own := range ups {
		up = own + addUp(z[i*stretch:min((i+1)*stretch, len(z))], up)
	}
	return up
}

// addUp adds a small number to z, and returns the carry. It seldom goes far.
func addUp(z []uint64, up int64) int64 {
	for i := 0; up != 0 && i < len(z); i++ {
		z[i], up = digit(int64(z[i]) + up) //nolint:gosec // below 2^60
	}
	return up
}

// combine returns the carries of both.
func combine(x, y []uint64, first, second Row) (up1, up2 int64) {
	y = y[:len(x)]
	for i, v := range x {
		v, w := int64(v), int64(y[i]) //nolint:gosec // below 2^60
		x[i], up1 = digit(first.X*v + first.Y*w + up1)
		y[i], up2 = digit(second.X*v + second.Y*w + up2)
	}
	return up1, up2
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
