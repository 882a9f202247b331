package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// system is one way to have jobs done.
type system struct {
	id, title string
	// start starts its processes and returns how to reach them.
	start func(context.Context, *life) (target, error)
}

// target is a system that runs.
type target interface {
	// connect makes a connection.
	connect(context.Context) (caller, error)
	// batch has many jobs done that are all submitted at once. It returns how long it took until all were taken, and until all were done.
	batch(context.Context, []job) (accepted, done time.Duration, err error)
	close()
}

// caller is a connection to a system, for one call after the other.
type caller interface {
	// fresh has a job done and returns its id once it is.
	fresh(context.Context, job) (id string, err error)
	// get asks for a job that is done.
	get(ctx context.Context, id string) error
	// again asks for a computation that was done before.
	again(context.Context, job) error
	close()
}

// errNotOffered is what a system says that has nothing of the kind.
var errNotOffered = errors.New("not offered")

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
		l.target.close()
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

// The systems' ids.
const (
	numbermillID = "numbermill"
	asynqID      = "asynq"
	blmoveID     = "blmove"
	bullmqID     = "bullmq"
	celeryID     = "celery"
)

// systems are all that are compared, ours first.
func systems() []system {
	return []system{
		{numbermillID, "Numbermill", func(ctx context.Context, l *life) (target, error) { return startNumbermill(ctx, l, nil, nil) }},
		{asynqID, "Asynq alone", startRaw(asynqID)},
		{blmoveID, "BLMOVE alone", startRaw(blmoveID)},
		{bullmqID, "BullMQ + Node http", startBullMQ},
		{celeryID, "Celery + Flask", startCelery},
	}
}

// startBullMQ starts a worker and a server on Node.
func startBullMQ(ctx context.Context, l *life) (target, error) {
	p, env := l.bench.programs, []string{"REDIS_PORT=" + l.bench.redis.port(), "NODE_ENV=production"}
	if _, err := l.run(ctx, worker, env, p.node, filepath.Join(p.bullmq, "worker.js")); err != nil {
		return nil, err
	}
	server, err := l.run(ctx, api, env, p.node, filepath.Join(p.bullmq, "api.js"))
	if err != nil {
		return nil, err
	}
	return peer{urlOf(server)}, nil
}

// startCelery starts a worker with two processes that compute, and a gunicorn with one that serves.
func startCelery(ctx context.Context, l *life) (target, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p := l.bench.programs
	env := []string{
		"REDIS_PORT=" + l.bench.redis.port(), "BIND=" + address, "PYTHONPATH=" + p.celery, "PYTHONUNBUFFERED=1", "C_FORCE_ROOT=1",
	}
	if _, err := l.run(ctx, worker, env, filepath.Join(p.python, "celery"), "--app", "tasks", "--workdir", p.celery, "worker", "--concurrency", "2",
		"--loglevel", "WARNING", "--without-gossip", "--without-mingle"); err != nil {
		return nil, err
	}
	if _, err := l.run(ctx, api, env, filepath.Join(p.python, "gunicorn"), "--config", filepath.Join(p.celery, "gunicorn.conf.py"), "--chdir", p.celery,
		"api:app"); err != nil {
		return nil, err
	}
	return peer{"http://" + address}, nil
}

// urlOf reads it out of the line that a server begins with.
func urlOf(p *benchmark.Process) string {
	_, url, _ := strings.Cut(p.Line, " ")
	return url
}
