package main

import (
	"fmt"
	"math"

	"numbermill/e2e/internal/benchmark"
)

// growth shows how the time of F(n) grows with n.
func (r report) growth() string {
	single, double := points(r.results, ours, cpuTime), points(r.results, ours2, wallTime)
	if len(single) < 2 || len(double) < 2 {
		return ""
	}
	first, last := fibonacci(int64(single[0].n)), fibonacci(int64(single[len(single)-1].n))
	text := fmt.Sprintf(`## Growth

From %s to %s the time grows as n^%.2f on one thread (CPU) and as n^%.2f on two (elapsed), fitted to all points by least squares;
by the two ends alone as n^%.2f and n^%.2f. It should be n^1.15 at most.

`, first, last, fitted(single), fitted(double), endToEnd(single), endToEnd(double))
	if !r.quick {
		text += fmt.Sprintf("![Seconds to the digits of F(n), n from %s to %s, both axes logarithmic; the tables have the same figures](%s)\n\n",
			powerOfTen(int64(single[0].n)), powerOfTen(int64(single[len(single)-1].n)), plotName)
	}
	var rows [][]string
	for i, p := range single {
		row := []string{fibonacci(int64(p.n)).String(), secondsText(p.seconds), "", "–", ""}
		if i > 0 {
			row[2] = fmt.Sprintf("n^%.2f", endToEnd(single[i-1:i+1]))
		}
		for j, q := range double {
			if q.n == p.n {
				row[3] = secondsText(q.seconds)
				if j > 0 {
					row[4] = fmt.Sprintf("n^%.2f", endToEnd(double[j-1:j+1]))
				}
			}
		}
		rows = append(rows, row)
	}
	return text + benchmark.Table([]string{"task", "1 thread, CPU", "since the last", "2 threads, wall", "since the last"}, rows)
}

// large tells of the tasks that only we computed.
func (r report) large() string {
	var rows [][]string
	for _, one := range r.results {
		if one.skipped != "" {
			rows = append(rows, []string{one.task.String(), "left out: " + one.skipped, "", "", "", ""})
			continue
		}
		if r.compared(one) || len(one.samples[ours2]) == 0 {
			continue
		}
		agrees := "no other is known"
		if known[one.task] != "" {
			agrees = "as known"
		}
		rows = append(rows, []string{
			one.task.String(), digitsText(one.digits), secondsText(median(one.whole(ours2, cpuTime))),
			spreadText(figureOf(one.whole(ours2, wallTime)), secondsText), bytesText(math.Max(maximum(one, ours), maximum(one, ours2))),
			fmt.Sprintf("`%.16s…`, %s", one.digest, agrees),
		})
	}
	if len(rows) == 0 {
		return ""
	}
	return `## Large numbers

Numbermill alone, with two threads; peak is the most with one thread or two. The SHA-256 is compared with what other programs gave once.

` + benchmark.Table([]string{"task", "digits", "CPU", "wall", "peak", "SHA-256"}, rows)
}

// maximum is the most memory that any run of an engine held.
func maximum(one result, id string) float64 { return figureOf(one.whole(id, peakMemory)).high }
