package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// goEvent is one line of `go test -json`, as `go doc test2json` describes it.
type goEvent struct {
	Action      string
	Package     string
	Test        string
	Output      string
	Elapsed     float64
	ImportPath  string
	FailedBuild string
}

// goTest is one test of a package; the one with an empty name is the package itself.
type goTest struct {
	pkg, name string
	verdict   verdict
	output    strings.Builder
	parent    bool // has subtests
	excused   bool // a subtest failed
}

// goRun gathers the events of one go test command.
type goRun struct {
	tests  map[string]map[string]*goTest // by package and name
	order  map[string][]*goTest          // by package, as they started
	pkgs   []string                      // as they started
	builds map[string]*strings.Builder   // what the compiler said, by import path
}

// readGo reads the events of one go test command and returns the tests that count.
func readGo(in io.Reader) ([]test, error) {
	run := newGoRun()
	if err := run.read(in, nil); err != nil {
		return nil, err
	}
	var tests []test
	for _, pkg := range run.pkgs {
		tests = append(tests, run.count(pkg)...)
	}
	return tests, nil
}

// watch prints a line for every package that ends and had a test or a failure.
func watch(in io.Reader, out io.Writer) error {
	run := newGoRun()
	return run.read(in, func(pkg string, seconds float64) {
		t := tallyOf(run.count(pkg))
		if t == (tally{}) {
			return
		}
		note := ""
		if t.failed > 0 {
			note = fmt.Sprintf("  %d FAILED", t.failed)
		}
		_, _ = fmt.Fprintf(out, "  %-50s %5d tests %7.1f s%s\n",
			pkg, t.passed+t.failed+t.skipped, seconds, note)
	})
}

func newGoRun() *goRun {
	return &goRun{
		tests:  map[string]map[string]*goTest{},
		order:  map[string][]*goTest{},
		builds: map[string]*strings.Builder{},
	}
}

// read takes in events until the end and calls ended, if not nil, for each package that ends.
// A line that is no event is passed over: go test itself says why it failed on standard error.
func (r *goRun) read(in io.Reader, ended func(pkg string, seconds float64)) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		var e goEvent
		if len(line) > 0 && json.Unmarshal(line, &e) == nil {
			r.add(e)
			if ended != nil && e.Test == "" && (e.Action == "pass" || e.Action == "fail") {
				ended(e.Package, e.Elapsed)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the events of go test: %w", err)
		}
	}
}

func (r *goRun) add(e goEvent) {
	if e.Action == "build-output" {
		r.build(e.ImportPath).WriteString(e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	t := r.test(e.Package, e.Test)
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass":
		t.verdict = passed
		t.output.Reset()
	case "skip":
		t.verdict = skipped
	case "fail":
		t.verdict = failed
		if e.FailedBuild != "" {
			t.output.WriteString(r.build(e.FailedBuild).String())
		}
		r.excuseParents(t)
	}
}

func (r *goRun) build(path string) *strings.Builder {
	if r.builds[path] == nil {
		r.builds[path] = &strings.Builder{}
	}
	return r.builds[path]
}

// test finds a test, or notes it and tells its parents that they are parents.
func (r *goRun) test(pkg, name string) *goTest {
	byName := r.tests[pkg]
	if byName == nil {
		byName = map[string]*goTest{}
		r.tests[pkg] = byName
		r.pkgs = append(r.pkgs, pkg)
	}
	t := byName[name]
	if t == nil {
		t = &goTest{pkg: pkg, name: name}
		byName[name] = t
		r.order[pkg] = append(r.order[pkg], t)
		for _, p := range r.parents(t) {
			p.parent = true
		}
	}
	return t
}

// parents returns the tests that t is a subtest of. A slash may also be part of a name.
func (r *goRun) parents(t *goTest) []*goTest {
	var parents []*goTest
	for i, c := range t.name {
		if c != '/' {
			continue
		}
		if p := r.tests[t.pkg][t.name[:i]]; p != nil {
			parents = append(parents, p)
		}
	}
	return parents
}

func (r *goRun) excuseParents(t *goTest) {
	for _, p := range r.parents(t) {
		p.excused = true
	}
}

// count returns the tests of a package that count, once it has ended or the events are over.
func (r *goRun) count(pkg string) []test {
	for _, t := range r.order[pkg] {
		if t.name != "" && t.verdict == unfinished {
			r.excuseParents(t)
		}
	}
	var tests []test
	var whole *goTest
	for _, t := range r.order[pkg] {
		switch {
		case t.name == "":
			whole = t
		case t.counts():
			tests = append(tests, t.result())
		}
	}
	// A package speaks for itself only when none of its tests tells why it failed.
	if whole == nil || whole.verdict == failed || whole.verdict == unfinished {
		if tallyOf(tests).failed == 0 {
			tests = append(tests, packageFailure(pkg, whole))
		}
	}
	return tests
}

func packageFailure(pkg string, whole *goTest) test {
	t := test{where: pkg, verdict: failed, detail: "ended without a verdict"}
	if whole != nil && whole.verdict == failed {
		t.detail = whole.output.String()
	}
	return t
}

// counts tells whether a test is a leaf, or failed on its own account.
func (t *goTest) counts() bool {
	if !t.parent {
		return true
	}
	return !t.excused && (t.verdict == failed || t.verdict == unfinished)
}

func (t *goTest) result() test {
	result := test{where: t.pkg, name: t.name, verdict: t.verdict, detail: said(t.output.String())}
	if t.verdict == unfinished {
		result.verdict = failed
		result.detail = "did not finish\n" + result.detail
	}
	return result
}

// said drops the lines that the test runner adds of its own.
func said(output string) string {
	var kept strings.Builder
	for line := range strings.Lines(output) {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "=== ") || strings.HasPrefix(bare, "--- ") {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}
