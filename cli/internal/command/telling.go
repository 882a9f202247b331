package command

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/pflag"

	"numbermill/cli/internal/version"
	"numbermill/shared/config"
	"numbermill/shared/telemetry"
)

// flushTimeout is how long telemetry may take to hand over what it holds when a process ends.
const flushTimeout = time.Second

// telling are the flags of what a long-running command logs.
type telling struct {
	level, format string
	// metrics is what the process measures, once it runs.
	metrics *prometheus.Registry
}

func (t *telling) flags(flags *pflag.FlagSet) {
	t.level, t.format = "info", string(telemetry.FormatAuto)
	config.Add(flags, &t.level, "log-level", "log this and what is worse", config.OneOf("debug", "info", "warn", "error"))
	config.Add(flags, &t.format, "log-format", "how log lines look; auto is text on a terminal, else JSON",
		config.OneOf(string(telemetry.FormatAuto), string(telemetry.FormatText), string(telemetry.FormatJSON)))
}

// run sets up telemetry for a service, does its work, and takes telemetry down again.
func (t *telling) run(ctx context.Context, std Streams, service string, work func(context.Context, *slog.Logger) error) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(t.level)); err != nil {
		return fmt.Errorf("log level: %w", err)
	}
	t.metrics = prometheus.NewRegistry()
	t.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	stop, err := telemetry.Start(ctx, telemetry.Config{
		Service: service, Version: version.String(),
		Log: telemetry.Log{Writer: std.Err, Level: level, Format: telemetry.Format(t.format)}, Metrics: t.metrics,
	})
	if err != nil {
		return err
	}
	logger := slog.Default()
	redis.SetLogger(redisLog{logger})
	defer func() {
		flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		if err := stop(flushing); err != nil {
			logger.WarnContext(ctx, "telemetry was not handed over", slog.Any("error", err))
		}
	}()
	return work(ctx, logger)
}

// redisLog brings what the Redis client has to say into the log: connections that it makes anew, mostly.
type redisLog struct{ logger *slog.Logger }

// Printf logs one message.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.logger.DebugContext(ctx, "redis client", slog.String("message", fmt.Sprintf(format, v...)))
}
