package function

import (
	"math"
	"math/big"
)

// nearlyAll is how many arguments are small enough for digitsNearly.
const nearlyAll = 1 << 32

// digitsNearly returns the number of digits of a whole number whose decimal logarithm is log10, give or take a ten-thousandth. It is nil where that
// does not tell, which happens once in 5,000 times: intervals, which take a hundred times as long, then do.
func digitsNearly(log10 float64) *big.Int {
	const margin = 1e-4
	whole, part := math.Modf(log10)
	if part < margin || part > 1-margin {
		return nil
	}
	return big.NewInt(int64(whole) + 1)
}

// fibonacciNearly returns log10 F(n), for 100 < n < nearlyAll. It is below 2^30, so that each rounding is off by less than 2^−22, and log10 φ, which is
// off by less than 2^−52, by less than 2^−20 times n; the rest of Binet's formula is below 2^−130.
func fibonacciNearly(n float64) float64 { return n*math.Log10(math.Phi) - math.Log10(5)/2 }

// factorialNearly returns log10 n!, for 100 < n < nearlyAll. No part of Stirling's series is above 2^37, so that each rounding is off by less than
// 2^−16; what is left out of the series is less than its next term, 1/(360·n³).
func factorialNearly(n float64) float64 {
	return ((n+0.5)*math.Log(n) - n + math.Log(2*math.Pi)/2 + 1/(12*n)) / math.Ln10
}

// isNear tells whether n is within the bounds of the functions above.
func isNear(n *big.Int) bool { return n.IsUint64() && n.Uint64() > 100 && n.Uint64() < nearlyAll }
