package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// plan is how much is measured.
type plan struct {
	lives       int           // of all processes: some lives are luckier than others
	rounds      int           // of each measure in a life, on each platform
	load        time.Duration // of one round of submitting
	latencies   int           // jobs of one round, one after the other; few, since the machine changes its pace every few seconds
	connections int
}

var (
	fullPlan  = plan{lives: 2, rounds: 5, load: time.Second, latencies: 60, connections: 8}
	quickPlan = plan{lives: 1, rounds: 3, load: 500 * time.Millisecond, latencies: 60, connections: 8}
)

// How a platform is run.
const (
	off    = iota // as it runs unless told otherwise: requests and jobs are logged to standard error, nothing is exported
	on            // everything on
	every         // and every single trace kept
	silent        // nothing is exported, and nothing but errors logged
	variants
)

// bench measures platforms by turns.
type bench struct {
	log     io.Writer
	plan    plan
	version string

	used      float64 // by processes that have ended, in seconds of processors
	dir       string
	children  []*benchmark.Process // in the order of their start
	platforms [variants]*platform
}

// open starts everything.
func (b *bench) open(ctx context.Context, numbermill string) (err error) {
	out, err := exec.CommandContext(ctx, numbermill, "version").Output()
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", numbermill, err)
	}
	b.version = strings.TrimSpace(string(out))
	if b.dir, err = os.MkdirTemp("", "nm-bench-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	collector, err := b.start(ctx, nil, true, self, "-collect")
	if err != nil {
		return err
	}
	env := []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.Line, "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta", "OTEL_METRIC_EXPORT_INTERVAL=10000",
	}
	for which, p := range [variants]struct {
		name string
		env  []string
		args []string
		file bool
	}{
		off:    {"off", nil, []string{"--log-format", "json"}, false},
		on:     {"on", env, []string{"--log-format", "json"}, true},
		every:  {"every", append(env, "OTEL_TRACES_SAMPLER=always_on"), []string{"--log-format", "json"}, true},
		silent: {"silent", nil, []string{"--log-level", "error"}, false},
	} {
		b.platforms[which], err = b.platform(ctx, numbermill, p.name, p.env, func(part string) []string {
			if !p.file {
				return p.args
			}
			return append(p.args, "--log-file", filepath.Join(b.dir, fmt.Sprintf("log-%s-%s.json", p.name, part)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// platform starts an API and a worker on a Redis of their own.
func (b *bench) platform(ctx context.Context, numbermill, name string, env []string, args func(part string) []string) (*platform, error) {
	socket, results := filepath.Join(b.dir, name+".sock"), filepath.Join(b.dir, name)
	if err := os.Mkdir(results, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	if _, err := b.start(ctx, nil, false, "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", results); err != nil {
		return nil, err
	}
	place := []string{"--redis", "unix://" + socket, "--results", results}
	worker, err := b.start(ctx, env, true, numbermill, append(append([]string{"worker", "--calibrate=false"}, place...), args("worker")...)...)
	if err != nil {
		return nil, err
	}
	api, err := b.start(ctx, env, true, numbermill, append(append([]string{"api", "--listen", "127.0.0.1:0", "--max-active-jobs", "1000000"}, place...), args("api")...)...)
	if err != nil {
		return nil, err
	}
	_, url, _ := strings.Cut(api.Line, " ")
	return newPlatform(url, b.plan.connections, api, worker), nil
}

func (b *bench) start(ctx context.Context, env []string, prints bool, name string, args ...string) (*benchmark.Process, error) {
	c, err := benchmark.Start(ctx, env, prints, name, args...)
	if err == nil {
		b.children = append(b.children, c)
	}
	return c, err
}

// spent is what the processes have used so far, in seconds of processors.
func (b *bench) spent() float64 {
	seconds := b.used
	for _, c := range b.children {
		seconds += c.ProcessorTime().Seconds()
	}
	return seconds
}

// close ends everything in reverse.
func (b *bench) close() error {
	b.used = b.spent()
	for _, c := range slices.Backward(b.children) {
		c.End()
	}
	dir := b.dir
	b.children, b.platforms, b.dir = nil, [variants]*platform{}, ""
	if dir == "" {
		return nil
	}
	return os.RemoveAll(dir)
}

// result is what was measured of one thing, round by round.
type result struct {
	measure
	values [variants][]float64
}

// measure measures everything, in all lives.
func (b *bench) measure(ctx context.Context, numbermill string) (all []result, err error) {
	for life := range b.plan.lives {
		one, err := b.live(ctx, numbermill, life)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = one
			continue
		}
		for i := range all {
			for which := range all[i].values {
				all[i].values[which] = append(all[i].values[which], one[i].values[which]...)
			}
		}
	}
	return all, nil
}

// live measures everything in one life.
func (b *bench) live(ctx context.Context, numbermill string, life int) (results []result, err error) {
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx, numbermill); err != nil {
		return nil, err
	}
	for _, group := range b.groups() {
		all := make([]result, len(group.measures))
		for i, m := range group.measures {
			all[i].measure = m
		}
		for round := range b.plan.rounds + 1 {
			for turn := range b.platforms {
				which := benchmark.Turn(round, turn, len(b.platforms))
				_, _ = fmt.Fprintf(b.log, "life %d of %d, %s, round %d of %d\n", life+1, b.plan.lives, group.name, round, b.plan.rounds) // there is nowhere else to complain
				values, err := group.once(ctx, b.platforms[which])
				if err != nil {
					return nil, fmt.Errorf("%s: %w", group.name, err)
				}
				if round == 0 { // it warms up
					continue
				}
				for i := range all {
					all[i].values[which] = append(all[i].values[which], values[i])
				}
			}
		}
		results = append(results, all...)
	}
	return results, nil
}

var errFailed = errors.New("a job has not succeeded")
