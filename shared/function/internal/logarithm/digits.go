package logarithm

import "math/big"

// mostBits is far more than any number needs whose logarithm is not that of a power of ten.
const mostBits = 1 << 18

// Digits returns how many decimal digits a whole number x ≥ 1 has, given ln, which returns ln x to any precision. It begins with
// prec fraction bits and doubles them until the bounds leave no doubt. It panics if mostBits are not enough: x is a power of ten, or the
// intervals of ln do not become narrow. Callers count such x, which are small, by themselves.
func Digits(prec uint, ln func(prec uint) Interval) *big.Int {
	for ; prec <= mostBits; prec *= 2 {
		x, ln10 := ln(prec), Ln10(prec)
		low, high := new(big.Int).Div(x.low, ln10.high), new(big.Int).Div(x.high, ln10.low)
		if low.Cmp(high) == 0 {
			return low.Add(low, one)
		}
	}
	panic("logarithm: no precision tells the number of digits; count powers of ten, such as 1, by hand")
}
