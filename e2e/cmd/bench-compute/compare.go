package main

import (
	"fmt"
	"strconv"
	"strings"

	"numbermill/e2e/internal/benchmark"
)

// goals compares with gmpy2.
func (r report) goals() string {
	var rows [][]string
	for _, g := range r.plan.goals {
		if row := r.goal(g); row != nil {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return "## Against GMP\n\nNothing to compare: gmpy2 did not run.\n"
	}
	return `## Against GMP

Numbermill's share of what GMP takes, through gmpy2, for the same file. Both processes count from start to end, less what the same
command takes for n = 1; ours includes checking its digits by an independent computation. The last two columns are the ratio without
that check, and the ratio to what gmpy2 takes for computing and converting alone, with no file. In brackets the extremes, round by round.

` + benchmark.Table([]string{"task", "measure", "Numbermill", "GMP", "ratio", "at most", "without our check", "GMP without its file"}, rows)
}

func (r report) goal(g goal) []string {
	one := r.result(g.task)
	if one == nil || len(one.samples[gmpy2]) == 0 || len(one.samples[g.engine]) == 0 {
		return nil
	}
	how := map[string]string{ours: "1 thread", ours2: "2 threads", portable: "1 thread, portable kernels"}[g.engine]
	mine, theirs := one.whole(g.engine, g.measure), one.whole(gmpy2, g.measure)
	text, limit, without, core := secondsText, "", "", ""
	compared := spreadText(ratio(mine, theirs), ratioText)
	switch {
	case g.measure == peakMemory:
		text = bytesText[float64]
		limit = text(g.atMost)
	case g.atMost > 0:
		limit = fmt.Sprintf("%.2f", g.atMost)
	}
	if g.measure != peakMemory {
		without = ratioText(ratio(one.unchecked(g.engine, g.measure), theirs).median)
		core = ratioText(ratio(mine, one.core(gmpy2, g.measure)).median)
	}
	return []string{
		g.task.String(), fmt.Sprintf("%s, %s", g.measure, how), text(median(mine)), text(median(theirs)), compared, limit, without, core,
	}
}

func (r report) result(t task) *result {
	for i := range r.results {
		if r.results[i].task == t && r.results[i].skipped == "" {
			return &r.results[i]
		}
	}
	return nil
}

// details has a table a task, of every engine.
func (r report) details() string {
	var b strings.Builder
	b.WriteString(`## Every engine

Medians; in brackets the lowest and the highest run. Whole is the process from start to end, less its start-up, with everything that it
does besides: all write a file, ours digests its digits and checks them. Its digits come about while they are written, so that its
decimal time includes writing. PARI/GP tells its phases in whole milliseconds. The ratios are those of the whole to GMP's.
`)
	for _, one := range r.results {
		if one.skipped == "" && r.compared(one) {
			b.WriteString("\n" + r.detail(one))
		}
	}
	return b.String()
}

// compared tells whether another program computed the task too.
func (r report) compared(one result) bool {
	for _, e := range r.engines {
		if !e.mine && len(one.samples[e.id]) > 0 {
			return true
		}
	}
	return false
}

func (r report) detail(one result) string {
	var rows [][]string
	for _, e := range r.engines {
		samples := one.samples[e.id]
		if len(samples) == 0 {
			continue
		}
		row := []string{e.title}
		for _, m := range []measure{cpuTime, wallTime} {
			row = append(row,
				secondsText(median(one.each(e.id, func(s sample) float64 { return m.of(s.told.compute) }))),
				secondsText(median(one.each(e.id, func(s sample) float64 { return m.of(s.told.decimal) }))),
				spreadText(figureOf(one.whole(e.id, m)), secondsText))
		}
		row = append(row, bytesText(median(one.whole(e.id, peakMemory))),
			ratioText(ratio(one.whole(e.id, cpuTime), one.whole(gmpy2, cpuTime)).median),
			ratioText(ratio(one.whole(e.id, wallTime), one.whole(gmpy2, wallTime)).median),
			strconv.Itoa(len(samples)))
		rows = append(rows, row)
	}
	return fmt.Sprintf("### %s\n\n%s digits. All engines agree: SHA-256 `%s`.\n\n", one.task, digitsText(one.digits), one.digest) + benchmark.Table([]string{
		"engine", "CPU: compute", "decimal", "whole", "wall: compute", "decimal", "whole", "peak", "CPU ratio", "wall ratio", "runs",
	}, rows)
}

// threads compares our elapsed time with one thread and with two.
func (r report) threads() string {
	var rows [][]string
	impossible := false
	for _, one := range r.results {
		single, double := one.whole(ours, wallTime), one.whole(ours2, wallTime)
		if len(single) == 0 || len(double) == 0 {
			continue
		}
		gain := ratio(single, double)
		impossible = impossible || gain.median > 2
		rows = append(rows, []string{
			one.task.String(), spreadText(figureOf(single), secondsText), spreadText(figureOf(double), secondsText),
			spreadText(gain, ratioText), ratioText(ratio(one.computing(ours), one.computing(ours2)).median),
		})
	}
	if len(rows) == 0 || r.machine.Count < 2 {
		return ""
	}
	text := `## Two threads

Elapsed time of the whole process, less its start-up, and how many times faster two threads are; last the same of computing alone.

` + benchmark.Table([]string{"task", "1 thread", "2 threads", "gain", "gain in computing"}, rows)
	if impossible {
		text += "\n" + aboveTwo
	}
	return text
}

// aboveTwo is said where two threads seem to gain more than they can.
const aboveTwo = `Two processors cannot gain more than 2. Where the table says more, handing out memory cost the runs with one thread more: the system clears
every page first, in a virtual machine after getting it back from the host, and what that costs depends on what ran before. The gains of such
rows, and the steps from row to row below, are no better than their spread.
`

// computing returns what an engine says of its computing, elapsed.
func (r result) computing(id string) []float64 {
	return r.each(id, func(s sample) float64 { return s.told.compute.wall })
}
