package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/benchmark"
)

// sampleReport has two sizes that gmpy2 computed too, one that ours computed alone, and one that was left out.
func sampleReport() report {
	small, large, alone := twoRuns(), twoRuns(), twoRuns()
	large.task, alone.task = fibonacci(100_000_000), fibonacci(1_000_000_000)
	alone.samples = map[string][]sample{ours: alone.samples[ours], ours2: alone.samples[ours2]}
	return report{
		when: time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC),
		plan: plan{goals: []goal{
			{small.task, ours, cpuTime, 0.4},
			{large.task, ours2, wallTime, 0},
			{large.task, ours2, peakMemory, 450e6},
			{factorial(5), ours, cpuTime, 0.4}, // was not measured
		}},
		results: []result{small, large, alone, {task: factorial(100), skipped: "it wants more"}},
		engines: []engine{
			{id: ours, title: "Numbermill, 1 thread", version: "v1", mine: true},
			{id: ours2, title: "Numbermill, 2 threads", version: "v1", mine: true},
			{id: gmpy2, title: "GMP", version: "6"},
		},
		absent:  []absence{{title: "PARI/GP", why: "does not run here"}},
		machine: benchmark.Machine{Processor: "Fast One", Count: 2, Memory: 8e9, System: "linux", Kernels: "avx2"},
		load:    benchmark.Load{Before: "3", After: "4", Others: 0.2, Known: true},
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	page := sampleReport().page()
	for _, want := range []string{
		"- 4 March 2026, 05:06 UTC\n",
		"- Fast One, 2 processors, 8,000 MB of memory; linux\n",
		"- Meanwhile other processes used 20 % of the processors",
		"The machine was not quiet.",
		"- **Left out: PARI/GP**, which does not run here\n",
		"| F(10^6) | CPU, 1 thread | 1.00 s | 4.00 s | 0.25 (0.25…0.25) | 0.40 | 0.19 | 2.67 |\n",
		"| F(10^8) | wall, 2 threads | 500 ms | 4.00 s | 0.12 (0.12…0.12) |  | 0.062 | 1.33 |\n",
		"| F(10^8) | peak memory, 2 threads | 20 MB | 5 MB | 4.00 (2.00…6.00) | 450 MB |  |  |\n",
		"### F(10^6)\n\n1,234 digits. All engines agree: SHA-256 `abcdef0123456789abcdef`.\n",
		"| GMP | 125 ms | 250 ms | 4.00 s (4.00 s…4.00 s) | 125 ms | 250 ms | 4.00 s (4.00 s…4.00 s) | 5 MB | 1.00 | 1.00 | 2 |\n",
		"| F(10^6) | 1.00 s (1.00 s…1.00 s) | 500 ms (500 ms…500 ms) | 2.00 (2.00…2.00) | 1.00 |\n",
		"From F(10^6) to F(10^9) the time grows as n^0.00 on one thread",
		"](" + plotName + ")",
		"| F(10^9) | 1,234 | 500 ms | 500 ms (500 ms…500 ms) | 30 MB | `abcdef0123456789…`, as known |\n",
		"| 100! | left out: it wants more |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "### F(10^9)") || strings.Contains(page, "| 5!") {
		t.Error("the page compares what no peer computed")
	}
	if t.Failed() {
		t.Log(page)
	}
}

// TestGainAboveTwo: what two processors cannot gain is not passed over in silence.
func TestGainAboveTwo(t *testing.T) {
	t.Parallel()
	r := sampleReport()
	if page := r.page(); strings.Contains(page, aboveTwo) {
		t.Error("a gain of exactly 2 is called impossible")
	}
	r.results[0].samples[ours2][0].whole.wall, r.results[0].samples[ours2][1].whole.wall = 0.75, 0.75
	if page := r.page(); !strings.Contains(page, aboveTwo) {
		t.Error("a gain of 4 is not explained")
	}
}

func TestPageWithoutPeers(t *testing.T) {
	t.Parallel()
	r := sampleReport()
	r.quick = true
	for i := range r.results {
		delete(r.results[i].samples, gmpy2)
	}
	page := r.page()
	if !strings.Contains(page, "gmpy2 did not run") || strings.Contains(page, "![") {
		t.Errorf("want neither a comparison nor a plot in\n%s", page)
	}
}

func TestPlot(t *testing.T) {
	t.Parallel()
	text := sampleReport().plot()
	decoder := xml.NewDecoder(strings.NewReader(text))
	elements := make(map[string]int)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the plot is no XML: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
		}
	}
	if elements["title"] != 1 || elements["desc"] != 1 || elements["circle"] != 3+3+2 {
		t.Errorf("got elements %v, want a title, a description and eight points", elements)
	}
	for _, want := range []string{"F(10^9) in 1.00 s", "at most n^1.15", "prefers-color-scheme: dark", "Numbermill, 2 threads"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plot lacks %q", want)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("the plot has a number that is none")
	}
}

func TestPlotOfNothing(t *testing.T) {
	t.Parallel()
	if text := (report{}).plot(); !strings.HasSuffix(text, "</svg>\n") {
		t.Errorf("got %q, want an empty plot", text)
	}
}

func TestAxes(t *testing.T) {
	t.Parallel()
	a := around([]curve{{points: []point{{1e6, 0.003}, {2e8, 40}}}})
	if diff := cmp.Diff(axes{6, 9, -3, 2}, a, cmp.AllowUnexported(axes{})); diff != "" {
		t.Errorf("axes (-want +got):\n%s", diff)
	}
	if got := []float64{a.x(1e6), a.x(1e9), a.y(1e-3), a.y(100)}; !cmp.Equal(got, []float64{left, right, floor, top}) {
		t.Errorf("the corners are at %v, want those of the area", got)
	}
}

func TestLabelsStandApart(t *testing.T) {
	t.Parallel()
	got := apart([]label{{10, 50, "c"}, {10, 40, "a"}, {20, 41, "z"}, {10, 45, "b"}})
	want := []label{{10, 40, "a"}, {10, 40 + labelHeight, "b"}, {10, 40 + 2*labelHeight, "c"}, {20, 41, "z"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(label{})); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}
