package detector

import "math"

// sides says which way a value must be off to matter.
type sides int

const (
	above sides = iota
	both
)

// scale is how the values of a series are compared: on one where their noise does not depend on how large they are.
type scale struct {
	sides sides
	// to goes to that scale and from comes back, to nothing that a value cannot be.
	to, from func(float64) float64
	// noise is the least standard deviation on that scale of an expected value behind which stands a volume.
	noise func(expected, volume float64) float64
}

// steady is the least relative noise that is assumed: nothing is steadier.
const steady = 0.1

// logarithmic is for what spans orders of magnitude; offset is about the least value that matters, and relative the relative noise of an
// expected value.
func logarithmic(s sides, offset float64, relative func(expected, volume float64) float64) scale {
	return scale{
		sides: s,
		to:    func(v float64) float64 { return math.Log(v + offset) },
		from:  func(y float64) float64 { return max(0, math.Exp(y)-offset) },
		noise: func(expected, volume float64) float64 { return math.Hypot(steady, relative(expected, volume)) },
	}
}

// arrivals is the relative noise of a number of independent events, of which there are so many for each unit of the value.
func arrivals(perUnit float64) func(expected, volume float64) float64 {
	return func(expected, _ float64) float64 { return 1 / math.Sqrt(max(expected*perUnit, 1)) }
}

// tail is the relative noise of the 95th percentile of so many durations.
func tail(_, volume float64) float64 { return 2 / math.Sqrt(max(volume, 1)) }

// share is for parts of 1: the arcsine of their root has a noise of 1/(2√n), whatever they are (Anscombe, The Transformation of Poisson, Binomial and
// Negative-Binomial Data, 1948).
func share() scale {
	const steadyShare = 0.025 // from nothing, one in a hundred matters
	return scale{
		to: func(v float64) float64 { return math.Asin(math.Sqrt(min(max(v, 0), 1))) },
		from: func(y float64) float64 {
			root := math.Sin(min(max(y, 0), math.Pi/2))
			return root * root
		},
		noise: func(_, volume float64) float64 { return max(steadyShare, 1/(2*math.Sqrt(max(volume, 1)))) },
	}
}

// rare is for numbers of events that are often none: twice the root of them has a noise of 1 (the same paper), to which comes that they do not
// quite come independently.
func rare() scale {
	const (
		shift     = 3.0 / 8
		dependent = 0.2
	)
	return scale{
		to: func(v float64) float64 { return 2 * math.Sqrt(v+shift) },
		from: func(y float64) float64 {
			half := max(y, 0) / 2
			return max(0, half*half-shift)
		},
		noise: func(expected, _ float64) float64 { return math.Hypot(1, dependent*math.Sqrt(expected)) },
	}
}
