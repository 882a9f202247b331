package logarithm

import "math/big"

// mostBits is far more than any number needs whose logarithm is not that of a power of ten: A(4,3) takes 66,000.
const mostBits = 1 << 18

// Log returns an interval around the natural logarithm of a number x ≥ 1, from either set of constants.
type Log func(c *Constants, prec uint) Interval

// Digits returns how many decimal digits the whole number x has. It begins with prec fraction bits and doubles them until the bounds leave no
// doubt. It panics if mostBits are not enough: x is a power of ten, or the intervals do not become narrow. Callers count such x, which are
// small, by themselves.
func Digits(prec uint, x Log) *big.Int {
	for ; prec <= mostBits; prec *= 2 {
		ln, ln10 := x(First, prec), First.Ln10(prec)
		low, high := new(big.Int).Div(ln.low, ln10.high), new(big.Int).Div(ln.high, ln10.low)
		if low.Cmp(high) == 0 {
			return low.Add(low, one)
		}
	}
	panic("logarithm: no precision tells the number of digits; count powers of ten, such as 1, by hand")
}

// Leading returns the first count digits of the whole number x, which has more than that. It begins with prec fraction bits and panics like Digits.
func Leading(count int, digits *big.Int, prec uint, x Log) *big.Int {
	scale := new(big.Int).Sub(digits, big.NewInt(int64(count)))
	for ; prec <= mostBits; prec *= 2 {
		// Of the difference, less than 2.4·count, a few bits more than count digits have are enough.
		y := First.exp(x(First, prec).Sub(First.Ln10(prec).Times(scale)).to(min(prec, uint(4*count+128))))
		low, high := new(big.Int).Rsh(y.low, y.prec), new(big.Int).Rsh(y.high, y.prec)
		if low.Cmp(high) == 0 {
			return low
		}
	}
	panic("logarithm: no precision tells the first digits; write numbers out that end in many zeros")
}

// Begins reports whether the whole number x has so many digits, and begins with the digits of leading, which are fewer. It takes the other constants, and
// logarithms only: leading·10^scale < x < (leading + 1)·10^scale with scale the number of digits that leading lacks. It reports false if mostBits cannot tell.
func Begins(leading, digits *big.Int, prec uint, x Log) bool {
	scale := new(big.Int).Sub(digits, big.NewInt(int64(len(leading.String()))))
	if leading.Sign() <= 0 || scale.Sign() < 0 {
		return false
	}
	for ; prec <= mostBits; prec *= 2 {
		y, zeros := x(Second, prec), Second.Ln10(prec).Times(scale)
		if y.high.Cmp(zeros.low) < 0 {
			return false
		}
		y = y.Sub(zeros).to(min(prec, uint(4*leading.BitLen()+128)))
		low, high := Second.Ln(leading, y.prec), Second.Ln(new(big.Int).Add(leading, one), y.prec)
		switch {
		case low.high.Cmp(y.low) < 0 && y.high.Cmp(high.low) < 0:
			return true
		case y.high.Cmp(low.low) < 0 || high.high.Cmp(y.low) < 0:
			return false
		}
	}
	return false
}

// Counts reports whether the number x, from 1 up, is at least 10^(digits−1) and below 10^digits, by the second set of constants.
func Counts(digits *big.Int, prec uint, x Log) bool {
	for ; prec <= mostBits; prec *= 2 {
		y, ln10 := x(Second, prec), Second.Ln10(prec)
		above, below := ln10.Times(new(big.Int).Sub(digits, one)), ln10.Times(digits)
		switch {
		case above.high.Cmp(y.low) < 0 && y.high.Cmp(below.low) < 0:
			return true
		case y.high.Cmp(above.low) < 0 || below.high.Cmp(y.low) < 0:
			return false
		}
	}
	return false
}

// exp returns an interval around e^y, for 0 ≤ y < 2^16.
func (c *Constants) exp(y Interval) Interval {
	const guard, halvings = 64, 16
	prec := y.prec + guard
	y = Interval{new(big.Int).Lsh(y.low, guard), new(big.Int).Lsh(y.high, guard), prec}
	// e^y = 2^k·e^r. With low < y.low every r is at least 0.
	k := new(big.Int).Div(y.low, c.Ln2(prec).high)
	r := y.Sub(c.Ln2(prec).Times(k)).quo(new(big.Int).Lsh(one, halvings))
	sum, term := Exactly(one, prec), Exactly(one, prec)
	for i := int64(1); term.high.Cmp(one) > 0; i++ {
		term = term.mul(r).quo(big.NewInt(i))
		sum = sum.Add(term)
	}
	// What is left out is less than the last term, as r < 1/2.
	sum.high = new(big.Int).Add(sum.high, term.high)
	for range halvings {
		sum = sum.mul(sum)
	}
	return sum.Times(new(big.Int).Lsh(one, uint(k.Uint64()))).to(y.prec - guard)
}
