package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// Asynq's keys, as of v0.26: what this file relies on beyond Asynq's own API.
const (
	allQueuesKey = "asynq:queues"
	keyPrefix    = "asynq:{" + Name + "}:"
)

const (
	// leaseGrace is how long a lease must have expired before its task counts as held by nobody. It allows for clocks that differ, since
	// leases go by those of the workers.
	leaseGrace = 10 * time.Second
	// mostActive bounds how many tasks Active lists.
	mostActive = 1000
)

// reclaim puts a task from a worker that is gone back at the head of the queue. Asynq itself does so only 57 to 144 seconds after
// the loss, since its lease of 30 s is fixed.
//
// KEYS active lease pending task; ARGV task_id. Returns 1 if the task was active.
var reclaim = redis.NewScript(`
if redis.call('LREM', KEYS[1], 0, ARGV[1]) == 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[4]) == 0 then return 0 end
redis.call('RPUSH', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[4], 'state', 'pending')
return 1`)

// Reclaim takes the run's task away from a worker that is lost and queues it again at once, ahead of all others. It tells whether
// a worker had it. If the worker lives after all, its attempt is stale and changes nothing.
func (c *Client) Reclaim(ctx context.Context, r store.Run) (bool, error) {
	return reclaimTask(ctx, c.rdb, taskID(r))
}

// reclaimExpired is Reclaim for a task whose lease has expired. Asynq's recoverer does the same a minute or more later.
func (c *Client) reclaimExpired(ctx context.Context, r store.Run) (bool, error) {
	expiry, err := c.rdb.ZScore(ctx, keyPrefix+"lease", taskID(r)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return false, fmt.Errorf("read lease of %s: %w", taskID(r), err)
	}
	now, err := c.rdb.Time(ctx).Result()
	if err != nil {
		return false, fmt.Errorf("read lease of %s: %w", taskID(r), err)
	}
	if now.Sub(time.Unix(int64(expiry), 0)) < leaseGrace {
		return false, nil
	}
	return reclaimTask(ctx, c.rdb, taskID(r))
}

// Active names the runs that workers have, at most 1,000 of them; specs and traces are left out.
func (c *Client) Active(ctx context.Context) ([]store.Run, error) {
	ids, err := c.rdb.LRange(ctx, keyPrefix+"active", 0, mostActive-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list active tasks: %w", err)
	}
	runs := make([]store.Run, 0, len(ids))
	for _, id := range ids {
		if f, run, ok := strings.Cut(id, "-"); ok && job.Fingerprint(f).Valid() {
			runs = append(runs, store.Run{Fingerprint: job.Fingerprint(f), ID: run})
		}
	}
	return runs, nil
}

// RequeueActive puts back everything that any worker has. It is for a Redis that nobody else uses, before the first worker starts.
func RequeueActive(ctx context.Context, rdb redis.UniversalClient) (int, error) {
	ids, err := rdb.LRange(ctx, keyPrefix+"active", 0, -1).Result()
	if err != nil {
		return 0, fmt.Errorf("list active tasks: %w", err)
	}
	requeued := 0
	for _, id := range ids {
		ok, err := reclaimTask(ctx, rdb, id)
		if err != nil {
			return requeued, err
		}
		if ok {
			requeued++
		}
	}
	return requeued, nil
}

func reclaimTask(ctx context.Context, rdb redis.UniversalClient, id string) (bool, error) {
	keys := []string{keyPrefix + "active", keyPrefix + "lease", keyPrefix + "pending", keyPrefix + "t:" + id}
	n, err := reclaim.Run(ctx, rdb, keys, id).Int()
	if err != nil {
		return false, fmt.Errorf("reclaim %s: %w", id, err)
	}
	return n == 1, nil
}
