package function

import (
	"math"
	"math/big"
)

// curve is a piecewise power law through measured points, the first and the last piece going on beyond their ends.
type curve []point

type point struct{ x, y float64 }

// at returns the value of the curve at x, which may be +Inf.
func (c curve) at(x float64) float64 {
	i := 1
	for i < len(c)-1 && x > c[i].x {
		i++
	}
	a, b := c[i-1], c[i]
	slope := math.Log(b.y/a.y) / math.Log(b.x/a.x)
	return a.y * math.Pow(x/a.x, slope)
}

// float returns x as a float64, +Inf where it is too large for one.
func float(x *big.Int) float64 {
	f, _ := new(big.Float).SetInt(x).Float64()
	return f
}

// The cost model of shared/bignum over math/big, measured on one core of an AMD EPYC (Zen 4) at 2.6 GHz, by decimal digits of the result. Its last
// piece has the exponent of Karatsuba's method, log2 3.
var writingMillis = curve{
	{300, 0.002},
	{2e3, 0.03},
	{2e4, 0.75},
	{2e5, 25},
	{6.3e5, 150},
	{2.1e6, 1000},
	{2.1e7, 28e3},
	{2.1e8, 28e3 * 38.5},
}

// writingBytes is the memory for each digit of the result, with what the garbage collector has not yet found; the multiplications before it
// take less.
const writingBytes = 6
