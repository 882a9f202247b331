package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/pflag"

	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/operator"
	"numbermill/cli/internal/version"
	"numbermill/shared/config"
	"numbermill/shared/heap"
	"numbermill/shared/telemetry"
)

// flushTimeout is how long telemetry may take to hand over what it holds when a process ends.
const flushTimeout = time.Second

// telling are the flags of what a long-running command tells of itself.
type telling struct {
	level, format, file string
	profiles            string // address; "" is nowhere
	// metrics is what the process measures, once it runs.
	metrics *prometheus.Registry
}

func (t *telling) flags(flags *pflag.FlagSet) {
	t.level, t.format = "info", string(telemetry.FormatAuto)
	config.Add(flags, &t.level, "log-level", "log this and what is worse", config.OneOf("debug", "info", "warn", "error"))
	config.Add(flags, &t.format, "log-format", "how log lines look; auto is text on a terminal, else JSON",
		config.OneOf(string(telemetry.FormatAuto), string(telemetry.FormatText), string(telemetry.FormatJSON)))
	config.Add(flags, &t.file, "log-file",
		"write log lines as JSON into this file as well, rotated at 50 MB and kept five times; {host} in it is the host's name; one file a process", config.Path("PATH"))
	config.Add(flags, &t.profiles, "profile-listen",
		"where to answer /debug/pprof/ with profiles of this process, for loopback hosts or this one; nowhere if it is not given", config.Address())
}

// run sets up telemetry for a service, does its work, and takes telemetry down again.
func (t *telling) run(ctx context.Context, std Streams, service string, work func(context.Context, *slog.Logger) error) (err error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(t.level)); err != nil {
		return fmt.Errorf("log level: %w", err)
	}
	defer heap.Steady()()
	t.metrics = prometheus.NewRegistry()
	t.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	stop, err := telemetry.Start(ctx, telemetry.Config{
		Service: service, Version: version.String(),
		Log: telemetry.Log{Writer: std.Err, Level: level, Format: telemetry.Format(t.format), File: t.file}, Metrics: t.metrics,
	})
	if err != nil {
		return t.explain(err)
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
	unlook, err := t.offerProfiles(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlook()) }()
	return work(ctx, logger)
}

// offerProfiles lets whoever operates the process look into it until stop is called, if that was asked for.
func (t *telling) offerProfiles(ctx context.Context, logger *slog.Logger) (stop func() error, err error) {
	if t.profiles == "" {
		return func() error { return nil }, nil
	}
	server, err := operator.StartProfiles(ctx, t.profiles, logger)
	if err != nil {
		return nil, failure.WithHint(err, "choose another address with --profile-listen; port 0 is any free one")
	}
	logger.InfoContext(ctx, "profiles can be taken", slog.String("profile_address", server.Addr()))
	return func() error { return endServer(ctx, server) }, nil
}

// endServer ends what answers the operator, with a moment for what is being answered.
func endServer(ctx context.Context, server *operator.Server) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	return server.Stop(stopping)
}

// explain adds to an error of the start what to do about it.
func (t *telling) explain(err error) error {
	if _, ok := errors.AsType[*config.Error](err); ok {
		return failure.Usage(err, "correct the variable or unset it; without OTEL_ variables nothing is exported")
	}
	if t.file != "" && errors.Is(err, telemetry.ErrLogFile) {
		return failure.Usage(err, "name a file that can be written with --log-file or "+config.Variable("log-file"))
	}
	return err
}

// redisLog brings what the Redis client has to say into the log: connections that it makes anew, mostly.
type redisLog struct{ logger *slog.Logger }

// Printf logs one message.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.logger.DebugContext(ctx, "redis client", slog.String("message", fmt.Sprintf(format, v...)))
}
