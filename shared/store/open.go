package store

import (
	"context"
	"encoding/json"
	"fmt"
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

// Due are the owner's open jobs whose next check has come, at most limit.
func (s *Store) Due(ctx context.Context, o job.Owner, now time.Time, limit int) ([]job.ID, error) {
	by := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(millis(now), 10), Count: int64(limit)}
	names, err := s.rdb.ZRangeByScore(ctx, ownerOpenKey(o), by).Result()
	if err != nil {
		return nil, unavailable("list open jobs", err)
	}
	return toIDs(names), nil
}

// Checked says when open jobs are next to be looked at, and takes closed ones off the list, in one round trip.
func (s *Store) Checked(ctx context.Context, o job.Owner, next map[job.ID]time.Time, closed []job.ID) error {
	pipe := s.rdb.Pipeline()
	for id, t := range next {
		// XX: a job that has ended meanwhile stays off the list.
		pipe.ZAddXX(ctx, ownerOpenKey(o), redis.Z{Score: float64(millis(t)), Member: string(id)})
	}
	for _, id := range closed {
		pipe.ZRem(ctx, ownerOpenKey(o), string(id))
	}
	if pipe.Len() == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return unavailable("mark jobs as checked", err)
}

// Oldest are the owner's oldest jobs created before the given time, at most limit.
func (s *Store) Oldest(ctx context.Context, o job.Owner, before time.Time, limit int) ([]job.ID, error) {
	by := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(millis(before), 10), Count: int64(limit)}
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
	members := make([]any, len(ids))
	for i, id := range ids {
		members[i] = string(id)
	}
	pipe := s.rdb.Pipeline()
	pipe.ZRem(ctx, ownerJobsKey(o), members...)
	pipe.ZRem(ctx, ownerOpenKey(o), members...)
	_, err := pipe.Exec(ctx)
	return unavailable("clean index", err)
}

// Pending reads the run that a computation is to be queued with; ok is false unless its state is queued or running. attempt is
// its current attempt, for Release.
func (s *Store) Pending(ctx context.Context, f job.Fingerprint) (a Attempt, state job.ComputationState, ok bool, err error) {
	v, err := s.rdb.HMGet(ctx, computationKey(f), "state", "run", "spec", "trace", "attempt").Result()
	if err != nil {
		return Attempt{}, "", false, unavailable("read computation", err)
	}
	r := &fields{values: v}
	state = job.ComputationState(r.text())
	run := Run{Fingerprint: f, ID: r.text()}
	spec, trace := r.text(), r.text()
	a = Attempt{Run: run, Number: r.number()}
	if state != job.ComputationQueued && state != job.ComputationRunning {
		return Attempt{}, state, false, nil
	}
	if err := json.Unmarshal([]byte(spec), &a.Run.Spec); err != nil {
		return Attempt{}, state, false, fmt.Errorf("computation %s: spec: %w", f, err)
	}
	if err := json.Unmarshal([]byte(trace), &a.Run.Trace); err != nil {
		return Attempt{}, state, false, fmt.Errorf("computation %s: trace: %w", f, err)
	}
	return a, state, true, r.err
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
