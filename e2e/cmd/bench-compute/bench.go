package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"numbermill/e2e/internal/benchmark"
)

// bench runs engines in turns.
type bench struct {
	log     io.Writer
	engines []engine  // those that run
	absent  []absence // those that do not
	spent   float64   // processor seconds of all processes so far
}

// absence is an engine that was left out, of all tasks or of one.
type absence struct {
	title, task, why string
}

// result is what was measured of one task.
type result struct {
	task     task
	digest   string
	digits   int64
	samples  map[string][]sample // by engine
	startUps map[string][]sample // by engine: the same command with n = 1
	skipped  string              // why nothing was measured, if so
}

// probe asks each engine for its version, and leaves out the peers that have none. Ours must answer.
func (b *bench) probe(ctx context.Context, all []engine) error {
	for _, e := range all {
		out, err := execute(ctx, e.asks)
		var t told
		if err == nil {
			t, err = e.phases(out.stdout, out.stderr)
		}
		switch {
		case err == nil:
			e.version = t.version
			b.engines = append(b.engines, e)
		case e.mine || ctx.Err() != nil:
			return fmt.Errorf("%s does not run: %w", e.title, err)
		default:
			b.absent = append(b.absent, absence{title: e.title, why: fmt.Sprintf("does not run here (%v). To have it: %s", err, e.remedy)})
			b.say("note: %s is left out: %v\n      To have it: %s\n", e.title, err, e.remedy)
		}
	}
	return nil
}

// measureAll carries out a plan.
func (b *bench) measureAll(ctx context.Context, p plan) ([]result, error) {
	dir, err := os.MkdirTemp("", "bench-compute-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for digits: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays is the system's to clean up
	file := filepath.Join(dir, "digits")
	results := make([]result, 0, len(p.rows))
	for _, r := range p.rows {
		if free := benchmark.AvailableMemory(); free > 0 && free < r.memory {
			why := fmt.Sprintf("it wants %s of free memory, and there are %s", bytesText(r.memory), bytesText(free))
			b.say("note: %s is left out: %s\n", r.task, why)
			results = append(results, result{task: r.task, skipped: why})
			continue
		}
		one, err := b.measure(ctx, r, file)
		if err != nil {
			return nil, err
		}
		results = append(results, one)
	}
	return results, nil
}

// measure lets the engines take turns at a task until each has had its runs.
func (b *bench) measure(ctx context.Context, r row, file string) (result, error) {
	one := result{task: r.task, samples: make(map[string][]sample), startUps: make(map[string][]sample)}
	rounds := 0
	for _, runs := range r.runs {
		rounds = max(rounds, runs)
	}
	failed := make(map[string]bool)
	for round := range rounds {
		for _, e := range inTurn(b.engines, r, round) {
			if failed[e.id] {
				continue
			}
			b.say("%s, round %d of %d: %s\n", r.task, round+1, rounds, e.title)
			err := b.turn(ctx, e, &one, file)
			switch {
			case err == nil:
			case e.mine || ctx.Err() != nil:
				return one, fmt.Errorf("%s, %s: %w", r.task, e.title, err)
			default:
				failed[e.id] = true
				delete(one.samples, e.id)
				b.absent = append(b.absent, absence{e.title, r.task.String(), fmt.Sprintf("failed (%v)", err)})
				b.say("note: %s is left out of %s: %v\n", e.title, r.task, err)
			}
		}
	}
	return one, one.agree(b.engines)
}

// inTurn returns the engines that run in a round, in order. Each second round goes backwards, and each pair of rounds starts with another engine: the
// memory that one process gives back comes sooner to the next, so that none may always follow the same other one.
func inTurn(all []engine, r row, round int) []engine {
	var order []engine
	for _, e := range all {
		if r.runs[e.id] > round {
			order = append(order, e)
		}
	}
	first := round / 2 % max(len(order), 1)
	order = slices.Concat(order[first:], order[:first])
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// turn runs one engine once, and before it twice the same command with n = 1. The first fills the processor's caches with the program, so that
// the two that count find them alike.
func (b *bench) turn(ctx context.Context, e engine, one *result, file string) error {
	var runs [3]sample
	for i, t := range []task{one.task.startUp(), one.task.startUp(), one.task} {
		s, err := once(ctx, e, t, file)
		if err != nil {
			return fmt.Errorf("n = %d: %w", t.n, err)
		}
		b.spent += s.whole.cpu
		runs[i] = s
	}
	one.startUps[e.id] = append(one.startUps[e.id], runs[1])
	one.samples[e.id] = append(one.samples[e.id], runs[2])
	return nil
}

// agree fails unless all runs of all engines gave the same digits, and the known ones where they are known.
func (r *result) agree(order []engine) error {
	var answers []string // who gave which digest, each digest once for an engine
	distinct := make(map[string]bool)
	for _, e := range order {
		seen := make(map[string]bool)
		for _, s := range r.samples[e.id] {
			distinct[s.digest] = true
			if !seen[s.digest] {
				seen[s.digest] = true
				answers = append(answers, fmt.Sprintf("  %-32s %s (%d digits)", e.title, s.digest, s.digits))
			}
			r.digest, r.digits = s.digest, s.digits
		}
	}
	if want := known[r.task]; want != "" && r.digest != "" && !strings.HasPrefix(r.digest, want) {
		distinct[want] = true
		answers = append(answers, fmt.Sprintf("  %-32s %s", "known", want))
	}
	if len(distinct) > 1 {
		return fmt.Errorf("the answers to %s differ; by the SHA-256 of their digits:\n%s", r.task, strings.Join(answers, "\n"))
	}
	return nil
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.log, format, args...) // where it goes there is nowhere else to complain
}
