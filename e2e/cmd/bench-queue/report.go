package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// measure is a thing that is measured.
type measure struct {
	name string
	unit unit
}

// unit is how a measure is written, and whether more of it is better. Times are in seconds.
type unit int

const (
	perSecond unit = iota
	milliseconds
	microseconds
	seconds
	share
	count
	factor
)

// text writes a value; nothing if there is none.
func (m measure) text(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	switch m.unit {
	case perSecond:
		if v < 100 {
			return fmt.Sprintf("%.1f", v)
		}
		return fmt.Sprintf("%.0f", v)
	case milliseconds:
		return fmt.Sprintf("%.2f ms", v*1e3)
	case microseconds:
		return fmt.Sprintf("%.0f µs", v*1e6)
	case seconds:
		return fmt.Sprintf("%.2f s", v)
	case share:
		return fmt.Sprintf("%.2f %%", v*100)
	case count, factor:
	}
	return fmt.Sprintf("%.2f", v)
}

// spread writes the median of the rounds and their range.
func (m measure) spread(values []float64) string {
	values = slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(values) == 0 {
		return "–"
	}
	if len(values) == 1 {
		return m.text(values[0])
	}
	return benchmark.Range(values).Text(m.text)
}

// ratios are those of our rounds to the same rounds of a peer.
func (r result) ratios(id string) []float64 {
	ours, theirs := r.values[numbermillID], r.values[id]
	var all []float64
	for i := range min(len(ours), len(theirs)) {
		if ratio := ours[i] / theirs[i]; !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
			all = append(all, ratio)
		}
	}
	return all
}

// resultsOf are the results that are still to be measured.
func resultsOf(groups []group) []result {
	var all []result
	for _, g := range groups {
		for _, m := range g.measures {
			all = append(all, result{m, make(map[string][]float64)})
		}
	}
	return all
}

// report is what a run of the benchmark has to tell.
type report struct {
	when     time.Time
	plan     plan
	quick    bool
	systems  []system
	absent   []string
	versions []string
	results  []result
	profiles []profile
	machine  benchmark.Machine // at the start
	quiet    bool              // whether it was by then
	load     benchmark.Load
}

// page returns all of it in Markdown, a part of the page of benchmarks.
func (r report) page() string {
	parts := []string{r.introduction(), r.surroundings(), r.figures(), r.comparison(), r.goals(), r.bounds(), r.method()}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n")
}

func (r report) introduction() string {
	command := "make bench-queue"
	if r.quick {
		command += " ARGS=--quick"
	}
	return fmt.Sprintf(`## How fast small jobs are carried

From a request to the verified digits of a small Fibonacci number: Numbermill over HTTP beside Asynq and BLMOVE by themselves, without HTTP,
BullMQ behind Node's http server, and Celery behind Flask with gunicorn, on one Redis and by turns. `+"`%s`"+` wrote this part
and gets the peers by itself.
`, command)
}

// surroundings names the machine, the versions and what was left out.
func (r report) surroundings() string {
	var b strings.Builder
	m := r.machine
	line := func(format string, a ...any) { _, _ = fmt.Fprintf(&b, "- "+format+"\n", a...) } // a Builder never fails
	line("%s, on %s, %d processors, %s", r.when.Format("2 January 2006, 15:04 UTC"), m.Processor, m.Count, m.System)
	for _, version := range r.versions {
		line("%s", version)
	}
	if r.load.Known {
		line("Meanwhile other processes used %.0f %% of the processors, and the host took %.0f %%; load average %s before, %s after",
			100*r.load.Others, 100*r.load.Stolen, r.load.Before, r.load.After)
	}
	for _, why := range r.absent {
		line("**Left out**: %s", why)
	}
	if !r.quiet || r.load.Known && r.load.Others > 0.1 {
		b.WriteString("\n**The machine was not quiet.** Ratios suffer less from that than all else.\n")
	}
	return b.String()
}

// figures is the table of everything that was measured.
func (r report) figures() string {
	head := []string{"measure"}
	for _, s := range r.systems {
		head = append(head, s.title)
	}
	var rows [][]string
	for _, one := range r.results {
		row := []string{one.name}
		for _, s := range r.systems {
			row = append(row, one.spread(one.values[s.id]))
		}
		rows = append(rows, row)
	}
	return benchmark.Table(head, rows)
}

// comparison is the table of our ratios to the peers.
func (r report) comparison() string {
	if len(r.systems) < 2 {
		return ""
	}
	head := []string{"Numbermill beside"}
	for _, s := range r.systems[1:] {
		head = append(head, s.title)
	}
	var rows [][]string
	for _, one := range r.results {
		row, some := []string{one.name}, false
		for _, s := range r.systems[1:] {
			text := measure{unit: factor}.spread(one.ratios(s.id))
			row, some = append(row, text), some || text != "–"
		}
		if some {
			rows = append(rows, row)
		}
	}
	return "How many times as much it is of each, median of the rounds' ratios and their range:\n\n" + benchmark.Table(head, rows)
}

func (r report) method() string {
	p := r.plan
	return fmt.Sprintf(`### How it is measured

Medians of %d rounds (%d of batches), in brackets the least and the most. In a round every system has its turn at each group of measures, in an
order that changes; a turn begins with an empty Redis (appendonly yes, appendfsync everysec) and newly started processes, which %v of other
small jobs warm up. A job is F(n) or F(0) + … + F(n), n from 1,000 to 9,000, none twice in a turn, so that Numbermill has to compute each,
which every answer must say; one in %d is compared with math/big, digit by digit or by its SHA-256. Idle is one connection, %d jobs with
pauses of 7 to 47 ms, after %v in which nothing is asked for, which begin %v after the last job; under load each connection sends its next
job when the last is answered, for %v. A batch has %d jobs. The load shares the processors with what is measured. CPU is what the system
accounts to the processes of a system with all their threads and children; the client of Asynq and BLMOVE is the load itself and is not in
it. Commands of Redis are those that it counts, the ones within scripts included; the one that asks for these figures is taken off.

Each has one process that answers HTTP and one worker, keeps its connections, and writes no access log (Numbermill writes its own log lines
to nowhere); Celery's worker has two processes that compute, and gunicorn one with 64 threads. BullMQ keeps all jobs that are done, Celery
their results for a day, Numbermill both for a week with their digits verified; Asynq and BLMOVE keep nothing, and tell of each end by a
message. Asynq looks for work every %v. The programs are in [e2e/cmd/bench-queue](../e2e/cmd/bench-queue).
`, p.rounds, p.batchRounds, p.warm, checkEvery, p.samples, p.still, p.settle, p.load, p.batch, asynqInterval)
}
