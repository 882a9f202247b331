package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	api "numbermill/api/app"
	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/ready"
	"numbermill/cli/internal/up"
	"numbermill/cli/internal/withdrawal"
	"numbermill/shared/config"
	"numbermill/shared/processors"
)

// stopTimeout is how long requests and computations under way may take when a process is told to end.
const stopTimeout = 8 * time.Second

func newAPI(std Streams) *cobra.Command {
	var (
		o         apiOptions
		place     place
		elastic   elastic
		retention time.Duration
		telling   telling
	)
	cmd := &cobra.Command{
		Use:   "api",
		Short: "Run the web page and the API alone",
		Long: `Run the web page and the API alone, as many of them as you like. Jobs wait in Redis for a "numbermill worker".
When the first request would succeed it prints one line, "ready http://HOST:PORT". SIGUSR1 makes /readyz say no while everything
is still answered, so that a balancer can send requests elsewhere before it is stopped.`,
		Example: `  numbermill api --redis redis://127.0.0.1:6379/0 --results ./results
  NUMBERMILL_REDIS_FILE=/run/secrets/redis numbermill api --results /results --listen :8080 \
    --allowed-host mill.example.org --operator-listen 127.0.0.1:8081`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := place.check(); err != nil {
				return err
			}
			return telling.run(cmd.Context(), std, "numbermill-api", func(ctx context.Context, logger *slog.Logger) error {
				o.warnIfOpen(ctx, logger)
				processors.Spare(processors.ButOne()) // most requests are tiny
				cfg := o.config(retention, &telling, logger)
				cfg.RedisURL, cfg.Results, cfg.Elasticsearch = place.redis.Reveal(), place.results, elastic.url.Reveal()
				return runAPI(ctx, std, cfg)
			})
		},
	}
	flags := cmd.Flags()
	o.flags(flags)
	place.flags(flags)
	elastic.flags(flags)
	telling.flags(flags)
	addRetention(flags, &retention)
	config.Document(flags)
	return cmd
}

// runAPI serves until ctx ends.
func runAPI(ctx context.Context, std Streams, cfg api.Config) error {
	server, err := api.New(ctx, cfg)
	if err != nil {
		return up.DescribeListen(err)
	}
	// It serves, and says that it is not ready, while Redis cannot be reached.
	serving, cancel := context.WithCancel(ctx)
	said := make(chan error, 1)
	go func() { said <- sayReady(serving, std, server.Addr()) }()
	unheard := withdrawal.On(func() {
		cfg.Logger.InfoContext(ctx, "told to drain: /readyz says no, everything else goes on")
		server.Withdraw()
	})
	err = server.Run(ctx, stopTimeout)
	unheard()
	cancel()
	return errors.Join(err, <-said)
}

func sayReady(ctx context.Context, std Streams, address string) error {
	url := ready.URL(address)
	if err := ready.Await(ctx, url); err != nil {
		return nil //nolint:nilerr // it ends before it was ready
	}
	if _, err := fmt.Fprintf(std.Out, "ready %s\n", url); err != nil {
		return fmt.Errorf("say that the API is ready: %w", err)
	}
	return nil
}

// check tells whether everything is set that has no default.
func (p *place) check() error {
	if p.results != "" {
		return nil
	}
	return failure.Usage(errors.New("--results is not set"),
		fmt.Sprintf("name a folder for the digits with --results DIR or %s; the API and every worker must use the same", config.Variable("results")))
}

// warnIfOpen says so if others can reach the API.
func (o *apiOptions) warnIfOpen(ctx context.Context, logger *slog.Logger) {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil || host == "localhost" {
		return
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return
	}
	logger.WarnContext(ctx, "the address is not a loopback one and there is no authentication: whoever can reach it can use it",
		slog.String("address", o.listen))
}
