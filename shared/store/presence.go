package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
)

// Presence of workers: each says every BeatEvery that it lives; one that has not for aliveFor counts as lost.
const (
	BeatEvery = 2 * time.Second
	aliveFor  = 6 * time.Second
	// forgetAfter is when a lost worker's entry goes.
	forgetAfter = time.Hour
)

// Beat says that the worker lives.
func (s *Store) Beat(ctx context.Context, worker string) error {
	return unavailable("beat", s.beat.Run(ctx, s.rdb, []string{workersKey}, worker, forgetAfter.Milliseconds()).Err())
}

// Capacity is what a worker can do.
type Capacity struct {
	// Threads is how many threads one computation may have.
	Threads int `json:"threads"`
	// MemoryBytes is how much memory all its computations together may have: larger ones it does not take.
	MemoryBytes int64 `json:"memory_bytes"`
	// Machine is how fast it computes; nil until it has been measured.
	Machine *function.Machine `json:"machine,omitempty"`
}

// Description is what a worker says of itself.
type Description struct {
	Capacity

	StartedAt time.Time `json:"started_at"`
	Host      string    `json:"host"`
	PID       int       `json:"pid"`
	// Draining workers finish what they have and take nothing more.
	Draining bool `json:"draining"`
	// Held is what has been delivered to it.
	Held []Holding `json:"held"`
	// Queues are what it has seen lately, by queue name.
	Queues map[string]QueueSample `json:"queues"`
}

// Holding is a run that a worker has.
type Holding struct {
	Fingerprint job.Fingerprint `json:"computation"`
	Run         string          `json:"run"`
	Queue       string          `json:"queue"`
	// Attempt is 0 while it waits, for memory for instance.
	Attempt  int64             `json:"attempt"`
	Since    time.Time         `json:"since"`
	Function string            `json:"function"`
	Args     map[string]string `json:"args"`
	Method   string            `json:"method"`
}

// QueueSample is what a worker has lately seen of a queue.
type QueueSample struct {
	// Slots is how many of its runs the worker carries out at a time.
	Slots int `json:"slots"`
	// WaitsMillis are how long the last runs have waited, at most a hundred; RunsMillis how long they then took.
	WaitsMillis []float64 `json:"waits_ms"`
	RunsMillis  []float64 `json:"runs_ms"`
}

// Describe says what the worker is and does. It counts for as long as the worker lives, and for an hour at most: it is to be said again
// with each beat.
func (s *Store) Describe(ctx context.Context, worker string, d Description) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode description: %w", err)
	}
	return unavailable("describe worker", s.describe.Run(ctx, s.rdb, []string{descriptionKey(worker)}, text, forgetAfter.Milliseconds()).Err())
}

// Descriptions are those of the workers that live, by name. One that has not described itself is absent, or of another version.
func (s *Store) Descriptions(ctx context.Context) (map[string]Description, error) {
	alive, _, err := s.AliveWorkers(ctx)
	if err != nil || len(alive) == 0 {
		return nil, err
	}
	var names, keys []string
	for name := range alive {
		names, keys = append(names, name), append(keys, descriptionKey(name))
	}
	texts, err := s.rdb.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, unavailable("read descriptions", err)
	}
	descriptions := make(map[string]Description, len(names))
	for i, name := range names {
		var d Description
		if text, ok := texts[i].(string); ok && json.Unmarshal([]byte(text), &d) == nil {
			descriptions[name] = d
		}
	}
	return descriptions, nil
}

// Leave says that the worker is gone for good.
func (s *Store) Leave(ctx context.Context, worker string) error {
	pipe := s.rdb.Pipeline()
	pipe.ZRem(ctx, workersKey, worker)
	pipe.Del(ctx, descriptionKey(worker))
	_, err := pipe.Exec(ctx)
	return unavailable("leave", err)
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
