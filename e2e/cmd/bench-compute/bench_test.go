package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/benchmark"
)

// fake is an engine that a shell script plays: it finds n in $1 and the file in $2.
func fake(id, script string) engine {
	say := `echo '{"version":"fake 1"}'`
	return engine{
		id: id, title: "The " + id, remedy: "write it", mine: id == ours, phases: peerPhases,
		asks: program{path: "sh", arguments: []string{"-c", say}},
		program: func(t task, file string) program {
			return program{path: "sh", arguments: []string{"-c", script + "; " + say, "sh", strconv.FormatInt(t.n, 10), file}}
		},
	}
}

const honest = `printf %s "$1$1" >"$2"`

func TestMeasure(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	b := bench{log: &log, engines: []engine{fake(ours, honest), fake(gmpy2, honest), fake(pari, honest)}}
	r := row{task: fibonacci(77), runs: map[string]int{ours: 3, gmpy2: 3, pari: 1}}
	got, err := b.measure(t.Context(), r, filepath.Join(t.TempDir(), "digits"))
	if err != nil {
		t.Fatal(err)
	}
	runs := make(map[string]int)
	for id, samples := range got.samples {
		runs[id] = len(samples)
		if starts := got.startUps[id]; len(starts) != len(samples) || starts[0].digits != 2 {
			t.Errorf("%s: got start-ups %+v, want one with n = 1 for each of %d runs", id, starts, len(samples))
		}
	}
	if diff := cmp.Diff(r.runs, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	const sha256Of7777 = "41c991eb6a66242c0454191244278183ce58cf4a6bcd372f799e4b9cc01886af"
	if got.digest != sha256Of7777 || got.digits != 4 {
		t.Errorf("got SHA-256 %s of %d digits, want %s of 4", got.digest, got.digits, sha256Of7777)
	}
	if s := got.samples[ours][0]; s.whole.wall <= 0 || s.peak <= 0 {
		t.Errorf("got %+v, want that it took time and memory", s)
	}
	// They take turns, forwards, backwards, and then from another one on.
	var turns []string
	for line := range strings.Lines(log.String()) {
		turns = append(turns, strings.TrimSpace(line[strings.LastIndex(line, " "):]))
	}
	if diff := cmp.Diff([]string{ours, gmpy2, pari, gmpy2, ours, gmpy2, ours}, turns); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

func TestMeasureFails(t *testing.T) {
	t.Parallel()
	const wrong = `printf %s "$1" >"$2"`
	for _, c := range []struct {
		name    string
		engines []engine
		task    task
		want    []string // parts of the error
	}{
		{
			"two engines differ",
			[]engine{fake(ours, honest), fake(gmpy2, wrong)},
			fibonacci(77),
			[]string{"answers to F(77) differ", "The gmpy2", "(2 digits)", "The numbermill", "(4 digits)"},
		},
		{"one engine differs from itself", []engine{fake(ours, `printf %s $$ >"$2"`)}, fibonacci(77), []string{"answers to F(77) differ"}},
		{
			"all differ from what is known",
			[]engine{fake(ours, honest)},
			fibonacci(1_000_000),
			[]string{"answers to F(10^6) differ", "known", "aef6e8c19df607aa"},
		},
		{
			"ours fails",
			[]engine{fake(ours, `echo "out of tea" >&2; exit 3`)},
			fibonacci(77),
			[]string{"F(77), The numbermill: n = 1: exit status 3: out of tea"},
		},
		{"ours leaves no file", []engine{fake(ours, `:`)}, fibonacci(77), []string{"open the digits"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := bench{log: io.Discard, engines: c.engines}
			_, err := b.measure(t.Context(), row{task: c.task, runs: every(2, ours, gmpy2)}, filepath.Join(t.TempDir(), "digits"))
			for _, part := range c.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("got %v, want it to say %q", err, part)
				}
			}
		})
	}
}

// TestMeasureWithoutAPeer: one that fails is left out of the task, and the rest goes on.
func TestMeasureWithoutAPeer(t *testing.T) {
	t.Parallel()
	b := bench{log: io.Discard, engines: []engine{fake(ours, honest), fake(pari, `[ "$1" = 1 ] || exit 9; `+honest)}}
	got, err := b.measure(t.Context(), row{task: fibonacci(77), runs: every(2, ours, pari)}, filepath.Join(t.TempDir(), "digits"))
	if err != nil || len(got.samples[ours]) != 2 || len(got.samples[pari]) != 0 {
		t.Errorf("got %+v (%v), want two runs of ours alone", got.samples, err)
	}
	want := []absence{{title: "The pari", task: "F(77)", why: "failed (n = 77: exit status 9)"}}
	if diff := cmp.Diff(want, b.absent, cmp.AllowUnexported(absence{})); diff != "" {
		t.Errorf("absent (-want +got):\n%s", diff)
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	lost := fake(pari, honest)
	lost.asks.path = filepath.Join(t.TempDir(), "gp")
	b := bench{log: io.Discard}
	if err := b.probe(t.Context(), []engine{fake(ours, honest), lost}); err != nil {
		t.Fatal(err)
	}
	if len(b.engines) != 1 || b.engines[0].version != "fake 1" {
		t.Errorf("got %d engines, want ours alone, of version fake 1", len(b.engines))
	}
	if len(b.absent) != 1 || !strings.Contains(b.absent[0].why, "write it") {
		t.Errorf("got absences %+v, want one that says how to get it", b.absent)
	}
	lost.mine = true
	if err := b.probe(t.Context(), []engine{lost}); err == nil {
		t.Error("without our own engine there is no error")
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := bench{log: io.Discard, engines: []engine{fake(gmpy2, honest)}}
	_, err := b.measureAll(ctx, plan{rows: []row{{task: fibonacci(77), runs: every(1, gmpy2)}}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestTooLittleMemory(t *testing.T) {
	t.Parallel()
	b := bench{log: io.Discard, engines: []engine{fake(ours, honest)}}
	results, err := b.measureAll(t.Context(), plan{rows: []row{{task: fibonacci(77), runs: every(1, ours), memory: 1 << 60}}})
	if err != nil || len(results) != 1 {
		t.Fatalf("got %d results (%v), want one", len(results), err)
	}
	measured, skipped := len(results[0].samples) > 0, results[0].skipped != ""
	if known := benchmark.AvailableMemory() > 0; skipped != known || measured == known {
		t.Errorf("got measured %t, skipped %t where the free memory is known %t", measured, skipped, known)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := parseOptions([]string{"-docs", "docs", "--quick"}, io.Discard)
	if err != nil || !o.quick || o.docs != "" {
		t.Errorf("got %+v (%v), want a quick look that writes nothing", o, err)
	}
	for _, args := range [][]string{{"quick"}, {"--runs", "3"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("%q gives no error", args)
		}
	}
}

// TestRun measures nothing, as our own binary is not there.
func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run(t.Context(), []string{"-numbermill", filepath.Join(t.TempDir(), "none")}, &out, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "Numbermill, 1 thread does not run") || out.Len() > 0 {
		t.Errorf("got %v and %q, want that ours does not run", err, out.String())
	}
}
