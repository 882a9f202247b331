package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/store"
)

// Client puts runs into the queue and looks after their tasks. It is safe for concurrent use.
type Client struct {
	rdb       redis.UniversalClient
	tasks     *asynq.Client
	inspector *asynq.Inspector
}

// New returns a client on a connection that the caller keeps and closes.
func New(rdb redis.UniversalClient) *Client {
	return &Client{rdb: rdb, tasks: asynq.NewClientFromRedisClient(rdb), inspector: asynq.NewInspectorFromRedisClient(rdb)}
}

// Enqueue queues the run, in one round trip (two for the first of a process). A run that is queued already stays as it is.
func (c *Client) Enqueue(ctx context.Context, r store.Run) error {
	t, err := encode(r)
	if err != nil {
		return err
	}
	_, err = c.tasks.EnqueueContext(ctx, t, asynq.TaskID(taskID(r)), asynq.Queue(Name), asynq.MaxRetry(deliveries),
		asynq.Timeout(taskTimeout), asynq.Retention(keepDelivered))
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("enqueue %s: %w", taskID(r), err)
	}
	return nil
}

// Remove takes the run's task out of the queue, if it waits there. A task that a worker has is left to the worker.
func (c *Client) Remove(_ context.Context, r store.Run) error {
	info, err := c.inspector.GetTaskInfo(Name, taskID(r))
	if err == nil && info.State != asynq.TaskStateActive {
		err = c.inspector.DeleteTask(Name, taskID(r))
	}
	if err != nil && !isGone(err) {
		return fmt.Errorf("remove %s: %w", taskID(r), err)
	}
	return nil
}

// Ensure queues a run again that our record says is queued or running, if its task is gone or has ended in the queue. A run that is
// queued (not claimed) is also taken from a worker that has let its lease of the task expire. It tells whether it had to.
func (c *Client) Ensure(ctx context.Context, r store.Run, claimed bool) (repaired bool, err error) {
	info, err := c.inspector.GetTaskInfo(Name, taskID(r))
	switch {
	case isGone(err):
	case err != nil:
		return false, fmt.Errorf("look at %s: %w", taskID(r), err)
	case info.State == asynq.TaskStateArchived || info.State == asynq.TaskStateCompleted:
		if err := c.inspector.DeleteTask(Name, taskID(r)); err != nil && !isGone(err) {
			return false, fmt.Errorf("remove ended %s: %w", taskID(r), err)
		}
	case info.State == asynq.TaskStateActive && !claimed:
		return c.reclaimExpired(ctx, r)
	default:
		return false, nil
	}
	return true, c.Enqueue(ctx, r)
}

// Announce registers the queue for the web monitor. Asynq's client does it once a process, which a Redis that has lost its data
// forgets.
func (c *Client) Announce(ctx context.Context) error {
	if err := c.rdb.SAdd(ctx, allQueuesKey, Name).Err(); err != nil {
		return fmt.Errorf("announce queue: %w", err)
	}
	return nil
}

func isGone(err error) bool {
	return errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound)
}
