package layout

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// serving is a server of a trial, and its feeder.
type serving struct {
	server *asynq.Server
	feeder *Feeder
}

func (s serving) stop() {
	s.feeder.Stop()
	s.server.Stop()
}

func (s serving) shutdown() {
	s.stop()
	s.server.Shutdown()
}

// serve handles tasks one at a time, with a feeder that is on or off.
func (t *trial) serve(on bool, handle asynq.HandlerFunc) (serving, error) {
	return t.serveOver(t.rdb, on, "", handle)
}

func (t *trial) serveOver(rdb redis.UniversalClient, on bool, park string, handle asynq.HandlerFunc) (serving, error) {
	weights := map[string]int{t.queue: 1}
	f := NewFeeder(rdb, t.base, FeederOptions{
		Queues: weights, Places: 1, Interval: interval, On: func() bool { return on }, Delayed: NewDelayed(t.rdb, []string{t.queue}, interval),
		Park: park, Logger: slog.New(slog.DiscardHandler),
	})
	server := asynq.NewServerFromRedisClient(f, asynq.Config{
		Concurrency: 1, Queues: weights, TaskCheckInterval: PollInterval, ShutdownTimeout: time.Second,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Hour }, Logger: silent{},
	})
	err := server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		defer f.Ended()
		return handle(ctx, task)
	}))
	if err != nil {
		f.Stop()
		return serving{}, fmt.Errorf("start a server: %w", err)
	}
	return serving{server, f}, nil
}

// silent takes what Asynq says in a trial, where ends come too late on purpose.
type silent struct{}

// Debug takes a line.
func (silent) Debug(...any) {}

// Info takes a line.
func (silent) Info(...any) {}

// Warn takes a line.
func (silent) Warn(...any) {}

// Error takes a line.
func (silent) Error(...any) {}

// Fatal takes a line.
func (silent) Fatal(...any) {}
