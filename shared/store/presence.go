package store

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Presence of workers: each says every BeatEvery that it lives; one that has not for aliveFor counts as lost.
const (
	BeatEvery = 3 * time.Second
	aliveFor  = 12 * time.Second
	// forgetAfter is when a lost worker's entry goes.
	forgetAfter = time.Hour
)

// Beat says that the worker lives, by Redis's clock, so that the clocks of the machines do not matter.
func (s *Store) Beat(ctx context.Context, worker string) error {
	now, err := s.rdb.Time(ctx).Result()
	if err != nil {
		return unavailable("beat", err)
	}
	pipe := s.rdb.Pipeline()
	pipe.ZAdd(ctx, workersKey, redis.Z{Score: float64(millis(now)), Member: worker})
	pipe.ZRemRangeByScore(ctx, workersKey, "-inf", strconv.FormatInt(millis(now.Add(-forgetAfter)), 10))
	_, err = pipe.Exec(ctx)
	return unavailable("beat", err)
}

// Leave says that the worker is gone for good.
func (s *Store) Leave(ctx context.Context, worker string) error {
	return unavailable("leave", s.rdb.ZRem(ctx, workersKey, worker).Err())
}

// AliveWorkers are the names of the workers that have beaten lately.
func (s *Store) AliveWorkers(ctx context.Context) (map[string]bool, error) {
	now, err := s.rdb.Time(ctx).Result()
	if err != nil {
		return nil, unavailable("list workers", err)
	}
	from := strconv.FormatInt(millis(now.Add(-aliveFor)), 10)
	names, err := s.rdb.ZRangeByScore(ctx, workersKey, &redis.ZRangeBy{Min: from, Max: "+inf"}).Result()
	if err != nil {
		return nil, unavailable("list workers", err)
	}
	alive := make(map[string]bool, len(names))
	for _, n := range names {
		alive[n] = true
	}
	return alive, nil
}

// Workers is how many workers are alive.
func (s *Store) Workers(ctx context.Context) (int, error) {
	alive, err := s.AliveWorkers(ctx)
	return len(alive), err
}

// Lease takes or renews a named lease for the holder. It is for work that one process at a time should do, and that does no harm if
// two do.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error) {
	n, err := s.leaser.Run(ctx, s.rdb, []string{leaseKey(name)}, holder, ttl.Milliseconds()).Int()
	return n == 1, unavailable("take lease", err)
}
