package detector

import (
	"math"
	"slices"
)

const (
	// seasonScore is how far a value may be off what was usual at that time of day, in robust standard deviations.
	seasonScore = 4.0
	// recentScore is the same against the last hour, which knows no time of day.
	recentScore = 6.0
	// fewest is how many values of the season make a baseline; below it the last hour has to do.
	fewest = 20
	// fewestRecent is how many values of the last hour make one.
	fewestRecent = 10
	// normal makes the median absolute deviation of normal noise its standard deviation.
	normal = 1.4826
	// steady is the least relative noise that is assumed: no series is steadier.
	steady = 0.1
)

// Sides says which way a value must be off to matter.
type Sides int

// The sides.
const (
	Above Sides = iota
	Both
)

// Scale is how the values of a series are compared: by the logarithm of value + Offset, since what is usual spans orders of magnitude.
type Scale struct {
	// Offset is about the least value that matters, in the unit of the series.
	Offset float64
	Sides  Sides
	// Noise is the relative noise that counting alone gives an expected value, when so much stands behind it.
	Noise func(expected, volume float64) float64
}

// Verdict is how a value compares with what was to be expected. Without a baseline Judged is false, and only Value is known.
type Verdict struct {
	Judged                        bool
	Value, Expected, Lower, Upper float64
	// Score is the distance from what was expected, in units in which 4 is the border of what is usual. It is never negative.
	Score float64
	// Flagged tells whether the value is unusual on a side that matters.
	Flagged bool
}

// judge compares a value, behind which stands a volume, with those of the season or, if there are too few, of the last hour.
//
// The centre is the median and the width the median absolute deviation (Hampel, The Influence Curve and its Role in Robust Estimation, 1974),
// which half of the values may be anything without moving.
func judge(value, volume float64, season, recent []float64, s Scale) Verdict {
	v := Verdict{Value: value}
	sample, limit := season, seasonScore
	if len(sample) < fewest {
		sample, limit = recent, recentScore
		if len(sample) < fewestRecent {
			return v
		}
	}
	logs := make([]float64, len(sample))
	for i, x := range sample {
		logs[i] = math.Log(x + s.Offset)
	}
	centre := median(logs)
	for i, y := range logs {
		logs[i] = math.Abs(y - centre)
	}
	v.Judged, v.Expected = true, math.Exp(centre)-s.Offset
	width := max(normal*median(logs), math.Hypot(steady, s.Noise(v.Expected, volume)))
	v.Lower, v.Upper = max(0, math.Exp(centre-limit*width)-s.Offset), math.Exp(centre+limit*width)-s.Offset
	off := (math.Log(value+s.Offset) - centre) / width
	v.Score = math.Abs(off) * seasonScore / limit
	v.Flagged = off > limit || s.Sides == Both && off < -limit
	return v
}

// median sorts its argument. It must not be empty.
func median(x []float64) float64 {
	slices.Sort(x)
	half := len(x) / 2
	if len(x)%2 == 1 {
		return x[half]
	}
	return (x[half-1] + x[half]) / 2
}

// counting is the noise of a number of independent events: expected is their number.
func counting(perValue float64) func(expected, volume float64) float64 {
	return func(expected, _ float64) float64 { return 1 / math.Sqrt(max(expected*perValue, 1)) }
}

// proportion is the noise of a share of so many, on a scale with an offset.
func proportion(offset float64) func(expected, volume float64) float64 {
	return func(expected, volume float64) float64 {
		n := max(volume, 1)
		return math.Sqrt(max(expected, 1/n)/n) / (expected + offset)
	}
}

// tail is the noise of the 95th percentile of so many durations.
func tail(_, volume float64) float64 { return 2 / math.Sqrt(max(volume, 1)) }
