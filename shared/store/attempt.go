package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// Attempt is a worker's hold on a run. (Run.ID, Number) is the fence: once another attempt has begun, or the run has been
// abandoned, nothing that this one writes has any effect.
type Attempt struct {
	Run    Run
	Number int64
	// QueuedAt is when the run was queued, or came back into the queue.
	QueuedAt time.Time
	// Failures counts failed attempts before this one; MaxAttempts is how many end the computation.
	Failures, MaxAttempts int64
}

// Claim begins an attempt of the run in the worker's name. ok is false if nobody waits for this run any more.
func (s *Store) Claim(ctx context.Context, r Run, worker string) (a Attempt, ok bool, err error) {
	f := r.Fingerprint
	reply, err := s.claim.Run(ctx, s.rdb, []string{computationKey(f)}, r.ID, worker, millis(time.Now()), string(f)).Slice()
	if err != nil {
		return Attempt{}, false, unavailable("claim computation", err)
	}
	number, _ := reply[0].(int64)
	if number == 0 {
		return Attempt{}, false, nil
	}
	v := &fields{values: reply, next: 1}
	if spec := into[job.Spec](v); spec != nil {
		r.Spec = *spec
	}
	a = Attempt{Run: r, Number: number, QueuedAt: at(v.number()), Failures: v.number(), MaxAttempts: v.number()}
	return a, v.err == nil, v.err
}

// Report records progress. held is false if the attempt is no longer the caller's: it should stop.
func (s *Store) Report(ctx context.Context, a Attempt, p job.Progress) (held bool, err error) {
	text, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("encode progress: %w", err)
	}
	return s.fencedCall(ctx, s.progress, "report progress", a, text, string(a.Run.Fingerprint))
}

// Release gives the attempt back unfinished, at no cost to its failures: its worker drains, or is lost.
func (s *Store) Release(ctx context.Context, a Attempt, lost bool) (held bool, err error) {
	flag := "0"
	if lost {
		flag = "1"
	}
	return s.fencedCall(ctx, s.release, "release attempt", a, millis(time.Now()), string(a.Run.Fingerprint), flag)
}

func (s *Store) fencedCall(ctx context.Context, script *redis.Script, doing string, a Attempt, more ...any) (bool, error) {
	args := append([]any{a.Run.ID, a.Number}, more...)
	n, err := script.Run(ctx, s.rdb, []string{computationKey(a.Run.Fingerprint)}, args...).Int()
	return n == 1, unavailable(doing, err)
}

// Complete publishes a result: it ends the computation and every job that waits for it. digits are kept in the record itself
// if the result names no blob. held is false if the attempt was no longer the caller's; then nothing has changed.
func (s *Store) Complete(ctx context.Context, a Attempt, r job.Result, digits string) (held bool, err error) {
	text, err := json.Marshal(r)
	if err != nil {
		return false, fmt.Errorf("encode result: %w", err)
	}
	f := a.Run.Fingerprint
	reply, err := s.complete.Run(ctx, s.rdb, []string{computationKey(f), waitersKey(f)},
		a.Run.ID, a.Number, millis(time.Now()), text, digits, string(f), jobPrefix(f.Shard()), settleLimit).Slice()
	if err != nil {
		return false, unavailable("publish result", err)
	}
	if len(reply) < 2 {
		return false, nil
	}
	return true, s.settleAll(ctx, f, reply[1:])
}

// Outcome says what became of an attempt that ended without a result.
type Outcome int

// The outcomes of Fail.
const (
	// Stale: the attempt was no longer the caller's; nothing has changed.
	Stale Outcome = iota
	// TryAgain: the computation is queued again.
	TryAgain
	// Ended: the computation and every job that waited for it have failed.
	Ended
)

// Fail ends an attempt without a result. Unless permanent, the computation is queued again until its attempts are used up.
// failures is how many attempts of the run have failed by now; it is told only with TryAgain.
func (s *Store) Fail(ctx context.Context, a Attempt, why job.Failure, permanent bool) (o Outcome, failures int64, err error) {
	text, err := json.Marshal(why)
	if err != nil {
		return Stale, 0, fmt.Errorf("encode failure: %w", err)
	}
	flag := "0"
	if permanent {
		flag = "1"
	}
	f := a.Run.Fingerprint
	reply, err := s.fail.Run(ctx, s.rdb, []string{computationKey(f), waitersKey(f)},
		a.Run.ID, a.Number, millis(time.Now()), text, string(f), jobPrefix(f.Shard()), settleLimit, flag, int(keepEnded.Seconds())).Slice()
	if err != nil {
		return Stale, 0, unavailable("record failure", err)
	}
	switch kind, _ := reply[0].(int64); kind {
	case 1:
		return Ended, 0, s.settleAll(ctx, f, reply[1:])
	case 2:
		failures, _ = reply[1].(int64)
		return TryAgain, failures, nil
	default:
		return Stale, 0, nil
	}
}
