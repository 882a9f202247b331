package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// life is a system from its start to its end, on a Redis with nothing in it.
type life struct {
	target
	bench     *bench
	dir       string
	processes []*benchmark.Process // in the order of their start
	roles     map[role]*benchmark.Process
}

// role is what a process is for.
type role string

const (
	api       role = "api"
	worker    role = "worker"
	redisRole role = "redis"
)

// begin brings a system to life.
func (b *bench) begin(ctx context.Context, s system) (l *life, err error) {
	if err := b.redis.empty(ctx); err != nil {
		return nil, err
	}
	l = &life{bench: b, roles: make(map[role]*benchmark.Process)}
	if l.dir, err = os.MkdirTemp(b.dir, "life-"); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	if l.target, err = s.start(ctx, l); err != nil {
		l.end()
		return nil, fmt.Errorf("start %s: %w", s.title, err)
	}
	return l, nil
}

// end ends it, the last process first.
func (l *life) end() {
	if l.target != nil {
		l.close()
	}
	for _, p := range slices.Backward(l.processes) {
		l.bench.used += p.ProcessorTime().Seconds()
		p.End()
	}
	_ = os.RemoveAll(l.dir) // else it goes with the folder around it
}

// run starts a process of the system that says when it is ready.
func (l *life) run(ctx context.Context, as role, env []string, name string, args ...string) (*benchmark.Process, error) {
	p, err := benchmark.Start(ctx, env, true, name, args...)
	if err != nil {
		return nil, err
	}
	l.processes = append(l.processes, p)
	l.roles[as] = p
	return p, nil
}

// processorTimes are what Redis and the processes have used so far.
func (l *life) processorTimes() map[role]time.Duration {
	times := map[role]time.Duration{redisRole: l.bench.redis.process.ProcessorTime()}
	for as, p := range l.roles {
		times[as] = p.ProcessorTime()
	}
	return times
}
