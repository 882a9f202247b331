package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// Clock is the time by Redis's clock, which deadlines and times to begin go by.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	now, err := s.rdb.Time(ctx).Result()
	return now, unavailable("ask for the time", err)
}

// FirstTime is the earliest time by Redis's clock at which one of the owner's jobs begins or expires; ok is false if none does.
func (s *Store) FirstTime(ctx context.Context, o job.Owner) (first time.Time, ok bool, err error) {
	pipe := s.rdb.Pipeline()
	lists := []*redis.ZSliceCmd{
		pipe.ZRangeWithScores(ctx, ownerDeadlinesKey(o), 0, 0), pipe.ZRangeWithScores(ctx, ownerScheduledKey(o), 0, 0),
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return first, false, unavailable("look up the next time", err)
	}
	for _, list := range lists {
		for _, z := range list.Val() {
			if t := at(int64(z.Score)); !ok || t.Before(first) {
				first, ok = t, true
			}
		}
	}
	return first, ok, nil
}

// DueDeadlines are the owner's open jobs whose deadline has passed by the given time of Redis's clock, at most limit.
func (s *Store) DueDeadlines(ctx context.Context, o job.Owner, now time.Time, limit int) ([]job.ID, error) {
	return s.due(ctx, ownerDeadlinesKey(o), now, limit)
}

// DueScheduled are the owner's jobs whose time to begin has come by the given time of Redis's clock, at most limit.
func (s *Store) DueScheduled(ctx context.Context, o job.Owner, now time.Time, limit int) ([]job.ID, error) {
	return s.due(ctx, ownerScheduledKey(o), now, limit)
}

func (s *Store) due(ctx context.Context, key string, now time.Time, limit int) ([]job.ID, error) {
	by := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(millis(now), 10), Count: int64(limit)}
	names, err := s.rdb.ZRangeByScore(ctx, key, by).Result()
	if err != nil {
		return nil, unavailable("list what is due", err)
	}
	return toIDs(names), nil
}

// Timeless takes jobs off the lists of those that begin or expire at a time.
func (s *Store) Timeless(ctx context.Context, o job.Owner, ids ...job.ID) error {
	if len(ids) == 0 {
		return nil
	}
	pipe := s.rdb.Pipeline()
	pipe.ZRem(ctx, ownerDeadlinesKey(o), members(ids)...)
	pipe.ZRem(ctx, ownerScheduledKey(o), members(ids)...)
	_, err := pipe.Exec(ctx)
	return unavailable("clear times", err)
}

// StartScheduled begins a job that has waited for its time: it starts, joins or hits its computation, as Submit does. A job that is refused
// by now has failed. It fails with job.NotFound if no such job waits, which then is off the list.
func (s *Store) StartScheduled(ctx context.Context, o job.Owner, id job.ID) (Submission, error) {
	raw, err := s.rdb.HGet(ctx, jobKey(id), "doc").Bytes()
	if errors.Is(err, redis.Nil) {
		return Submission{}, job.Errorf(job.NotFound, "There is no job %s.", id)
	}
	if err != nil {
		return Submission{}, unavailable("begin job", err)
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return Submission{}, fmt.Errorf("begin job %s: %w", id, err)
	}
	made, err := s.begin(ctx, d, d.Trace, modeStart)
	if job.CodeOf(err) == job.Poisoned {
		return Submission{}, errors.Join(err, s.failScheduled(ctx, d))
	}
	if err != nil && job.CodeOf(err) != job.NotFound {
		return Submission{}, err
	}
	if zerr := s.rdb.ZRem(ctx, ownerScheduledKey(o), string(id)).Err(); zerr != nil {
		return made, unavailable("begin job", zerr)
	}
	return made, err
}

func (s *Store) failScheduled(ctx context.Context, d document) error {
	why, err := json.Marshal(poisonFailure)
	if err != nil {
		return fmt.Errorf("encode failure: %w", err)
	}
	now := millis(time.Now())
	if err := s.refuse.Run(ctx, s.rdb, []string{jobKey(d.ID)}, now, why, string(d.Fingerprint)).Err(); err != nil {
		return unavailable("refuse scheduled job", err)
	}
	return s.closeJobs(ctx, []ended{{id: d.ID, owner: d.Owner, finished: now, batch: d.Batch, state: job.Failed}})
}

func members(ids []job.ID) []any {
	m := make([]any, len(ids))
	for i, id := range ids {
		m[i] = string(id)
	}
	return m
}
