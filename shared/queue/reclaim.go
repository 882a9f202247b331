package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/queue/internal/layout"
	"numbermill/shared/store"
)

// leaseGrace is how long a lease must have expired before its task counts as held by nobody. It allows for clocks that differ, since
// leases go by those of the workers.
const leaseGrace = 10 * time.Second

// mostActive bounds how many tasks of a queue Active lists.
const mostActive = 1000

// Reclaim takes the run's task away from a worker that is lost and queues it again at once, ahead of all others. It tells whether
// a worker had it. If the worker lives after all, its attempt is stale and changes nothing. By plain Asynq it does nothing: the task
// comes back once its lease has expired.
func (c *Client) Reclaim(ctx context.Context, r store.Run) (bool, error) {
	if !c.fast.Load() {
		return false, nil
	}
	return layout.Reclaim(ctx, c.rdb, queueOf(r), taskID(r))
}

// reclaimOverdue is Reclaim for a task whose lease has expired. Asynq's recoverer does the same a minute or more later.
func (c *Client) reclaimOverdue(ctx context.Context, r store.Run) (bool, error) {
	if !c.fast.Load() {
		return false, nil
	}
	overdue, err := layout.Overdue(ctx, c.rdb, queueOf(r), taskID(r))
	if err != nil || overdue < leaseGrace {
		return false, err
	}
	return layout.Reclaim(ctx, c.rdb, queueOf(r), taskID(r))
}

// Active names the runs that workers have, at most 1,000 of each queue; specs, traces and jobs are left out.
func (c *Client) Active(ctx context.Context) ([]store.Run, error) {
	list := c.listActive
	if c.fast.Load() {
		list = func(ctx context.Context) (map[string][]string, error) { return layout.Active(ctx, c.rdb, names) }
	}
	ids, err := list(ctx)
	if err != nil {
		return nil, err
	}
	var runs []store.Run
	for _, q := range names {
		for _, id := range ids[q] {
			if f, run, ok := strings.Cut(id, "-"); ok && job.Fingerprint(f).Valid() {
				runs = append(runs, store.Run{Fingerprint: job.Fingerprint(f), ID: run, Queue: q})
			}
		}
	}
	return runs, nil
}

// listActive is layout.Active by plain Asynq.
func (c *Client) listActive(ctx context.Context) (map[string][]string, error) {
	found := map[string][]string{}
	for _, q := range names {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list active tasks: %w", err)
		}
		tasks, err := c.inspector.ListActiveTasks(q, asynq.PageSize(mostActive))
		if err != nil && !isGone(err) {
			return nil, fmt.Errorf("list active tasks of %s: %w", q, err)
		}
		for _, t := range tasks {
			found[q] = append(found[q], t.ID)
		}
	}
	return found, nil
}

// RequeueActive puts back everything that any worker has, and tells how much that was. It is for a Redis that nobody else uses, before
// the first worker starts. Where Asynq is not as it was taken to be, it puts back nothing: Asynq's own recovery does later.
func RequeueActive(ctx context.Context, rdb redis.UniversalClient, options ...Option) (int, error) {
	c := New(rdb, append(options, Repairs())...)
	if c.plain {
		return 0, nil
	}
	_, err := layout.Verify(ctx, rdb)
	if errors.Is(err, layout.ErrUnexpected) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("put back what is being computed: %w", err)
	}
	requeued := 0
	for {
		found, err := layout.Active(ctx, c.rdb, names)
		if err != nil || len(found) == 0 {
			return requeued, err
		}
		for q, ids := range found {
			for _, id := range ids {
				ok, err := layout.Reclaim(ctx, c.rdb, q, id)
				if err != nil {
					return requeued, err
				}
				if ok {
					requeued++
				}
			}
		}
	}
}
