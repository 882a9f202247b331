package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/e2e/internal/benchmark"
)

// redisLimit is how long Redis may take to start, or to empty itself.
const redisLimit = 30 * time.Second

// redisServer is the Redis that all systems use, one after the other.
type redisServer struct {
	address string
	process *benchmark.Process
	client  *redis.Client
	version string
}

// startRedis starts a Redis that writes what it holds to a file every second. The file is written anew before each turn, and never during one.
func startRedis(ctx context.Context, dir string) (*redisServer, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	r := &redisServer{address: address, client: redis.NewClient(&redis.Options{Addr: address})}
	r.process, err = benchmark.Start(ctx, nil, false, "redis-server", "--port", r.port(), "--bind", "127.0.0.1", "--dir", dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0")
	if err != nil {
		return nil, err
	}
	if err := until(ctx, redisLimit, func() bool { return r.client.Ping(ctx).Err() == nil }); err != nil {
		r.stop()
		return nil, fmt.Errorf("redis-server does not answer: %w", err)
	}
	info, err := r.info(ctx)
	r.version = info.text["redis_version"]
	return r, err
}

// port is the number after the colon.
func (r *redisServer) port() string {
	_, port, _ := strings.Cut(r.address, ":")
	return port
}

func (r *redisServer) stop() {
	_ = r.client.Close() // nothing is under way
	r.process.End()
}

// empty takes everything away, and begins the file anew.
func (r *redisServer) empty(ctx context.Context) error {
	if err := errors.Join(r.client.FlushAll(ctx).Err(), r.client.ScriptFlush(ctx).Err(), r.client.BgRewriteAOF(ctx).Err()); err != nil {
		return fmt.Errorf("empty Redis: %w", err)
	}
	return until(ctx, redisLimit, func() bool {
		info, err := r.info(ctx)
		return err == nil && info.number["aof_rewrite_in_progress"] == 0 && info.number["aof_rewrite_scheduled"] == 0
	})
}

// info asks how Redis is, which counts as one command.
func (r *redisServer) info(ctx context.Context) (info, error) {
	text, err := r.client.Info(ctx, "everything").Result()
	if err != nil {
		return info{}, fmt.Errorf("ask Redis how it is: %w", err)
	}
	return parseInfo(text), nil
}

// info is what Redis tells of itself.
type info struct {
	text   map[string]string
	number map[string]float64
	calls  map[string]float64 // of each command
}

func parseInfo(reply string) info {
	i := info{make(map[string]string), make(map[string]float64), make(map[string]float64)}
	for line := range strings.Lines(reply) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		if command, ok := strings.CutPrefix(name, "cmdstat_"); ok {
			calls, _, _ := strings.Cut(strings.TrimPrefix(value, "calls="), ",")
			if n, err := strconv.ParseFloat(calls, 64); err == nil {
				i.calls[command] = n
			}
			continue
		}
		i.text[name] = value
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			i.number[name] = n
		}
	}
	return i
}

// work is what Redis did between two looks, the look itself left out.
type work struct {
	commands float64 // those that scripts call included
	scripts  float64 // calls of scripts and functions
	reads    float64 // of sockets
}

func workBetween(before, after info) work {
	w := work{
		commands: after.number["total_commands_processed"] - before.number["total_commands_processed"] - 1,
		reads:    after.number["total_reads_processed"] - before.number["total_reads_processed"] - 1,
	}
	for _, command := range []string{"eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro"} {
		w.scripts += after.calls[command] - before.calls[command]
	}
	return w
}

// freeAddress is one of this machine that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }() // nobody connects
	return l.Addr().String(), nil
}

// until asks again and again until it is so.
func until(ctx context.Context, limit time.Duration, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
