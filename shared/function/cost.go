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

// The cost model of bignum over math/big: CPU milliseconds on a 2.6 GHz AMD EPYC (Zen 4), by decimal digits of the result.
var (
	writingMillis = curve{{1e3, 0.02}, {2e4, 0.8}, {2e5, 20}, {1e7, 11e3}}
	writingBytes  = 4.0 // a digit
)
