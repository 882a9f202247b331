package store

import (
	"context"
	"time"
)

// Presence of workers: each says every BeatEvery that it lives; one that has not for aliveFor counts as lost.
const (
	BeatEvery = 3 * time.Second
	aliveFor  = 12 * time.Second
	// forgetAfter is when a lost worker's entry goes.
	forgetAfter = time.Hour
)

// Beat says that the worker lives.
func (s *Store) Beat(ctx context.Context, worker string) error {
	return unavailable("beat", s.beat.Run(ctx, s.rdb, []string{workersKey}, worker, forgetAfter.Milliseconds()).Err())
}

// Leave says that the worker is gone for good.
func (s *Store) Leave(ctx context.Context, worker string) error {
	return unavailable("leave", s.rdb.ZRem(ctx, workersKey, worker).Err())
}

// AliveWorkers are the names of the workers that have beaten lately. now is the time by Redis's clock, which all checks go by.
func (s *Store) AliveWorkers(ctx context.Context) (alive map[string]bool, now time.Time, err error) {
	reply, err := s.alive.Run(ctx, s.rdb, []string{workersKey}, aliveFor.Milliseconds()).Slice()
	if err != nil {
		return nil, now, unavailable("list workers", err)
	}
	ms, _ := reply[0].(int64)
	alive = make(map[string]bool, len(reply)-1)
	for _, name := range reply[1:] {
		if name, ok := name.(string); ok {
			alive[name] = true
		}
	}
	return alive, at(ms), nil
}

// Workers is how many workers are alive.
func (s *Store) Workers(ctx context.Context) (int, error) {
	alive, _, err := s.AliveWorkers(ctx)
	return len(alive), err
}

// Lease takes or renews a named lease for the holder. It is for work that one process at a time should do, and that does no harm if
// two do.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error) {
	n, err := s.leaser.Run(ctx, s.rdb, []string{leaseKey(name)}, holder, ttl.Milliseconds()).Int()
	return n == 1, unavailable("take lease", err)
}
