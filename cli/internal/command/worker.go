package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/operator"
	"numbermill/shared/config"
	"numbermill/shared/processors"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
	worker "numbermill/worker/app"
)

// redisInterval is how often a worker that waits for Redis asks for it.
const redisInterval = 250 * time.Millisecond

// leaveTimeout is how long an answer to the operator may keep a process from ending.
const leaveTimeout = time.Second

func newWorker(std Streams) *cobra.Command {
	var (
		o         workerOptions
		place     place
		retention time.Duration
		telling   telling
		listen    string
	)
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Run a worker alone",
		Long: `Run a worker alone, as many of them as you like. It takes jobs from Redis and writes digits to the results folder.
When it takes jobs it prints one line, "ready". Ctrl-C gives what runs a few seconds; what has not ended by then goes to
another worker.

` + aboutWorkers,
		Example: `  numbermill worker --redis redis://127.0.0.1:6379/0 --results ./results
  numbermill worker --results /results --concurrency 4 --threads 2 --memory-budget 8gb --operator-listen 127.0.0.1:8081`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := place.check(); err != nil {
				return err
			}
			return telling.run(cmd.Context(), std, "numbermill-worker", func(ctx context.Context, logger *slog.Logger) error {
				few := processors.ButOne()
				cfg := o.config(retention, logger)
				processors.Spare(few) // most runs are tiny
				cfg.Results = place.results
				post := post{listen, telemetry.MetricsHandler(logger, telling.metrics)}
				return runWorker(ctx, std, place.redis.Reveal(), o.drainTimeout, post, cfg)
			})
		},
	}
	flags := cmd.Flags()
	o.flags(flags, stopTimeout)
	place.flags(flags)
	telling.flags(flags)
	addRetention(flags, &retention)
	config.Add(flags, &listen, "operator-listen", "where to answer /healthz and /metrics, for loopback hosts or this one; nowhere if it is not given", config.Address())
	config.Document(flags)
	return cmd
}

// runWorker works until ctx ends, and then for up to drainTimeout.
func runWorker(ctx context.Context, std Streams, redisURL string, drainTimeout time.Duration, post post, cfg worker.Config) (err error) {
	client, err := store.Dial(redisURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	leave, err := post.take(ctx, client, cfg.Logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave()) }()
	if !awaitRedis(ctx, client, cfg.Logger) {
		return nil
	}
	cfg.Redis = client
	crew, err := worker.New(ctx, cfg)
	if err != nil {
		return err
	}
	if err := crew.Start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(std.Out, "ready"); err != nil {
		cfg.Logger.WarnContext(ctx, "nobody reads that the worker is ready", slog.Any("error", err))
	}
	<-ctx.Done()
	cfg.Logger.InfoContext(ctx, "stopping; what runs is given a few seconds")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return crew.Stop(stopping)
}

// post is where a worker answers whoever operates it.
type post struct {
	address string // "" is nowhere
	metrics http.Handler
}

// take begins to answer, before Redis does, until leave is called.
func (p post) take(ctx context.Context, client redis.UniversalClient, logger *slog.Logger) (leave func() error, err error) {
	if p.address == "" {
		return func() error { return nil }, nil
	}
	ping := func(ctx context.Context) error { return client.Ping(ctx).Err() }
	server, err := operator.Start(ctx, p.address, ping, p.metrics, logger)
	if err != nil {
		return nil, failure.WithHint(err, "choose another address with --operator-listen; port 0 is any free one")
	}
	logger.InfoContext(ctx, "the operator is answered", slog.String("operator_address", server.Addr()))
	return func() error { return endServer(ctx, server) }, nil
}

// awaitRedis waits until Redis answers, since services start in any order. It reports false if ctx ended first.
func awaitRedis(ctx context.Context, client redis.UniversalClient, logger *slog.Logger) bool {
	again := time.NewTicker(redisInterval)
	defer again.Stop()
	for told := false; ; {
		err := client.Ping(ctx).Err()
		if err == nil {
			return true
		}
		if !told && ctx.Err() == nil {
			logger.WarnContext(ctx, "waiting for Redis", slog.Any("error", err))
			told = true
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return false
		}
	}
}
