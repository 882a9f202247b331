package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v, want NaN", got)
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		ours, theirs      []float64
		median, low, high float64
		runs              int
		tooShortToCompare bool
	}{
		{name: "medians are divided, rounds give the spread", ours: []float64{1, 2, 6}, theirs: []float64{10, 4, 8}, median: 0.25, low: 0.1, high: 0.75, runs: 3},
		{name: "an engine had fewer runs", ours: []float64{1, 3}, theirs: []float64{4}, median: 0.5, low: 0.25, high: 0.25, runs: 1},
		{name: "a round was within the start-up", ours: []float64{1, 0, 1}, theirs: []float64{4, 4, 0}, median: 0.25, low: 0.25, high: 0.25, runs: 1},
		{name: "all were", ours: []float64{0}, theirs: []float64{4}, tooShortToCompare: true},
		{name: "there is nothing to compare with", ours: []float64{1}, tooShortToCompare: true},
	} {
		got := ratio(c.ours, c.theirs)
		if c.tooShortToCompare {
			if !math.IsNaN(got.median) || got.runs != 0 {
				t.Errorf("%s: got %+v, want no ratio", c.name, got)
			}
			continue
		}
		want := figure{c.median, c.low, c.high, c.runs}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(figure{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestFitted(t *testing.T) {
	t.Parallel()
	law := []point{{1e6, 2}, {1e7, 2 * math.Pow(10, 1.1)}, {1e9, 2 * math.Pow(1000, 1.1)}}
	if got := fitted(law); math.Abs(got-1.1) > 1e-12 {
		t.Errorf("got %v for n^1.1", got)
	}
	bent := []point{{1, 1}, {10, 1}, {100, 100}}
	if got := fitted(bent); math.Abs(got-1) > 1e-12 {
		t.Errorf("got %v for a bent line, want its mean slope 1", got)
	}
	if got := endToEnd(bent); math.Abs(got-1) > 1e-12 {
		t.Errorf("got %v from end to end, want 1", got)
	}
	if got := fitted(law[:1]); !math.IsNaN(got) {
		t.Errorf("got %v for one point, want NaN", got)
	}
}

// twoRuns is a result of two runs of ours and of gmpy2, with start-ups of half a second.
func twoRuns() result {
	start := []sample{{whole: phase{0.5, 0.5}}, {whole: phase{0.5, 0.5}}}
	run := func(seconds float64, peak int64) sample {
		return sample{
			whole: phase{seconds, seconds}, peak: peak, digest: "abcdef0123456789abcdef", digits: 1234,
			told: told{compute: phase{0.125, 0.125}, decimal: phase{0.25, 0.25}, check: phase{0.25, 0.25}},
		}
	}
	return result{
		task: fibonacci(1_000_000), digest: "abcdef0123456789abcdef", digits: 1234,
		samples: map[string][]sample{
			ours:  {run(1.5, 10e6), run(1.5, 30e6)},
			ours2: {run(1, 10e6), run(1, 30e6)},
			gmpy2: {run(4.5, 5e6), run(4.5, 5e6)},
		},
		startUps: map[string][]sample{ours: start, ours2: start, gmpy2: start},
	}
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	r := twoRuns()
	for _, c := range []struct {
		name string
		got  []float64
		want []float64
	}{
		{"whole", r.whole(ours, cpuTime), []float64{1, 1}},
		{"whole, elapsed", r.whole(ours2, wallTime), []float64{0.5, 0.5}},
		{"without the check", r.unchecked(ours, cpuTime), []float64{0.75, 0.75}},
		{"memory keeps its start-up", r.whole(ours, peakMemory), []float64{10e6, 30e6}},
		{"what it tells itself", r.core(gmpy2, cpuTime), []float64{0.375, 0.375}},
		{"an engine that did not run", r.whole(pari, cpuTime), []float64{}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPoints(t *testing.T) {
	t.Parallel()
	large, other, skipped := twoRuns(), twoRuns(), result{task: fibonacci(10), skipped: "too large"}
	large.task, other.task = fibonacci(100_000_000), factorial(10)
	got := points([]result{large, other, skipped, twoRuns()}, ours2, wallTime)
	want := []point{{1e6, 0.5}, {1e8, 0.5}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(point{})); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
}
