package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var unexported = cmp.AllowUnexported(told{}, phase{}, program{})

func TestOwnPhases(t *testing.T) {
	t.Parallel()
	const summary = `{"digits":"6","timing_ms":{"compute":2.5,"write":1,"verify":0.5},"cpu_ms":{"compute":5,"write":1,"verify":0.25},"output":"x"}`
	got, err := ownPhases(nil, []byte(summary+"\n"))
	want := told{compute: phase{0.0025, 0.005}, decimal: phase{0.001, 0.001}, check: phase{0.0005, 0.00025}}
	if diff := cmp.Diff(want, got, unexported); err != nil || diff != "" {
		t.Errorf("the summary (%v, -want +got):\n%s", err, diff)
	}
	got, err = ownPhases([]byte("numbermill v1\n"), nil)
	if diff := cmp.Diff(told{version: "numbermill v1"}, got, unexported); err != nil || diff != "" {
		t.Errorf("the version (%v, -want +got):\n%s", err, diff)
	}
	if _, err := ownPhases(nil, []byte("F(6): 1 digit")); err == nil {
		t.Error("a summary that is no JSON gives no error")
	}
}

func TestPeerPhases(t *testing.T) {
	t.Parallel()
	line := `{"version":"x 1","compute":{"wall_ms":2,"cpu_ms":1},"decimal":{"wall_ms":4,"cpu_ms":3},"write":{"wall_ms":6,"cpu_ms":5}}`
	got, err := peerPhases([]byte(line+"\n"), []byte("a warning"))
	want := told{version: "x 1", compute: phase{0.002, 0.001}, decimal: phase{0.004, 0.003}}
	if diff := cmp.Diff(want, got, unexported); err != nil || diff != "" {
		t.Errorf("phases (%v, -want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"", "{}", "x 1"} {
		if _, err := peerPhases([]byte(bad), nil); err == nil {
			t.Errorf("%q gives no error", bad)
		}
	}
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	got := make(map[string]string)
	for _, e := range engines(programs{numbermill: "nm", mathBig: "mb", python: "py", gp: "gp", peers: "peers"}) {
		p := e.program(ackermann(1000), "FILE")
		got[e.id] = strings.Join(append(append([]string{p.path}, p.arguments...), p.variables...), " ")
	}
	want := map[string]string{
		ours:     "nm compute ackermann n=1000 --json -o FILE m=3 --threads 1",
		ours2:    "nm compute ackermann n=1000 --json -o FILE m=3 --threads 2",
		portable: "nm compute ackermann n=1000 --json -o FILE m=3 --threads 1 --kernels portable",
		gmpy2:    "py -I peers/peer.py gmpy2 ackermann 1000 FILE",
		python:   "py -I peers/peer.py python ackermann 1000 FILE",
		mathBig:  "mb ackermann 1000 FILE",
		pari:     "gp --quiet --fast --stacksize 4G peers/peer.gp BENCH_FUNCTION=ackermann BENCH_N=1000 BENCH_FILE=FILE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("command lines (-want +got):\n%s", diff)
	}
}

// TestPlans asserts that what the page compares is measured, and that every name is an engine's.
func TestPlans(t *testing.T) {
	t.Parallel()
	ids := make(map[string]bool)
	for _, e := range engines(programs{}) {
		ids[e.id] = true
	}
	for name, p := range map[string]plan{"full": fullPlan(), "quick": quickPlan()} {
		runs := make(map[task]map[string]int)
		for _, r := range p.rows {
			runs[r.task] = r.runs
			for id := range r.runs {
				if !ids[id] {
					t.Errorf("%s: %s has an unknown engine %q", name, r.task, id)
				}
			}
		}
		for _, g := range p.goals {
			if runs[g.task][g.engine] == 0 || runs[g.task][gmpy2] == 0 {
				t.Errorf("%s: %s is to be compared, but not measured", name, g.task)
			}
		}
	}
}
