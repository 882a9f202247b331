package main

import (
	"fmt"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// report is what a run of the benchmark has to tell.
type report struct {
	when    time.Time
	version string
	plan    plan
	quick   bool
	results []result
	machine benchmark.Machine // at the start
	load    benchmark.Load
}

// page returns all of it in Markdown, a part of the page of benchmarks.
func (r report) page() string {
	command := "make bench-telemetry"
	if r.quick {
		command += " ARGS=--quick"
	}
	var rows [][]string
	for _, one := range r.results {
		cost, verdict := one.cost(off, on), ""
		if one.most > 0 {
			verdict = percent(one.most)
			if cost.Median > one.most {
				verdict += ": **exceeded**"
			}
		}
		rows = append(rows, []string{
			one.name, one.text(benchmark.Quartiles(one.values[off])), one.text(benchmark.Quartiles(one.values[on])), cost.Text(percent), verdict,
			one.cost(off, every).Text(percent), one.cost(silent, off).Text(percent),
		})
	}
	var b strings.Builder
	line := func(format string, a ...any) { _, _ = fmt.Fprintf(&b, format+"\n", a...) } // a Builder never fails
	line("## What telemetry costs\n")
	line("An API and a worker with everything on (traces, up to the 20 new ones a second that are kept unless told otherwise, and metrics over OTLP\n" +
		"to a collector on the same machine, and log lines in a file) beside the same as it runs unless told otherwise (log lines as JSON on\n" +
		"standard error, nothing exported), by turns. Two more run for comparison: one that keeps every single trace (OTEL_TRACES_SAMPLER=always_on),\n" +
		"and one that exports nothing and logs nothing but errors; the last column is what logging costs beside that one.")
	line("`%s` wrote this part. %s\n", command, r.surroundings())
	b.WriteString(benchmark.Table([]string{"measure", "off", "on", "cost", "at most", "cost with every trace", "cost of logging alone"}, rows))
	line("\nMedians of %d rounds over %d lives of the processes, in brackets the middle half of them; the cost is the median of what each round with telemetry has more, or less where\n"+
		"more is better, than the round without near it. Jobs are Fibonacci numbers of a few hundred digits, none asked for twice, over %d\n"+
		"connections for %v a round, or %d one after the other on one. The load and the collector share the processors with what is measured;\n"+
		"the processor times are those of one process alone, so that they show the cost undiluted.",
		r.plan.rounds*r.plan.lives, r.plan.lives, r.plan.connections, r.plan.load, r.plan.latencies)
	return b.String()
}

// surroundings names the machine and the version.
func (r report) surroundings() string {
	m := r.machine
	text := fmt.Sprintf("%s, on %s, %d processors, %s;\n%s.", r.when.Format("2 January 2006, 15:04 UTC"), m.Processor, m.Count, m.System, r.version)
	if r.load.Known {
		text += fmt.Sprintf(" Meanwhile other processes, the load among them, used %.0f %% of the processors, and the host took %.0f %%; load\naverage %s before.",
			100*r.load.Others, 100*r.load.Stolen, r.load.Before)
	}
	return text
}

// cost is how much worse each round of one variant is than the one near it of another, as a share.
func (r result) cost(without, with int) benchmark.Spread {
	var costs []float64
	for i := range min(len(r.values[without]), len(r.values[with])) {
		share := r.values[with][i] / r.values[without][i]
		if r.unit == perSecond {
			costs = append(costs, 1-share)
		} else {
			costs = append(costs, share-1)
		}
	}
	return benchmark.Quartiles(costs)
}

// text writes values in the measure's unit.
func (m measure) text(s benchmark.Spread) string {
	return s.Text(func(v float64) string {
		switch {
		case m.unit == perSecond:
			return fmt.Sprintf("%.0f", v)
		case v < 1e-3:
			return fmt.Sprintf("%.0f µs", v*1e6)
		}
		return fmt.Sprintf("%.2f ms", v*1e3)
	})
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
