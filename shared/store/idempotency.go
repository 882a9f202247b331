package store

import (
	"context"
	"strconv"
	"time"

	"numbermill/shared/job"
)

const (
	// keyTime is how long an idempotency key is remembered.
	keyTime = 25 * time.Hour
	// keyPatience is how long a request may take to write its job. One that has not by then came to nothing.
	keyPatience = 15 * time.Second
	// batchPatience is the same for all jobs of a batch.
	batchPatience = 3 * time.Minute
)

// Replay is what a request with a known idempotency key came to.
type Replay struct {
	// Status is what it was answered with; 0 if that is not known, since the answer was never given.
	Status int
	// ID is its job, or Batch its batch.
	ID    job.ID
	Batch job.BatchID
}

// Replay looks an idempotency key up; nil if it is new. It fails with job.KeyInProgress while the first request has no job yet, with
// job.KeyReused if that was another request, and with job.NotFound if its job was deleted since.
func (s *Store) Replay(ctx context.Context, o job.Owner, k job.Key) (*Replay, error) {
	pipe := s.rdb.Pipeline()
	now := pipe.Time(ctx)
	known := pipe.HMGet(ctx, idempotencyKey(o, k.Name), "body", "status", "job", "batch", "ms")
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("look up idempotency key", err)
	}
	v := known.Val()
	if v[0] == nil {
		return nil, nil //nolint:nilnil // the key is new: there is nothing to replay
	}
	since, err := strconv.ParseInt(text(v[4]), 10, 64)
	if err != nil {
		return nil, err
	}
	return s.replay(ctx, o, k, []any{v[0], v[1], v[2], v[3], millis(now.Val()) - since})
}

// replay judges what is known of a key: body, status, job, batch and its age in milliseconds. It is nil if the key is free again.
func (s *Store) replay(ctx context.Context, o job.Owner, k job.Key, known []any) (*Replay, error) {
	if text(known[0]) != k.Body {
		return nil, job.Errorf(job.KeyReused, "This idempotency key was used with another request. Take a new key for a new request.")
	}
	r := Replay{ID: job.ID(text(known[2])), Batch: job.BatchID(text(known[3]))}
	if status := text(known[1]); status != "" {
		n, err := strconv.Atoi(status)
		if err != nil {
			return nil, err
		}
		r.Status = n
	}
	made, err := s.wasMade(ctx, o, r)
	age, _ := known[4].(int64)
	patience := keyPatience
	if r.Batch != "" {
		patience = batchPatience
	}
	switch {
	case err != nil:
		return nil, err
	case made:
		return &r, nil
	case r.Status != 0:
		return nil, job.Errorf(job.NotFound, "The job that this idempotency key has made was deleted since. Take a new key to submit it again.")
	case age >= 0 && age < patience.Milliseconds():
		return nil, job.Errorf(job.KeyInProgress, "The first request with this idempotency key is still being answered. Try again in a moment.")
	}
	// Whoever had the key has died before anything was promised.
	return nil, s.FreeKey(ctx, o, k, string(r.ID)+string(r.Batch))
}

// wasMade tells whether the job of a replay is there. A batch counts once it was answered: its jobs come one by one.
func (s *Store) wasMade(ctx context.Context, o job.Owner, r Replay) (bool, error) {
	key := jobKey(r.ID)
	if r.Batch != "" {
		if r.Status == 0 {
			return false, nil
		}
		key = batchKey(o, r.Batch)
	}
	n, err := s.rdb.Exists(ctx, key).Result()
	return n == 1, unavailable("look up idempotency key", err)
}

// Answered remembers the status that a request with the key was answered with.
func (s *Store) Answered(ctx context.Context, o job.Owner, k job.Key, status int) error {
	return unavailable("remember the answer", s.answered.Run(ctx, s.rdb, []string{idempotencyKey(o, k.Name)}, status).Err())
}

// FreeKey lets the next request with the key through at once: the job or the batch of this one, by its id, came to nothing. Where it fails, the
// key frees itself after a time.
func (s *Store) FreeKey(ctx context.Context, o job.Owner, k job.Key, made string) error {
	return unavailable("free idempotency key", s.forgetKey.Run(ctx, s.rdb, []string{idempotencyKey(o, k.Name)}, made).Err())
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
