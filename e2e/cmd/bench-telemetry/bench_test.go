package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/benchmark"
)

func TestCost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		r    result
		want benchmark.Spread
	}{
		{result{measure{"a", perSecond, 0}, [variants][]float64{off: {100, 200, 400}, on: {90, 190, 400}}}, benchmark.Spread{Low: 0, Median: 0.05, High: 0.1}},
		{result{measure{"b", seconds, 0}, [variants][]float64{off: {2, 4}, on: {2, 5}}}, benchmark.Spread{Low: 0, Median: 0.25, High: 0.25}},
		{result{}, benchmark.Spread{}},
	} {
		near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })
		if diff := cmp.Diff(tt.want, tt.r.cost(off, on), near); diff != "" {
			t.Errorf("%s: cost (-want +got):\n%s", tt.r.name, diff)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	page := report{
		when: time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC), version: "numbermill v1", plan: quickPlan, quick: true,
		results: []result{
			{measure{"submits a second", perSecond, 0.05}, [variants][]float64{{2000}, {1800}, {1500}, {2500}}},
			{measure{"from submit to result, p50", seconds, 0.10}, [variants][]float64{{0.004}, {0.0041}, {0.005}, {0.004}}},
			{measure{"processor time", seconds, 0}, [variants][]float64{{0.0001}, {0.00015}, {0.0002}, {0.00008}}},
		},
		machine: benchmark.Machine{Processor: "Fast One", Count: 2, System: "linux"},
		load:    benchmark.Load{Before: "3", Others: 0.2, Known: true},
	}.page()
	for _, want := range []string{
		"## What telemetry costs\n",
		"`make bench-telemetry ARGS=--quick` wrote this part. 4 March 2026, 05:06 UTC, on Fast One, 2 processors, linux;\nnumbermill v1.",
		"| submits a second | 2000 (2000…2000) | 1800 (1800…1800) | 10.0 % (10.0 %…10.0 %) | 5.0 %: **exceeded** | 25.0 % (25.0 %…25.0 %) | 20.0 % (20.0 %…20.0 %) |\n",
		"| from submit to result, p50 | 4.00 ms (4.00 ms…4.00 ms) | 4.10 ms (4.10 ms…4.10 ms) | 2.5 % (2.5 %…2.5 %) | 10.0 % | 25.0 % (25.0 %…25.0 %) | 0.0 % (0.0 %…0.0 %) |\n",
		"| processor time | 100 µs (100 µs…100 µs) | 150 µs (150 µs…150 µs) | 50.0 % (50.0 %…50.0 %) |  | 100.0 % (100.0 %…100.0 %) | 25.0 % (25.0 %…25.0 %) |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := parseOptions([]string{"-docs", "docs", "--quick"}, io.Discard)
	if err != nil || !o.quick || o.docs != "" {
		t.Errorf("got %+v (%v), want a quick look that writes nothing", o, err)
	}
	if _, err := parseOptions([]string{"quick"}, io.Discard); err == nil {
		t.Error("an argument gives no error")
	}
}
