package layout

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// scratchPrefix begins the names of queues for trials; the time and something random follow.
	scratchPrefix = "selftest-"
	// scratchLife is after how long such a queue counts as left behind by a process that died.
	scratchLife = time.Minute
)

// The tasks of a trial.
const (
	firstID  = "first"
	secondID = "second"
	laterID  = "later"
	wokenID  = "woken"
	endedID  = "ended"
	keptID   = "kept"
)

// scratchName is the name of a queue that nobody else has.
func scratchName(ctx context.Context, rdb redis.UniversalClient) (string, error) {
	now, err := rdb.Time(ctx).Result()
	if err != nil {
		return "", fmt.Errorf("ask Redis for the time: %w", err)
	}
	return scratchPrefix + strconv.FormatInt(now.Unix(), 10) + "-" + strings.ToLower(rand.Text()), nil
}

// sweep removes queues that trials have left behind whose process was killed.
func sweep(ctx context.Context, rdb redis.UniversalClient) error {
	queues, err := rdb.SMembers(ctx, queuesKey).Result()
	if err != nil {
		return fmt.Errorf("list queues: %w", err)
	}
	now, err := rdb.Time(ctx).Result()
	if err != nil {
		return fmt.Errorf("ask Redis for the time: %w", err)
	}
	for _, q := range queues {
		rest, ok := strings.CutPrefix(q, scratchPrefix)
		if !ok {
			continue
		}
		since, _, _ := strings.Cut(rest, "-")
		seconds, err := strconv.ParseInt(since, 10, 64)
		if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() < scratchLife {
			continue
		}
		if err := remove(ctx, rdb, q); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a queue of a trial, with all that Asynq may have written for it. Asynq's own removal leaves its counters and what has
// ended.
func remove(ctx context.Context, rdb redis.UniversalClient, queue string) error {
	var keys []string
	for _, part := range []string{pending, active, lease, scheduled, retry, paused, completed, archived} {
		keys = append(keys, key(queue, part))
	}
	for _, id := range []string{firstID, secondID, laterID, wokenID, keptID} {
		keys = append(keys, taskKey(queue, id))
	}
	for _, counter := range []string{"processed", "failed"} {
		keys = append(keys, key(queue, counter))
		for day := -1; day <= 1; day++ { // a trial may pass midnight
			keys = append(keys, key(queue, counter+":"+trialDay(queue).AddDate(0, 0, day).Format(time.DateOnly)))
		}
	}
	p := rdb.Pipeline()
	p.Del(ctx, keys...)
	p.SRem(ctx, queuesKey, queue)
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("remove queue %s: %w", queue, err)
	}
	return nil
}

// trialDay is when a queue of a trial was made.
func trialDay(queue string) time.Time {
	since, _, _ := strings.Cut(strings.TrimPrefix(queue, scratchPrefix), "-")
	seconds, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return time.Now().UTC()
	}
	return time.Unix(seconds, 0).UTC()
}
