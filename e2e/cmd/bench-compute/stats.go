package main

import (
	"math"
	"slices"
)

// figure is what several runs gave.
type figure struct {
	median, low, high float64
	runs              int
}

// figureOf sums up runs; of none it is the zero figure.
func figureOf(runs []float64) figure {
	if len(runs) == 0 {
		return figure{}
	}
	return figure{median(runs), slices.Min(runs), slices.Max(runs), len(runs)}
}

// median returns the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// ratio compares the medians of two engines. Its spread is that of the ratios round by round, where the runs were next to each other. Where
// too little time is left of a process without its start-up, there is no ratio; where that is so in some rounds, there is no spread.
func ratio(numerators, denominators []float64) figure {
	var rounds []float64
	for i := range min(len(numerators), len(denominators)) {
		if numerators[i] > 0 && denominators[i] > 0 {
			rounds = append(rounds, numerators[i]/denominators[i])
		}
	}
	f := figureOf(rounds)
	f.median = math.NaN()
	if n, d := median(numerators), median(denominators); n > 0 && d > 0 {
		f.median = n / d
	}
	if len(rounds) < min(len(numerators), len(denominators)) {
		return figure{f.median, f.median, f.median, min(f.runs, 1)}
	}
	return f
}

// of returns what a measure sees of a phase; of memory it sees nothing.
func (m measure) of(p phase) float64 {
	if m == wallTime {
		return p.wall
	}
	return p.cpu
}

// whole returns, run by run, what an engine took for everything from the start of its process to its end, less its start-up.
func (r result) whole(id string, m measure) []float64 {
	return r.each(id, func(s sample) float64 {
		if m == peakMemory {
			return float64(s.peak)
		}
		return r.net(id, m, m.of(s.whole))
	})
}

// unchecked is whole without our check.
func (r result) unchecked(id string, m measure) []float64 {
	return r.each(id, func(s sample) float64 { return r.net(id, m, m.of(s.whole)-m.of(s.told.check)) })
}

// core returns what the process itself says of computing and converting to decimal, with no start-up and, in a peer, no writing.
func (r result) core(id string, m measure) []float64 {
	return r.each(id, func(s sample) float64 { return m.of(s.told.compute.plus(s.told.decimal)) })
}

func (r result) each(id string, value func(s sample) float64) []float64 {
	values := make([]float64, 0, len(r.samples[id]))
	for _, s := range r.samples[id] {
		values = append(values, value(s))
	}
	return values
}

// net takes the start-up out of a time, which may leave nothing.
func (r result) net(id string, m measure, seconds float64) float64 {
	return max(seconds-r.startUp(id, m), 0)
}

// startUp is the median of the same command with n = 1.
func (r result) startUp(id string, m measure) float64 {
	values := make([]float64, 0, len(r.startUps[id]))
	for _, s := range r.startUps[id] {
		values = append(values, m.of(s.whole))
	}
	return median(values)
}

// point is a time at an n.
type point struct{ n, seconds float64 }

// points returns the times of an engine for F(n), by n.
func points(results []result, id string, m measure) []point {
	var ps []point
	for _, r := range results {
		if r.task.function != "fibonacci" {
			continue
		}
		if seconds := median(r.whole(id, m)); seconds > 0 {
			ps = append(ps, point{float64(r.task.n), seconds})
		}
	}
	slices.SortFunc(ps, func(a, b point) int { return int(a.n - b.n) })
	return ps
}

// fitted returns the exponent e for which seconds ~ n^e fits best: least squares of the logarithms.
func fitted(ps []point) float64 {
	if len(ps) < 2 {
		return math.NaN()
	}
	var x, y, xx, xy float64
	for _, p := range ps {
		a, b := math.Log(p.n), math.Log(p.seconds)
		x, y, xx, xy = x+a, y+b, xx+a*a, xy+a*b
	}
	count := float64(len(ps))
	return (count*xy - x*y) / (count*xx - x*x)
}

// endToEnd returns the exponent from the first point to the last alone.
func endToEnd(ps []point) float64 {
	if len(ps) < 2 {
		return math.NaN()
	}
	return fitted([]point{ps[0], ps[len(ps)-1]})
}
