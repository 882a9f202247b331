package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// vitestReport is the part of Vitest's JSON report that is read here; field names match without
// regard to case.
type vitestReport struct {
	TestResults []struct {
		Name             string // path of the file
		Status           string
		Message          string // why the file could not be run
		AssertionResults []vitestTest
	}
}

type vitestTest struct {
	FullName        string
	Status          string
	FailureMessages []string
}

// readVitest reads one report of Vitest's JSON reporter and returns its tests.
func readVitest(in io.Reader) ([]test, error) {
	var report vitestReport
	if err := json.NewDecoder(in).Decode(&report); err != nil {
		return nil, fmt.Errorf("read the report of Vitest: %w", err)
	}
	var tests []test
	for _, file := range report.TestResults {
		where := filepath.Base(file.Name)
		broken := file.Status == "failed"
		for _, one := range file.AssertionResults {
			t := one.result(where)
			broken = broken && t.verdict != failed
			tests = append(tests, t)
		}
		if broken {
			tests = append(tests, test{where: where, verdict: failed, detail: file.Message})
		}
	}
	return tests, nil
}

func (v vitestTest) result(where string) test {
	t := test{where: where, name: strings.TrimSpace(v.FullName)}
	switch v.Status {
	case "passed":
		t.verdict = passed
	case "failed":
		t.verdict = failed
		t.detail = strings.Join(v.FailureMessages, "\n")
	default: // skipped, pending, todo, disabled
		t.verdict = skipped
		t.detail = v.Status
	}
	return t
}
