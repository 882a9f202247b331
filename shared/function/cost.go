package function

import (
	"math"
	"math/big"
	"sync"
)

// curve is a piecewise power law through points that rise in x and do not fall in y, the first and the last piece going on beyond their
// ends.
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

// risingCurve returns the curve through f(n) at powers of the fourth root of two, from 16 up to most. A value that is less than one
// before it takes its place: transforms have few lengths, so that work grows by leaps, and now and then falls, where an estimate must not.
// It is made when first asked for.
func risingCurve(most float64, f func(n float64) float64) func() curve {
	return sync.OnceValue(func() curve {
		var c curve
		highest := 0.0
		for k := 16; ; k++ {
			n := math.Exp2(float64(k) / 4)
			if n > most {
				return c
			}
			highest = max(highest, f(n))
			c = append(c, point{n, highest})
		}
	})
}

// float returns x as a float64, +Inf where it is too large for one.
func float(x *big.Int) float64 {
	f, _ := new(big.Float).SetInt(x).Float64()
	return f
}

// severalThreads stands for any number of threads above one: they take a little more memory than one.
const severalThreads = 2

// limbsOf returns how many pieces of 18 digits so many digits are, at most more than any result has that Compute agrees to begin.
func limbsOf(digits float64) int { return int(min(digits/18, maxDigits)) + 1 }

// engineBytes is the most memory that is held for a result of so many digits, the last product of which takes that much scratch memory. perDigit are
// the bytes a digit of the result and of the numbers that it is made of.
func engineBytes(digits, perDigit float64, scratch int64) float64 {
	const margin = 1.1
	return margin * (perDigit*digits + float64(scratch))
}
