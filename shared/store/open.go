package store

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// Owners are all owners that have ever submitted a job.
func (s *Store) Owners(ctx context.Context) ([]job.Owner, error) {
	names, err := s.rdb.SMembers(ctx, ownersKey).Result()
	if err != nil {
		return nil, unavailable("list owners", err)
	}
	owners := make([]job.Owner, len(names))
	for i, n := range names {
		owners[i] = job.Owner(n)
	}
	return owners, nil
}

// mostAhead is how far ahead the next check of an open job can be: one that is further was set before the clock was set back.
const mostAhead = 10 * time.Minute

// Due are the owner's open jobs whose next check has come by the given time of Redis's clock, at most limit.
func (s *Store) Due(ctx context.Context, o job.Owner, now time.Time, limit int) ([]job.ID, error) {
	pipe := s.rdb.Pipeline()
	past := pipe.ZRangeByScore(ctx, ownerOpenKey(o),
		&redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(millis(now), 10), Count: int64(limit)})
	astray := pipe.ZRangeByScore(ctx, ownerOpenKey(o),
		&redis.ZRangeBy{Min: strconv.FormatInt(millis(now.Add(mostAhead)), 10), Max: "+inf", Count: int64(limit)})
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("list open jobs", err)
	}
	ids := append(toIDs(past.Val()), toIDs(astray.Val())...)
	return ids[:min(len(ids), limit)], nil
}

// Checked says when open jobs are next to be looked at, by Redis's clock. It takes up to some thousand ids.
func (s *Store) Checked(ctx context.Context, o job.Owner, next map[job.ID]time.Time) error {
	if len(next) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(next))
	for id, t := range next {
		args = append(args, string(id), millis(t))
	}
	return unavailable("mark jobs as checked", s.checked.Run(ctx, s.rdb, []string{ownerOpenKey(o)}, args...).Err())
}

// Oldest are the owner's oldest jobs created before the given time, but for the first skip, at most limit.
func (s *Store) Oldest(ctx context.Context, o job.Owner, before time.Time, skip, limit int) ([]job.ID, error) {
	by := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(millis(before), 10), Offset: int64(skip), Count: int64(limit)}
	names, err := s.rdb.ZRangeByScore(ctx, ownerJobsKey(o), by).Result()
	if err != nil {
		return nil, unavailable("list old jobs", err)
	}
	return toIDs(names), nil
}

// Disown takes ids without a record out of the owner's indexes: submissions that a crash cut short.
func (s *Store) Disown(ctx context.Context, o job.Owner, ids []job.ID) error {
	if len(ids) == 0 {
		return nil
	}
	pipe := s.rdb.Pipeline()
	pipe.ZRem(ctx, ownerJobsKey(o), members(ids)...)
	forgetOpen(ctx, pipe, o, members(ids)...)
	_, err := pipe.Exec(ctx)
	return unavailable("clean index", err)
}

// Pending is a computation that has not ended.
type Pending struct {
	// Attempt is its current attempt, and holds the run that it is to be queued with.
	Attempt Attempt
	// State is queued or running.
	State job.ComputationState
	// Worker holds the running attempt; empty if none does.
	Worker string
}

// Pending reads a computation that is queued or running; ok is false if it is neither.
func (s *Store) Pending(ctx context.Context, f job.Fingerprint) (p Pending, ok bool, err error) {
	v, err := s.rdb.HMGet(ctx, computationKey(f), pendingFields...).Result()
	if err != nil {
		return Pending{}, false, unavailable("read computation", err)
	}
	return decodePending(f, v)
}

func toIDs(names []string) []job.ID {
	ids := make([]job.ID, 0, len(names))
	for _, n := range names {
		if id, ok := job.ParseID(n); ok {
			ids = append(ids, id)
		}
	}
	return ids
}
