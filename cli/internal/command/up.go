package command

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/spf13/cobra"

	"numbermill/cli/internal/datadir"
	"numbermill/cli/internal/up"
	"numbermill/shared/config"
)

// The memory of the private Redis, in bytes.
const (
	defaultRedisMemory = 512 << 20
	leastRedisMemory   = 16 << 20
)

// upOptions are the flags of up.
type upOptions struct {
	data        string
	redis       config.Secret
	redisMemory int64
	retention   time.Duration
	api         apiOptions
	worker      workerOptions
	telling     telling
}

func newUp(std Streams) *cobra.Command {
	o := upOptions{redisMemory: defaultRedisMemory}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run the web page, the API and a worker in one process",
		Long: `Run the web page, the API and a worker in one process. With redis-server on the PATH it runs a private one
that keeps its data in the data folder; without, jobs end with the process. When the first request would succeed it
prints one line, "ready http://HOST:PORT". Ctrl-C gives what runs a few seconds and ends; unfinished jobs go on at the
next start.

` + aboutWorkers,
		Example: `  numbermill up
  numbermill up --listen 127.0.0.1:9000 --data ./data
  numbermill up --redis redis://127.0.0.1:6379/0`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.telling.run(cmd.Context(), std, "numbermill", func(ctx context.Context, logger *slog.Logger) error {
				return o.run(ctx, std, logger)
			})
		},
	}
	flags := cmd.Flags()
	o.api.flags(flags)
	o.worker.flags(flags, up.DefaultDrainTimeout)
	o.telling.flags(flags)
	addRetention(flags, &o.retention)
	config.Add(flags, &o.data, "data", "folder of everything that is kept (default $XDG_DATA_HOME/numbermill or ~/.local/share/numbermill)", config.Path("DIR"))
	config.AddSecret(flags, &o.redis, "redis", "use this Redis instead of a private one", config.RedisURL())
	config.Add(flags, &o.redisMemory, "redis-maxmemory", "most memory of the private Redis", config.Size(leastRedisMemory, math.MaxInt64))
	config.Document(flags)
	return cmd
}

func (o *upOptions) run(ctx context.Context, std Streams, logger *slog.Logger) error {
	if o.data == "" {
		var err error
		if o.data, err = datadir.Default(); err != nil {
			return err
		}
	}
	o.api.warnIfOpen(ctx, logger)
	front := o.api.config(o.retention, &o.telling, logger)
	front.Elasticsearch = o.worker.elastic.url.Reveal()
	return up.Run(ctx, up.Config{
		Data: o.data, RedisURL: o.redis.Reveal(), RedisMaxMemory: o.redisMemory, DrainTimeout: o.worker.drainTimeout,
		API: front, Worker: o.worker.config(o.retention, logger),
		Out: std.Out, Logger: logger,
	})
}
