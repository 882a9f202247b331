// Package logarithm computes natural logarithms with proven bounds, and from them how many decimal digits a number has that
// is far too large to be computed. All arithmetic is on intervals in fixed point, rounded outwards: the truth is never outside.
package logarithm

import "math/big"

// Interval encloses a real number x ≥ 0: low/2^prec ≤ x ≤ high/2^prec. Intervals never change, and meet only others of their precision.
type Interval struct {
	low, high *big.Int
	prec      uint // fraction bits
}

var one = big.NewInt(1)

// Exactly returns the interval of the natural number n alone.
func Exactly(n *big.Int, prec uint) Interval {
	scaled := new(big.Int).Lsh(n, prec)
	return Interval{scaled, scaled, prec}
}

// Rational returns an interval around p/q, for p ≥ 0 and q > 0.
func Rational(p, q *big.Int, prec uint) Interval {
	return Exactly(p, prec).quo(q)
}

// Add returns an interval around x + y.
func (x Interval) Add(y Interval) Interval {
	return Interval{new(big.Int).Add(x.low, y.low), new(big.Int).Add(x.high, y.high), x.prec}
}

// Sub returns an interval around x − y, which must not be negative.
func (x Interval) Sub(y Interval) Interval {
	return Interval{new(big.Int).Sub(x.low, y.high), new(big.Int).Sub(x.high, y.low), x.prec}
}

// Times returns an interval around x·n, for n ≥ 0.
func (x Interval) Times(n *big.Int) Interval {
	return Interval{new(big.Int).Mul(x.low, n), new(big.Int).Mul(x.high, n), x.prec}
}

// Widen returns x with its bounds moved apart by 2^−bits each, at least by one unit of its precision.
func (x Interval) Widen(bits uint) Interval {
	by := one
	if bits < x.prec {
		by = new(big.Int).Lsh(one, x.prec-bits)
	}
	return Interval{new(big.Int).Sub(x.low, by), new(big.Int).Add(x.high, by), x.prec}
}

// Half returns an interval around x/2.
func (x Interval) Half() Interval { return x.quo(big.NewInt(2)) }

// quo returns an interval around x/n, for n > 0.
func (x Interval) quo(n *big.Int) Interval {
	return Interval{new(big.Int).Div(x.low, n), ceilDiv(x.high, n), x.prec}
}

// div returns an interval around x/y, for y > 0.
func (x Interval) div(y Interval) Interval {
	return Interval{
		new(big.Int).Div(new(big.Int).Lsh(x.low, x.prec), y.high),
		ceilDiv(new(big.Int).Lsh(x.high, x.prec), y.low), x.prec,
	}
}

// mul returns an interval around x·y.
func (x Interval) mul(y Interval) Interval {
	low, high := new(big.Int).Mul(x.low, y.low), new(big.Int).Mul(x.high, y.high)
	return Interval{low.Rsh(low, x.prec), ceilRsh(high, x.prec), x.prec}
}

// sqrt returns an interval around √x.
func (x Interval) sqrt() Interval {
	low, high := new(big.Int).Lsh(x.low, x.prec), new(big.Int).Lsh(x.high, x.prec)
	return Interval{low.Sqrt(low), high.Add(high.Sqrt(high), one), x.prec}
}

// to returns x with fewer fraction bits.
func (x Interval) to(prec uint) Interval {
	by := x.prec - prec
	return Interval{new(big.Int).Rsh(x.low, by), ceilRsh(new(big.Int).Set(x.high), by), prec}
}

// ceilDiv returns the smallest integer that is at least a/b, for b > 0.
func ceilDiv(a, b *big.Int) *big.Int {
	q, r := new(big.Int).DivMod(a, b, new(big.Int))
	if r.Sign() != 0 {
		q.Add(q, one)
	}
	return q
}

// ceilRsh sets a to the smallest integer that is at least a/2^by, and returns it.
func ceilRsh(a *big.Int, by uint) *big.Int {
	return a.Neg(a.Rsh(a.Neg(a), by))
}
