package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// What the history is to get stands in sorted sets of each owner: jobs that have ended, jobs that it has refused, and deleted jobs that it is to
// erase. Trim keeps them within these bounds, also where there is no history.
const (
	mostFinished = 1_000_000
	// mostHeld is how many jobs past their retention are kept for a history that does not take them.
	mostHeld    = 100_000
	mostRefused = 10_000
	mostErased  = 100_000
	// eraseFor is how long a deletion is remembered that the history was not told of.
	eraseFor = 30 * 24 * time.Hour
)

// Finished are ids of the owner's jobs that have ended and that the history has not got yet, by the oldest end first, but for the first skip, at
// most limit, with when they ended.
func (s *Store) Finished(ctx context.Context, o job.Owner, skip, limit int) (ids []job.ID, ended []time.Time, err error) {
	entries, err := s.rdb.ZRangeWithScores(ctx, ownerFinishedKey(o), int64(skip), int64(skip+limit-1)).Result()
	if err != nil {
		return nil, nil, unavailable("list finished jobs", err)
	}
	for _, z := range entries {
		name, _ := z.Member.(string)
		ids, ended = append(ids, job.ID(name)), append(ended, at(int64(z.Score)))
	}
	return ids, ended, nil
}

// Shipped says that the history has got these jobs.
func (s *Store) Shipped(ctx context.Context, o job.Owner, ids []job.ID) error {
	if len(ids) == 0 {
		return nil
	}
	return unavailable("note shipped jobs", s.rdb.ZRem(ctx, ownerFinishedKey(o), members(ids)...).Err())
}

// SetAside says that the history does not take these jobs, and never will as they are.
func (s *Store) SetAside(ctx context.Context, o job.Owner, ids []job.ID) error {
	if len(ids) == 0 {
		return nil
	}
	args := append([]any{millis(time.Now()), mostRefused}, members(ids)...)
	return unavailable("set jobs aside", s.setAside.Run(ctx, s.rdb, []string{ownerFinishedKey(o), ownerRefusedKey(o)}, args...).Err())
}

// Unshipped tells which of these jobs the history is still to get.
func (s *Store) Unshipped(ctx context.Context, o job.Owner, ids []job.ID) (map[job.ID]bool, error) {
	return s.among(ctx, ownerFinishedKey(o), ids)
}

// Erase says that a job is to be erased from the history, whether or not it is there yet.
func (s *Store) Erase(ctx context.Context, o job.Owner, id job.ID) error {
	keys := []string{ownerFinishedKey(o), ownerRefusedKey(o), ownerEraseKey(o)}
	return unavailable("delete job", s.erase.Run(ctx, s.rdb, keys, string(id), millis(time.Now())).Err())
}

// Erasures are ids of the owner's deleted jobs that the history is still to erase, at most limit.
func (s *Store) Erasures(ctx context.Context, o job.Owner, limit int) ([]job.ID, error) {
	names, err := s.rdb.ZRange(ctx, ownerEraseKey(o), 0, int64(limit-1)).Result()
	return toIDs(names), unavailable("list deleted jobs", err)
}

// ToErase tells which of these jobs the history is still to erase: nobody may be shown them.
func (s *Store) ToErase(ctx context.Context, o job.Owner, ids []job.ID) (map[job.ID]bool, error) {
	return s.among(ctx, ownerEraseKey(o), ids)
}

// Erased says that the history has erased these jobs.
func (s *Store) Erased(ctx context.Context, o job.Owner, ids []job.ID) error {
	if len(ids) == 0 {
		return nil
	}
	return unavailable("note erased jobs", s.rdb.ZRem(ctx, ownerEraseKey(o), members(ids)...).Err())
}

// Waiting is how many of the owner's jobs the history is still to get or to erase.
func (s *Store) Waiting(ctx context.Context, o job.Owner) (int64, error) {
	pipe := s.rdb.Pipeline()
	finished, erase := pipe.ZCard(ctx, ownerFinishedKey(o)), pipe.ZCard(ctx, ownerEraseKey(o))
	_, err := pipe.Exec(ctx)
	return finished.Val() + erase.Val(), unavailable("count finished jobs", err)
}

// Trim forgets what the history was to get and has not got for too long: jobs that ended before oldest, and the oldest of those that ended
// before retained if there are too many, or too many of all. It tells how many jobs and how many deletions it has forgotten.
func (s *Store) Trim(ctx context.Context, o job.Owner, oldest, retained time.Time) (jobs, erasures int64, err error) {
	finished, now := ownerFinishedKey(o), time.Now()
	pipe := s.rdb.Pipeline()
	aged := pipe.ZRemRangeByScore(ctx, finished, "-inf", "("+strconv.FormatInt(millis(oldest), 10))
	held := pipe.ZCount(ctx, finished, "-inf", "("+strconv.FormatInt(millis(retained), 10))
	all := pipe.ZCard(ctx, finished)
	pipe.ZRemRangeByScore(ctx, ownerRefusedKey(o), "-inf", "("+strconv.FormatInt(millis(retained), 10))
	forgotten := pipe.ZRemRangeByScore(ctx, ownerEraseKey(o), "-inf", "("+strconv.FormatInt(millis(now.Add(-eraseFor)), 10))
	crowded := pipe.ZRemRangeByRank(ctx, ownerEraseKey(o), 0, -mostErased-1)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, 0, unavailable("trim what waits for the history", err)
	}
	jobs, erasures = aged.Val(), forgotten.Val()+crowded.Val()
	if over := max(held.Val()-mostHeld, all.Val()-mostFinished); over > 0 {
		n, err := s.rdb.ZRemRangeByRank(ctx, finished, 0, over-1).Result()
		if err != nil {
			return jobs, erasures, unavailable("trim what waits for the history", err)
		}
		jobs += n
	}
	return jobs, erasures, nil
}

// among tells which of the ids stand in a sorted set.
func (s *Store) among(ctx context.Context, key string, ids []job.ID) (map[job.ID]bool, error) {
	found := map[job.ID]bool{}
	if len(ids) == 0 {
		return found, nil
	}
	pipe := s.rdb.Pipeline()
	scores := make([]*redis.FloatCmd, len(ids))
	for i, id := range ids {
		scores[i] = pipe.ZScore(ctx, key, string(id))
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, unavailable("look up jobs", err)
	}
	for i, score := range scores {
		switch err := score.Err(); {
		case err == nil:
			found[ids[i]] = true
		case !errors.Is(err, redis.Nil):
			return nil, unavailable("look up jobs", err)
		}
	}
	return found, nil
}
