package logarithm

import "math/big"

// Digits returns how many decimal digits a whole number x ≥ 1 has, given ln, which returns ln x to any precision. It begins with
// prec fraction bits and doubles them until the bounds leave no doubt. It ends if the intervals of ln become narrow without bound, unless x
// is a power of ten.
func Digits(prec uint, ln func(prec uint) Interval) *big.Int {
	for ; ; prec *= 2 {
		x, ln10 := ln(prec), Ln10(prec)
		low, high := new(big.Int).Div(x.low, ln10.high), new(big.Int).Div(x.high, ln10.low)
		if low.Cmp(high) == 0 {
			return low.Add(low, one)
		}
	}
}
