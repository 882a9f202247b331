package store

import (
	"context"
	"fmt"

	"numbermill/shared/job"
)

// entrance is what admit.lua says of a job.
type entrance struct {
	now, deadline int64 // in milliseconds of Redis's clock
	replay        *Replay
}

// enter puts the job into its owner's indexes, where the reconciler finds it whatever happens next.
func (s *Store) enter(ctx context.Context, r job.Request, d document, maxOpen int) (entrance, error) {
	keys, args := admission(r, d, maxOpen)
	for range mostTries {
		reply, err := s.callEnter(ctx, r.Owner, keys, args)
		if err != nil {
			return entrance{}, err
		}
		entered, known, err := s.entered(ctx, r, reply, maxOpen)
		if err != nil || known {
			return entered, err
		}
	}
	return entrance{}, errKeyBusy
}

// errKeyBusy says that a request with the same key neither ends nor goes away.
var errKeyBusy = job.Errorf(job.KeyInProgress, "Another request with this idempotency key is being answered. Try again in a moment.")

// admission is what admit.lua is called with.
func admission(r job.Request, d document, maxOpen int) (keys []string, args []any) {
	o := r.Owner
	var key job.Key
	if r.Key != nil {
		key = *r.Key
	}
	inBatch, runAt := "0", int64(0)
	if r.Batch != "" {
		inBatch = "1"
	}
	if !r.RunAt.IsZero() {
		runAt = millis(r.RunAt)
	}
	keys = []string{
		ownerJobsKey(o), ownerOpenKey(o), ownerDeadlinesKey(o), ownerScheduledKey(o), idempotencyKey(o, key.Name),
		batchJobsKey(o, r.Batch), batchOpenKey(o, r.Batch),
	}
	return keys, []any{
		string(d.ID), d.CreatedMillis, firstCheck.Milliseconds(), maxOpen, r.Deadline.Milliseconds(), runAt, key.Body, int(keyTime.Seconds()), inBatch,
	}
}

// entered is what admit.lua says of a job. known is false if the same request was sent before and has come to nothing: it is to be asked again.
func (s *Store) entered(ctx context.Context, r job.Request, reply []any, maxOpen int) (e entrance, known bool, err error) {
	switch kind, _ := reply[0].(int64); kind {
	case 1:
		now, _ := reply[1].(int64)
		deadline, _ := reply[2].(int64)
		return entrance{now: now, deadline: deadline}, true, nil
	case 0:
		open, _ := reply[1].(int64)
		return entrance{}, true, job.Errorf(job.QuotaExceeded, "%w", &QuotaError{Open: open, Most: int64(maxOpen), More: 1})
	}
	replay, err := s.replay(ctx, r.Owner, *r.Key, reply[1:])
	return entrance{replay: replay}, replay != nil, err
}

func (s *Store) callEnter(ctx context.Context, o job.Owner, keys []string, args []any) ([]any, error) {
	pipe := s.rdb.Pipeline()
	pipe.SAdd(ctx, ownersKey, string(o))
	admitted := s.admit.EvalSha(ctx, pipe, keys, args...)
	_, err := pipe.Exec(ctx)
	if isNoScript(err) {
		admitted = s.admit.Eval(ctx, s.rdb, keys, args...)
		err = admitted.Err()
	}
	if err != nil {
		return nil, unavailable("admit job", err)
	}
	return admitted.Slice()
}

// QuotaError says that an owner has too many jobs that have not ended. It comes with the code job.QuotaExceeded.
type QuotaError struct {
	// Open jobs there are, Most there may be, and More were to come.
	Open, Most, More int64
}

// Error is a sentence for people.
func (e *QuotaError) Error() string {
	if e.More == 1 {
		return fmt.Sprintf("You have %d jobs that have not ended, which is the most. Wait until some have, or cancel some.", e.Open)
	}
	return fmt.Sprintf("You have %d jobs that have not ended; %d more would pass the most, %d. Wait until some have ended, or send a smaller batch.", e.Open, e.More, e.Most)
}
