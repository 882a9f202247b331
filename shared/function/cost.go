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

// The cost model of shared/bignum, measured on one core of an AMD EPYC (Zen 4) at 2.6 GHz with AVX2.
const (
	unitNanos    = 0.2 // a unit of work, with what is done besides
	writingNanos = 1.0 // a digit
	startMillis  = 0.02
	numbersBytes = 2.0 // a digit of the result: the numbers in memory, and what the garbage collector has not yet found
)

// engineCost is the price of a result of as many digits, the last product of which has that many limbs and takes that much memory.
func engineCost(work, digits float64, scratch int64) price {
	return price{startMillis + (work*unitNanos+digits*writingNanos)/1e6, numbersBytes*digits + 1.25*float64(scratch)}
}

// severalThreads stands for any number of threads above one: they take a little more memory than one.
const severalThreads = 2

// mostLimbs is more than any result has that Compute agrees to begin.
const mostLimbs = maxDigits

// limbsOf returns how many pieces of 18 digits so many digits are, at most mostLimbs.
func limbsOf(digits float64) int { return int(min(digits/18, mostLimbs)) + 1 }

// squaringWork is about the work of squaring up to that many digits by doubling the length each time, and productWork that of one product
// at the end; smooth, so that estimates grow with their arguments.
func squaringWork(digits float64) float64 { return 2 * pointWork(digits, 2) }

func productWork(digits float64) float64 { return pointWork(digits, 3) }

// pointWork is the work of a product of that many digits by as many transforms modulo each prime.
func pointWork(digits, transforms float64) float64 {
	points := 1.15 * (digits/18 + 1)
	return points * (3*transforms*(math.Log2(points+4)+1) + 30)
}
