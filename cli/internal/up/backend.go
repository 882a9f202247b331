package up

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/cli/internal/datadir"
	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/memoryredis"
	"numbermill/cli/internal/redisserver"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// givenTimeout is how long a Redis that was named may take to answer.
const givenTimeout = 5 * time.Second

// backend is the Redis that everything works on.
type backend struct {
	client  redis.UniversalClient
	results string // the folder of the digits that its records refer to

	done <-chan struct{} // closed if it ends by itself; nil if that shows in errors only
	err  func() error    // why, once done is closed
	end  func(context.Context) error
}

// openRedis connects to the Redis that was given, or starts a private one, or else one in memory.
func openRedis(ctx context.Context, cfg Config, dir *datadir.Dir) (*backend, error) {
	if cfg.RedisURL != "" {
		return given(ctx, cfg.RedisURL, dir)
	}
	if path, found := redisserver.Find(); found {
		return private(ctx, cfg, path, dir)
	}
	return inMemory(ctx, cfg, dir)
}

// close disconnects, and ends what was started.
func (b *backend) close(ctx context.Context) error {
	err := b.client.Close()
	if b.end != nil {
		err = errors.Join(err, b.end(ctx))
	}
	return err
}

func given(ctx context.Context, url string, dir *datadir.Dir) (*backend, error) {
	client, err := store.Dial(url)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, givenTimeout)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(failure.WithHint(fmt.Errorf("reach Redis: %w", err),
			"start it, mend --redis, or leave --redis out to have a private one"), client.Close())
	}
	return &backend{client: client, results: dir.Results()}, nil
}

func private(ctx context.Context, cfg Config, path string, dir *datadir.Dir) (*backend, error) {
	server, err := redisserver.Start(ctx, redisserver.Config{
		Path: path, Dir: dir.Redis(), MaxMemory: cfg.RedisMaxMemory, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, failure.WithHint(err, "if it says that its append-only file is damaged, redis-check-aof mends it; --redis URL uses another Redis")
	}
	b := &backend{results: dir.Results(), done: server.Done(), err: server.Err, end: server.Stop}
	if b.client, err = store.Dial(server.URL()); err != nil {
		return nil, errors.Join(err, server.Stop(ctx))
	}
	// Nobody else uses this Redis, so whoever held a task is gone.
	requeued, err := queue.RequeueActive(ctx, b.client)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("put back what was being computed: %w", err), b.close(ctx))
	}
	if requeued > 0 {
		cfg.Logger.InfoContext(ctx, "put back what was being computed when the last process ended", slog.Int("jobs", requeued))
	}
	return b, nil
}

func inMemory(ctx context.Context, cfg Config, dir *datadir.Dir) (*backend, error) {
	cfg.Logger.WarnContext(ctx, "no redis-server on PATH: jobs are kept in memory and end with this process; install redis-server to keep them")
	results, err := dir.Passing()
	if err != nil {
		return nil, err
	}
	server, err := memoryredis.Start()
	if err != nil {
		return nil, err
	}
	return &backend{client: server.Client(), results: results, end: func(context.Context) error {
		server.Close()
		_, err := dir.Passing()
		return err
	}}, nil
}
