// Package up is Numbermill in one process: the API with the web app, a worker, and a Redis of its own unless it is given one.
package up

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"syscall"
	"time"

	api "numbermill/api/app"
	"numbermill/cli/internal/datadir"
	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/ready"
	"numbermill/cli/internal/withdrawal"
	worker "numbermill/worker/app"
)

const (
	// readyTimeout is how long everything may take until the first request would succeed.
	readyTimeout = 30 * time.Second
	// DefaultDrainTimeout and redisTimeout together stay below the ten seconds that a person is promised.
	DefaultDrainTimeout = 7 * time.Second
	redisTimeout        = 2 * time.Second
)

// Config says how to run.
type Config struct {
	Data           string // the folder of everything
	RedisURL       string // "" means a private one
	RedisMaxMemory int64  // of the private one, in bytes

	// DrainTimeout is how long requests and computations under way may take to end.
	DrainTimeout time.Duration

	API    api.Config    // without Redis and Results
	Worker worker.Config // likewise

	Out    io.Writer // gets one line, "ready http://HOST:PORT", when the first request would succeed
	Logger *slog.Logger
}

// Run serves until ctx ends, and then drains and stops everything that it started. The error says why it could not start, or
// what ended it; to be stopped early is no error.
func Run(ctx context.Context, cfg Config) error {
	err := run(ctx, cfg)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func run(ctx context.Context, cfg Config) (err error) {
	dir, err := openDir(cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()

	cfg.Logger.InfoContext(ctx, "everything is kept in one folder", slog.String("folder", dir.Path()))
	redis, err := openRedis(ctx, cfg, dir)
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTimeout)
		defer cancel()
		err = errors.Join(err, redis.close(stopping))
	}()
	return serve(ctx, cfg, redis)
}

func openDir(path string) (*datadir.Dir, error) {
	dir, err := datadir.Open(path)
	if _, used := errors.AsType[*datadir.InUseError](err); used {
		return nil, failure.WithHint(err, "use that one, stop it, or choose another folder with --data DIR")
	}
	return dir, err
}

// serve runs the API and the worker until ctx or one of the parts ends.
func serve(ctx context.Context, cfg Config, redis *backend) (err error) {
	cfg.API.Redis, cfg.API.Results = redis.client, redis.results
	cfg.Worker.Redis, cfg.Worker.Results = redis.client, redis.results

	crew, err := worker.New(ctx, cfg.Worker)
	if err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	server, err := api.New(ctx, cfg.API)
	if err != nil {
		return DescribeListen(err)
	}
	parts := []part{{"api", server.Stop}}
	defer func() { err = errors.Join(err, stop(ctx, cfg.DrainTimeout, parts)) }()
	if err := crew.Start(ctx); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	parts = append(parts, part{"worker", crew.Stop})
	if err := server.Start(); err != nil { //nolint:contextcheck // it serves until Stop
		return err
	}
	defer withdrawal.On(func() {
		cfg.Logger.InfoContext(ctx, "told to drain: /readyz says no, everything else goes on")
		server.Withdraw()
	})()
	if err := announce(ctx, cfg.Out, server.Addr()); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		cfg.Logger.InfoContext(ctx, "stopping; what runs is given a few seconds")
		return nil
	case err := <-server.Failed():
		return err
	case <-redis.done:
		return fmt.Errorf("the private Redis is gone: %w", redis.err())
	}
}

// announce prints the line that says where to go.
func announce(ctx context.Context, out io.Writer, address string) error {
	url := ready.URL(address)
	waiting, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := ready.Await(waiting, url); err != nil {
		return fmt.Errorf("not ready after %v: %w", readyTimeout, err)
	}
	if _, err := fmt.Fprintf(out, "ready %s\n", url); err != nil {
		return fmt.Errorf("say that everything is ready: %w", err)
	}
	return nil
}

// part is something that runs and can be stopped.
type part struct {
	name string
	stop func(context.Context) error
}

// stop ends all parts at the same time, so that none waits for another's work.
func stop(ctx context.Context, drainTimeout time.Duration, parts []part) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	ended := make(chan error)
	for _, p := range parts {
		go func() {
			err := p.stop(ctx)
			if err != nil {
				err = fmt.Errorf("stop the %s: %w", p.name, err)
			}
			ended <- err
		}()
	}
	var errs []error
	for range parts {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

// DescribeListen adds a hint where an address is taken.
func DescribeListen(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return failure.WithHint(err, "something else listens there; choose another address with --listen, or --listen 127.0.0.1:0 for any free port")
	}
	return err
}
