package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/store"
)

const (
	// checkInterval is how often an idle worker asks for work: half of it is what an idle job waits on average.
	checkInterval = 20 * time.Millisecond
	// delayedInterval is how often tasks that wait for their retry are looked through.
	delayedInterval = time.Second
	// abortAfter is what is left to handlers when they have been told to stop.
	abortAfter = 2 * time.Second
)

// Handler carries out a run. With nil the task is done, whatever became of the job; ErrReleased and *RetryError bring it back.
type Handler func(ctx context.Context, r store.Run) (summary string, err error)

// ErrReleased says that the run was given back unfinished: somebody else is to take it, at once.
var ErrReleased = errors.New("the run was given back")

// RetryError says that the run is to be delivered again after a delay.
type RetryError struct {
	After time.Duration
	Err   error
}

// Error is the text of the cause, which the web monitor shows.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RetryError) Unwrap() error { return e.Err }

// Server hands queued runs to a handler.
type Server struct {
	asynq  *asynq.Server
	handle Handler
}

// NewServer returns a server for up to concurrency runs at a time, on a connection that the caller keeps and closes.
func NewServer(rdb redis.UniversalClient, concurrency int, logger *slog.Logger, handle Handler) *Server {
	return &Server{handle: handle, asynq: asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: concurrency, Queues: map[string]int{Name: 1},
		TaskCheckInterval: checkInterval, DelayedTaskCheckInterval: delayedInterval, ShutdownTimeout: abortAfter,
		RetryDelayFunc: retryDelay, IsFailure: isFailure,
		Logger: asynqLogger{logger}, LogLevel: asynq.WarnLevel,
	})}
}

// Start begins to take runs from the queue.
func (s *Server) Start() error {
	if err := s.asynq.Start(asynq.HandlerFunc(s.process)); err != nil {
		return fmt.Errorf("start queue server: %w", err)
	}
	return nil
}

// StopFetching takes no more runs; those under way go on.
func (s *Server) StopFetching() { s.asynq.Stop() }

// Shutdown ends the server. Handlers should have ended: one that has not loses its task to the queue after two seconds.
func (s *Server) Shutdown() { s.asynq.Shutdown() }

func (s *Server) process(ctx context.Context, t *asynq.Task) error {
	r, err := decode(t)
	if err != nil {
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	summary, err := s.handle(ctx, r)
	if err == nil && summary != "" {
		if _, err := t.ResultWriter().Write([]byte(summary)); err != nil {
			// The summary is for the web monitor only; the job has its own record.
			return nil //nolint:nilerr // the run is done all the same
		}
	}
	return err
}

// retryDelay brings released and lost runs back at once, failed ones after the delay that their handler chose.
func retryDelay(n int, err error, t *asynq.Task) time.Duration {
	if retry, ok := errors.AsType[*RetryError](err); ok {
		return retry.After
	}
	if !isFailure(err) {
		return 0
	}
	return asynq.DefaultRetryDelayFunc(n, err, t)
}

func isFailure(err error) bool {
	return !errors.Is(err, ErrReleased) && !errors.Is(err, asynq.ErrLeaseExpired) && !errors.Is(err, context.Canceled)
}
