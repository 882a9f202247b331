package main

import (
	"math"
	"slices"
	"strings"

	"numbermill/e2e/internal/benchmark"
)

// goal is a bound on what is measured, and a better one to aim for.
type goal struct {
	measure string
	beside  string // the peer that the ratio is to; "" is none
	unit    unit
	must    float64 // NaN is none
	aim     float64
}

// more tells whether it is met by more rather than by less.
func (g goal) more() bool {
	return !strings.HasPrefix(g.measure, "idle") && !strings.HasPrefix(g.measure, "batch")
}

// fullBatch is the size of a batch that the goals are for.
const fullBatch = 10_000

func goals() []goal {
	none := math.NaN()
	return []goal{
		{idleMedian, bullmqID, factor, 0.6, 0.35},
		{idleMedian, "", milliseconds, none, 0.0018},
		{idleTail, "", milliseconds, 0.012, 0.004},
		{freshFew, "", perSecond, 1500, 3200},
		{freshMany, "", perSecond, 2000, 4500},
		{freshFew, bullmqID, factor, 1.5, 3},
		{freshMany, bullmqID, factor, 1.5, 3},
		{freshFew, celeryID, factor, 6, 15},
		{freshMany, celeryID, factor, 6, 15},
		{storedGets, "", perSecond, 7000, 11_000},
		{storedPosts, "", perSecond, 4000, 6500},
		{batchAccepted, "", seconds, 2, 0.8},
		{batchDone, "", seconds, 4, 1.3},
		{idleCommands, "", perSecond, 30, 12},
		{idleShare, "", share, 0.01, 0.005},
	}
}

// goals is the table of what has to hold.
func (r report) goals() string {
	var rows [][]string
	for _, g := range goals() {
		name, values := g.measure, r.of(g)
		if len(values) == 0 || r.plan.batch != fullBatch && (g.measure == batchAccepted || g.measure == batchDone) {
			continue
		}
		if i := slices.IndexFunc(r.systems, func(s system) bool { return s.id == g.beside }); i >= 0 {
			name += ", beside " + r.systems[i].title
		}
		m := measure{unit: g.unit}
		rows = append(rows, []string{name, m.spread(values), g.bound(g.must), g.verdict(values, g.must), g.bound(g.aim), g.verdict(values, g.aim)})
	}
	return "### What has to hold\n\n" + benchmark.Table([]string{"measure", "Numbermill", "must", "", "aim", ""}, rows)
}

// of are the values that a goal is for.
func (r report) of(g goal) []float64 {
	for _, one := range r.results {
		if one.name != g.measure {
			continue
		}
		if g.beside != "" {
			return one.ratios(g.beside)
		}
		return one.values[numbermillID]
	}
	return nil
}

func (g goal) bound(limit float64) string {
	if math.IsNaN(limit) {
		return ""
	}
	sign := "≤ "
	if g.more() {
		sign = "≥ "
	}
	text := measure{unit: g.unit}.text(limit)
	if g.unit == factor {
		text += "×"
	}
	return sign + text
}

// verdict says whether the median keeps within a limit.
func (g goal) verdict(values []float64, limit float64) string {
	median := benchmark.Range(values).Median
	switch {
	case math.IsNaN(limit):
		return ""
	case g.more() && median >= limit, !g.more() && median <= limit:
		return "met"
	}
	return "**not met**"
}
