package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"

	"numbermill/shared/queue/internal/layout"
	"numbermill/shared/queue/internal/room"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// farAway is how long a task may wait for its time: no retry is put off as long. Beyond it a clock has jumped.
const farAway = 2 * time.Minute

// Client puts runs into their queues and looks after their tasks. It is safe for concurrent use.
//
// What it does by plain Asynq is the same everywhere. What Asynq's own API does not offer, or at a price, is switched on by SelfTest;
// before that, lost tasks come back by Asynq's own means, a minute or more later, and places in a queue are not known.
type Client struct {
	// base is the caller's connection, rdb the same or with what Repairs adds.
	base, rdb redis.UniversalClient
	tasks     atomic.Pointer[asynq.Client]
	inspector *asynq.Inspector
	tracer    trace.Tracer
	// kept allows the delivered tasks that stay visible.
	kept *rate.Limiter

	// plain keeps the fast ways off for good; fast is set once they are on, after scripts, with which recording says what Asynq would send.
	plain     bool
	fast      atomic.Bool
	scripts   layout.Scripts
	recording *asynq.Client

	// untested is set while a self-test that was asked for has come to no result: where it is to be told of.
	untested atomic.Pointer[slog.Logger]
}

// Option changes what a client does.
type Option func(*Client)

// Plain keeps a client to plain Asynq: SelfTest switches nothing on.
func Plain() Option { return func(c *Client) { c.plain = true } }

// Repairs is for whoever sees to it that accepted work is carried out: what the client writes is let through on a full Redis too.
func Repairs() Option { return func(c *Client) { c.rdb = room.On(c.base) } }

// New returns a client on a connection that the caller keeps and closes.
func New(rdb redis.UniversalClient, options ...Option) *Client {
	c := &Client{base: rdb, rdb: rdb, tracer: otel.Tracer(scope), kept: rate.NewLimiter(keptPerSecond, keptAtOnce)}
	for _, o := range options {
		o(c)
	}
	c.tasks.Store(asynq.NewClientFromRedisClient(c.rdb))
	c.recording = asynq.NewClientFromRedisClient(layout.Recorder(c.rdb))
	c.inspector = asynq.NewInspectorFromRedisClient(c.rdb)
	return c
}

// Enqueue puts the run into its queue, in one round trip of its own (two for the first of a process). A run that is queued already stays as it is. Once
// delivered, its task stays visible in the web monitor for a while, or goes at once if many are enqueued. The task carries the context's trace
// on, or the run's own where the context has none.
func (c *Client) Enqueue(ctx context.Context, r store.Run) (err error) {
	ctx, span, headers := c.produce(ctx, r)
	defer func() {
		spans.Fail(span, err)
		span.End()
	}()
	if err = enqueueBy(ctx, c.tasks.Load(), r, headers, c.kept.Allow()); err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("enqueue %s: %w", taskID(r), err)
	}
	return nil
}

// EnqueueErrand is what enqueues the run, as Enqueue would, within the script that starts it. It is none as long as the fast ways are off.
func (c *Client) EnqueueErrand(ctx context.Context, r store.Run) store.Errand {
	if !c.fast.Load() || c.base != c.rdb {
		return store.Errand{}
	}
	ctx, span, headers := c.produce(ctx, r)
	var call layout.Call
	keep := c.kept.Tokens() >= 1
	if err := enqueueBy(layout.Record(spans.Quiet(ctx), &call), c.recording, r, headers, keep); err != nil || call.Keys == nil {
		return store.Errand{} // Enqueue will say why
	}
	source, call := c.scripts.Starting(call, queueOf(r), parkOf(queueOf(r)), time.Now())
	return store.Errand{Source: source, Keys: call.Keys, Args: call.Args, After: func(ran bool, err error) {
		if ran && keep {
			c.kept.Allow()
		}
		if ran || err != nil { // else there was no run to queue, and nothing to tell of
			spans.Fail(span, err)
			span.End()
		}
	}}
}

func enqueueBy(ctx context.Context, tasks *asynq.Client, r store.Run, headers map[string]string, keep bool) error {
	options := append(make([]asynq.Option, 0, 5),
		asynq.TaskID(taskID(r)), asynq.Queue(queueOf(r)), asynq.MaxRetry(deliveries), asynq.Timeout(taskTimeout))
	if keep {
		options = append(options, asynq.Retention(keepDelivered))
	}
	_, err := tasks.EnqueueContext(ctx, encode(r, headers, keep), options...)
	return err
}

// Remove takes the run's task out of its queue, if it waits there. A task that a worker has is left to the worker.
func (c *Client) Remove(_ context.Context, r store.Run) error {
	err := c.inspector.DeleteTask(queueOf(r), taskID(r))
	if err == nil || isGone(err) {
		return nil
	}
	// Asynq refuses to delete what a worker has in words only.
	if info, err := c.inspector.GetTaskInfo(queueOf(r), taskID(r)); isGone(err) || err == nil && info.State == asynq.TaskStateActive {
		return nil
	}
	return fmt.Errorf("remove %s: %w", taskID(r), err)
}

// Ensure queues a run again that our record says is queued or running, if its task is gone or has ended in the queue, and runs one now whose
// time is absurdly far away. A run that is queued (not claimed) is also taken from a worker that has let its lease of the task expire. It
// tells whether it had to.
func (c *Client) Ensure(ctx context.Context, r store.Run, claimed bool) (repaired bool, err error) {
	info, err := c.inspector.GetTaskInfo(queueOf(r), taskID(r))
	if isGone(err) {
		return true, c.Enqueue(ctx, r)
	}
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", taskID(r), err)
	}
	switch info.State {
	case asynq.TaskStateArchived, asynq.TaskStateCompleted:
		if err := c.inspector.DeleteTask(queueOf(r), taskID(r)); err != nil && !isGone(err) {
			return false, fmt.Errorf("remove ended %s: %w", taskID(r), err)
		}
		return true, c.Enqueue(ctx, r)
	case asynq.TaskStateRetry, asynq.TaskStateScheduled:
		return c.hasten(ctx, r, info.NextProcessAt)
	case asynq.TaskStateActive:
		if claimed {
			return false, nil
		}
		return c.reclaimOverdue(ctx, r)
	default:
		return false, nil
	}
}

// hasten runs a task now that waits for a time far away, by Redis's clock. Such a time was set by a clock that was wrong.
func (c *Client) hasten(ctx context.Context, r store.Run, at time.Time) (bool, error) {
	now, err := c.rdb.Time(ctx).Result()
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", taskID(r), err)
	}
	if at.Sub(now) < farAway {
		return false, nil
	}
	if err := c.inspector.RunTask(queueOf(r), taskID(r)); err != nil {
		if info, err := c.inspector.GetTaskInfo(queueOf(r), taskID(r)); err == nil && info.State != asynq.TaskStateRetry &&
			info.State != asynq.TaskStateScheduled {
			return false, nil // somebody else was quicker
		}
		return false, fmt.Errorf("run %s now: %w", taskID(r), err)
	}
	return true, nil
}

// Announce registers all queues for the web monitor, with one command, and makes up for a self-test that Redis did not answer. Asynq's client
// registers a queue once a process, which a Redis that has lost its data forgets: call it every few seconds.
func (c *Client) Announce(ctx context.Context) error {
	c.testAgain(ctx)
	if c.fast.Load() {
		return layout.Announce(ctx, c.rdb, names)
	}
	// A new client has registered nothing yet: it will with its next task.
	c.tasks.Store(asynq.NewClientFromRedisClient(c.rdb))
	return nil
}

func isGone(err error) bool {
	return errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound)
}
