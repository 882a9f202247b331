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
)

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
func judge(value, volume float64, season, recent []float64, s scale) Verdict {
	v := Verdict{Value: value}
	sample, limit := season, seasonScore
	if len(sample) < fewest {
		sample, limit = recent, recentScore
		if len(sample) < fewestRecent {
			return v
		}
	}
	scaled := make([]float64, len(sample))
	for i, x := range sample {
		scaled[i] = s.to(x)
	}
	centre := median(scaled)
	for i, y := range scaled {
		scaled[i] = math.Abs(y - centre)
	}
	v.Judged, v.Expected = true, s.from(centre)
	width := max(normal*median(scaled), s.noise(v.Expected, volume))
	v.Lower, v.Upper = s.from(centre-limit*width), s.from(centre+limit*width)
	off := (s.to(value) - centre) / width
	v.Score = math.Abs(off) * seasonScore / limit
	v.Flagged = off > limit || s.sides == both && off < -limit
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
