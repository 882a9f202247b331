package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// verdict is how a test ended.
type verdict int

const (
	unfinished verdict = iota
	passed
	failed
	skipped
)

// test is one test that counts.
type test struct {
	where   string // the package or file
	name    string // empty for the package or file itself
	verdict verdict
	detail  string // what a failed test wrote, or why one was skipped
}

// suite is one run of a test runner.
type suite struct {
	name   string
	kind   string // go, vitest, or step for a command that leaves no report
	status int    // its exit status
	took   time.Duration
	report string // path of its report
	log    string // path of its other output
	tests  []test
}

// absence is a program that some tests need and that was not found.
type absence struct {
	program, suffers, remedy string
}

// readSuites reads the list of suites at path, and each one's report.
func readSuites(path string) ([]suite, error) {
	rows, err := readRows(path, 6)
	if err != nil {
		return nil, err
	}
	var suites []suite
	for _, row := range rows {
		status, err := strconv.Atoi(row[2])
		if err != nil {
			return nil, fmt.Errorf("%s: exit status of %s: %w", path, row[0], err)
		}
		seconds, err := strconv.Atoi(row[3])
		if err != nil {
			return nil, fmt.Errorf("%s: seconds of %s: %w", path, row[0], err)
		}
		s := suite{
			name: row[0], kind: row[1], status: status,
			took: time.Duration(seconds) * time.Second, report: row[4], log: row[5],
		}
		s.load()
		suites = append(suites, s)
	}
	return suites, nil
}

// readAbsences reads the list of missing programs at path; no path, or no file, means none.
func readAbsences(path string) ([]absence, error) {
	rows, err := readRows(path, 3)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var absences []absence
	for _, row := range rows {
		absences = append(absences, absence{program: row[0], suffers: row[1], remedy: row[2]})
	}
	return absences, nil
}

// readRows reads lines of so many fields that are separated by tabs.
func readRows(path string, fields int) ([][]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a list: %w", err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) != fields {
			return nil, fmt.Errorf("%s: got %d fields, want %d in %q", path, len(row), fields, line)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// load reads the suite's report and adds a failure of the suite's own where the report does not
// tell why it should not pass.
func (s *suite) load() {
	tests, err := s.readReport()
	s.tests = tests
	switch {
	case s.kind == "step" && s.status != 0:
		s.fail(fmt.Sprintf("failed with status %d", s.status))
	case err != nil:
		s.fail("left no report that can be read: " + err.Error())
	case s.status != 0 && tallyOf(s.tests).failed == 0:
		s.fail(fmt.Sprintf("ended with status %d although no test failed", s.status))
	case s.kind != "step" && len(s.tests) == 0:
		s.fail("ran no test")
	}
}

func (s *suite) readReport() ([]test, error) {
	if s.kind == "step" {
		return nil, nil
	}
	text, err := os.ReadFile(s.report)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	switch s.kind {
	case "go":
		return readGo(bytes.NewReader(text))
	case "vitest":
		return readVitest(bytes.NewReader(text))
	default:
		return nil, fmt.Errorf("unknown kind of report: %q", s.kind)
	}
}

// fail adds a failure of the suite as a whole, with the end of its log.
func (s *suite) fail(why string) {
	detail := why
	if text, err := os.ReadFile(s.log); err == nil && len(text) > 0 {
		detail += "\n" + string(text)
	}
	s.tests = append(s.tests, test{where: s.name, verdict: failed, detail: detail})
}

// tally is how many tests ended how.
type tally struct {
	passed, failed, skipped int
}

// tallyOf counts tests by verdict.
func tallyOf(tests []test) tally {
	var t tally
	for _, one := range tests {
		switch one.verdict {
		case passed:
			t.passed++
		case skipped:
			t.skipped++
		case failed, unfinished:
			t.failed++
		}
	}
	return t
}
