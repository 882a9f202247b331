package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
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

// peerVersions asks the peers for theirs.
func (b *bench) peerVersions(ctx context.Context) []string {
	var versions []string
	for _, s := range b.systems {
		var path string
		var args []string
		switch s.id {
		case bullmqID:
			path, args = b.programs.node, []string{filepath.Join(b.programs.bullmq, "version.js")}
		case celeryID:
			path, args = filepath.Join(b.programs.python, "python"), []string{filepath.Join(b.programs.celery, "version.py")}
		default:
			continue
		}
		out, err := exec.CommandContext(ctx, path, args...).Output()
		if err != nil {
			b.say("note: %s does not tell its version: %v\n", s.title, err)
			continue
		}
		versions = append(versions, strings.TrimSpace(string(out)))
	}
	return versions
}
