// Package layout is everything here that relies on Asynq's insides: its keys, as of v0.26, and what can be done with them that its own
// API does not offer. Verify proves at start-up that they are as this package takes them to be; without that nothing of it is to be used.
package layout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Version is the release of Asynq that this package was written for.
const Version = "v0.26.0"

const (
	// queuesKey is the set of all queues' names.
	queuesKey = "asynq:queues"
	// mostActive bounds how many tasks of a queue Active lists.
	mostActive = 1000
	// mostAhead bounds how far into a queue Position looks.
	mostAhead = 10_000
)

// The parts of a queue: lists of the ids that wait and that workers have, the ends of the workers' leases, sets of those that wait for
// their time, and a flag.
const (
	pending   = "pending"
	active    = "active"
	lease     = "lease"
	scheduled = "scheduled"
	archived  = "archived"
	retry     = "retry"
	paused    = "paused"
)

func key(queue, part string) string { return "asynq:{" + queue + "}:" + part }

// taskKey is a hash with the fields msg, state and, while it waits, pending_since in nanoseconds.
func taskKey(queue, id string) string { return key(queue, "t:"+id) }

// Announce registers queues for the web monitor and the inspector.
func Announce(ctx context.Context, rdb redis.UniversalClient, queues []string) error {
	members := make([]any, len(queues))
	for i, q := range queues {
		members[i] = q
	}
	if err := rdb.SAdd(ctx, queuesKey, members...).Err(); err != nil {
		return fmt.Errorf("announce queues: %w", err)
	}
	return nil
}

// Active lists the tasks that workers have, at most 1,000 of each queue, in two round trips, or one if there are none: it is asked each second.
func Active(ctx context.Context, rdb redis.UniversalClient, queues []string) (map[string][]string, error) {
	keys := make([]string, len(queues))
	for i, q := range queues {
		keys[i] = key(q, active)
	}
	if n, err := rdb.Exists(ctx, keys...).Result(); err != nil || n == 0 {
		if err != nil {
			err = fmt.Errorf("look for active tasks: %w", err)
		}
		return map[string][]string{}, err
	}
	lists := make([]*redis.StringSliceCmd, len(queues))
	_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range queues {
			lists[i] = p.LRange(ctx, keys[i], 0, mostActive-1)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list active tasks: %w", err)
	}
	found := map[string][]string{}
	for i, q := range queues {
		if ids := lists[i].Val(); len(ids) > 0 {
			found[q] = ids
		}
	}
	return found, nil
}

// reclaim puts a task from a worker that is gone back at the head of its queue. It begins with a write that needs no memory, so that a
// full Redis lets it through.
//
// KEYS active lease pending task; ARGV task_id now_ns. Returns 1 if the task was active.
var reclaim = redis.NewScript(`
if redis.call('LREM', KEYS[1], 0, ARGV[1]) == 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[4]) == 0 then return 0 end
redis.call('RPUSH', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[4], 'state', 'pending', 'pending_since', ARGV[2])
return 1`)

// Reclaim takes a task away from whoever has it and queues it at once, ahead of all others. It tells whether somebody had it. Asynq
// itself does so only 57 to 144 seconds after a loss, since its lease of 30 s is fixed.
func Reclaim(ctx context.Context, rdb redis.UniversalClient, queue, id string) (bool, error) {
	keys := []string{key(queue, active), key(queue, lease), key(queue, pending), taskKey(queue, id)}
	n, err := reclaim.Run(ctx, rdb, keys, id, time.Now().UnixNano()).Int()
	if err != nil {
		return false, fmt.Errorf("reclaim %s: %w", id, err)
	}
	return n == 1, nil
}

// Overdue is how long ago the lease of a task has ended, by Redis's clock; negative while it lasts. One that has no lease is overdue
// since 1970.
func Overdue(ctx context.Context, rdb redis.UniversalClient, queue, id string) (time.Duration, error) {
	p := rdb.Pipeline()
	end, now := p.ZScore(ctx, key(queue, lease), id), p.Time(ctx)
	if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("read the lease of %s: %w", id, err)
	}
	return now.Val().Sub(time.Unix(int64(end.Val()), 0)), nil
}

// Position is how many tasks are ahead of one in its queue; none if a worker has it. It is not known of one that waits for its time, that is
// not there, or that is further behind than 10,000.
func Position(ctx context.Context, rdb redis.UniversalClient, queue, id string) (ahead int64, known bool, err error) {
	p := rdb.Pipeline() // no transaction: a full Redis refuses any
	// Workers take from the tail.
	at := p.LPos(ctx, key(queue, pending), id, redis.LPosArgs{Rank: -1, MaxLen: mostAhead})
	length, state := p.LLen(ctx, key(queue, pending)), p.HGet(ctx, taskKey(queue, id), "state")
	if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return 0, false, fmt.Errorf("find %s in its queue: %w", id, err)
	}
	if at.Err() == nil {
		return max(length.Val()-1-at.Val(), 0), true, nil
	}
	return 0, state.Val() == active, nil
}
