package main

import (
	"fmt"
	"io"
	"strings"
)

// maxLines is how much of a failed test's output is shown: its end, where the reason stands.
const maxLines = 200

// report prints the failed and the skipped tests, what did not run, a line a suite and the closing
// line. It returns what the closing line says.
func report(out io.Writer, suites []suite, absences []absence, strict bool) tally {
	p := printer{out: out}
	for _, s := range suites {
		p.failures(s)
	}
	p.skips(suites)
	p.absences(absences)
	p.table(suites)

	var total tally
	for _, s := range suites {
		t := tallyOf(s.tests)
		total.passed += t.passed
		total.failed += t.failed
		total.skipped += t.skipped
	}
	if strict {
		total.failed += len(absences)
	} else {
		total.skipped += len(absences)
	}
	p.printf("\n%d passed, %d failed, %d skipped\n", total.passed, total.failed, total.skipped)
	return total
}

// printer writes to a terminal or a log, where a failed write has nowhere to be told.
type printer struct {
	out io.Writer
}

func (p printer) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format, args...)
}

func (p printer) failures(s suite) {
	for _, t := range s.tests {
		if t.verdict != failed {
			continue
		}
		p.printf("\nFAILED %s: %s\n", s.name, title(t))
		for _, line := range lastLines(t.detail, maxLines) {
			p.printf("    %s\n", line)
		}
	}
}

func (p printer) skips(suites []suite) {
	heading := "\nSkipped:\n"
	for _, s := range suites {
		for _, t := range s.tests {
			if t.verdict != skipped {
				continue
			}
			p.printf("%s  %s: %s: %s\n", heading, s.name, title(t), oneLine(t.detail))
			heading = ""
		}
	}
}

func (p printer) absences(absences []absence) {
	if len(absences) > 0 {
		p.printf("\nDid not run:\n")
	}
	for _, a := range absences {
		p.printf("  %s, because %s was not found. To get it: %s\n", a.suffers, a.program, a.remedy)
	}
}

func (p printer) table(suites []suite) {
	p.printf("\n%-10s %7s %7s %7s %9s\n", "suite", "passed", "failed", "skipped", "time")
	for _, s := range suites {
		t := tallyOf(s.tests)
		p.printf("%-10s %7d %7d %7d %9s\n", s.name, t.passed, t.failed, t.skipped, s.took)
	}
}

func title(t test) string {
	return strings.TrimSpace(t.where + " " + t.name)
}

func lastLines(text string, limit int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if over := len(lines) - limit; over > 0 {
		lines = append([]string{fmt.Sprintf("(%d lines before)", over)}, lines[over:]...)
	}
	return lines
}

// oneLine joins what a skipped test said.
func oneLine(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if line == "" {
		return "no reason given"
	}
	return line
}
