package layout

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// oldestOf is among how many tasks at the head of a queue the oldest is looked for: those that were given back do not say since when
// they wait.
const oldestOf = 3

// Stat is how a queue stands.
type Stat struct {
	// Pending tasks wait for a worker, active ones have one, scheduled and retry ones wait for their time, archived ones for nothing.
	Pending, Active, Scheduled, Retry, Archived int64
	// OldestAge is how long the first of the pending ones has been waiting, by this machine's clock; 0 if there is none.
	OldestAge time.Duration
	// Paused queues give nothing to workers.
	Paused bool
}

// Stats tells how queues stand, in up to three round trips; queues that nothing was ever put into stand empty. If nothing is in any of them it
// takes one command.
func Stats(ctx context.Context, rdb redis.UniversalClient, queues []string) ([]Stat, error) {
	var lists []string
	for _, q := range queues {
		lists = append(lists, key(q, pending), key(q, active), key(q, scheduled), key(q, retry), key(q, archived), key(q, paused))
	}
	if n, err := rdb.Exists(ctx, lists...).Result(); err == nil && n == 0 { // a Redis that has them in several slots refuses to tell
		return make([]Stat, len(queues)), nil
	}
	counts := make([]counting, len(queues))
	_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, q := range queues {
			counts[i] = counting{
				p.LLen(ctx, key(q, pending)), p.LLen(ctx, key(q, active)), p.ZCard(ctx, key(q, scheduled)), p.ZCard(ctx, key(q, retry)),
				p.ZCard(ctx, key(q, archived)), p.Exists(ctx, key(q, paused)), p.LRange(ctx, key(q, pending), -oldestOf, -1),
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count tasks: %w", err)
	}
	since, err := waitingSince(ctx, rdb, queues, counts)
	if err != nil {
		return nil, err
	}
	stats, now := make([]Stat, len(queues)), time.Now()
	for i, c := range counts {
		stats[i] = Stat{
			Pending: c.pending.Val(), Active: c.active.Val(), Scheduled: c.scheduled.Val(), Retry: c.retry.Val(), Archived: c.archived.Val(),
			Paused: c.paused.Val() > 0,
		}
		if !since[i].IsZero() {
			stats[i].OldestAge = max(now.Sub(since[i]), 0)
		}
	}
	return stats, nil
}

type counting struct {
	pending, active, scheduled, retry, archived, paused *redis.IntCmd
	oldest                                              *redis.StringSliceCmd
}

// waitingSince is since when the oldest pending task of each queue waits, or zero.
func waitingSince(ctx context.Context, rdb redis.UniversalClient, queues []string, counts []counting) ([]time.Time, error) {
	p, asked := rdb.Pipeline(), make([][]*redis.StringCmd, len(queues))
	for i, q := range queues {
		for _, id := range counts[i].oldest.Val() {
			asked[i] = append(asked[i], p.HGet(ctx, taskKey(q, id), "pending_since"))
		}
	}
	since := make([]time.Time, len(queues))
	if p.Len() == 0 {
		return since, nil
	}
	if _, err := p.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("look at the oldest tasks: %w", err)
	}
	for i := range queues {
		for _, cmd := range asked[i] {
			ns, err := strconv.ParseInt(cmd.Val(), 10, 64)
			if at := time.Unix(0, ns); err == nil && (since[i].IsZero() || at.Before(since[i])) {
				since[i] = at
			}
		}
	}
	return since, nil
}
