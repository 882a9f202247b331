package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// bench measures systems by turns.
type bench struct {
	log      io.Writer
	programs programs
	plan     plan

	systems  []system
	absent   []string // systems that are left out, and why
	versions []string
	profiles []profile

	dir    string
	redis  *redisServer
	random *rand.Rand // of the pauses between requests
	used   float64    // by processes that have ended, in seconds of processors
}

// result is what was measured of one thing, by system, round by round; a round in which there is nothing to measure is NaN.
type result struct {
	measure
	values map[string][]float64
}

// choose decides which systems take part.
func (b *bench) choose(only []string) error {
	for _, s := range systems() {
		why := ""
		switch {
		case s.id == numbermillID:
		case only != nil && !slices.Contains(only, s.id):
			why = "was not asked for"
		case s.id == bullmqID && b.programs.bullmq == "", s.id == celeryID && (b.programs.celery == "" || b.programs.python == ""):
			why = "could not be installed"
		}
		if why == "" {
			b.systems = append(b.systems, s)
			continue
		}
		b.absent = append(b.absent, s.title+" "+why)
	}
	for _, id := range only {
		if !slices.ContainsFunc(b.systems, func(s system) bool { return s.id == id }) {
			return fmt.Errorf("there is no %q to measure; there are asynq, blmove, bullmq and celery, where they are installed", id)
		}
	}
	return nil
}

// measure measures everything.
func (b *bench) measure(ctx context.Context) (results []result, err error) {
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	groups := b.groups()
	results = resultsOf(groups)
	for round := range b.plan.rounds {
		first := 0
		for _, g := range groups {
			if g.rounds > round {
				for place := range b.systems {
					s := b.systems[benchmark.Turn(round, place, len(b.systems))]
					if err := b.turn(ctx, round, s, g, results[first:]); err != nil {
						return nil, fmt.Errorf("%s, %s: %w", s.title, g.name, err)
					}
				}
			}
			first += len(g.measures)
		}
	}
	return results, b.profile(ctx)
}

// open starts what all systems share.
func (b *bench) open(ctx context.Context) error {
	seed := uint64(time.Now().UnixNano())
	b.random = rand.New(rand.NewPCG(seed, 0))
	b.say("the pauses between single jobs come of the seed %d\n", seed)
	out, err := exec.CommandContext(ctx, b.programs.numbermill, "version").Output()
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", b.programs.numbermill, err)
	}
	if b.dir, err = os.MkdirTemp("", "nm-bench-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	data := filepath.Join(b.dir, "redis")
	if err := os.Mkdir(data, 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	if b.redis, err = startRedis(ctx, data); err != nil {
		return err
	}
	b.versions = append([]string{strings.TrimSpace(string(out)), "Redis " + b.redis.version}, b.peerVersions(ctx)...)
	return nil
}

// turn gives one system its turn in a life of its own.
func (b *bench) turn(ctx context.Context, round int, s system, g group, results []result) error {
	if b.plan.calm > 0 {
		benchmark.AwaitQuiet(ctx, b.plan.calm)
	}
	b.say("round %d of %d, %s: %s", round+1, b.plan.rounds, g.name, s.title)
	values, err := b.live(ctx, s, g)
	switch {
	case err == nil:
	case s.id == numbermillID || ctx.Err() != nil:
		return err
	default:
		b.say(": %v", err) // which names folders of this machine, and so has no place on the page
		b.absent = append(b.absent, fmt.Sprintf("%s failed in round %d of %q; what the run printed says why", s.title, round+1, g.name))
		values = slices.Repeat([]float64{math.NaN()}, len(g.measures))
	}
	for i, m := range g.measures {
		results[i].values[s.id] = append(results[i].values[s.id], values[i])
		b.say("%s %s", map[bool]string{true: ": ", false: ", "}[i == 0], m.text(values[i]))
	}
	b.say("\n")
	return nil
}

// live measures a group in a life of a system.
func (b *bench) live(ctx context.Context, s system, g group) ([]float64, error) {
	l, err := b.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	defer l.end()
	return g.once(ctx, l)
}

// spent is what the processes and this one have used so far, in seconds of processors.
func (b *bench) spent() float64 { return b.used + benchmark.OwnProcessorTime().Seconds() }

// close ends what all systems shared.
func (b *bench) close() error {
	if b.redis != nil {
		b.used += b.redis.process.ProcessorTime().Seconds()
		b.redis.stop()
	}
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.log, format, args...) // there is nowhere else to complain
}
