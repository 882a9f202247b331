package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
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

	// Worker and StartedAt are those of one of which nothing is recorded yet; empty and zero otherwise.
	Worker    string
	StartedAt time.Time
}

// Recorded tells whether others know of the attempt.
func (a Attempt) Recorded() bool { return a.Worker == "" }

// Unrecorded returns an attempt of a run that no worker was given before, which begins now and of which nothing is recorded: to everybody else the
// run waits. All that can become of it is that Complete records its beginning and its end in one call. It is for what takes no longer than the call
// that it saves: should its worker be lost, nobody knows with what.
func Unrecorded(r Run, worker string) Attempt {
	return Attempt{Run: r, Number: 1, QueuedAt: r.FirstQueued, Worker: worker, StartedAt: time.Now()}
}

// ErrNotFirst says that the run of an unrecorded attempt has been begun before, or that it was at least not found as it was queued. The run still
// waits, and is to be claimed.
var ErrNotFirst = errors.New("the run was begun before")

// ErrAlone says that a worker was lost with the computation before, so that it has to run alone in its process from now on.
var ErrAlone = errors.New("the computation has to run alone")

// Claim begins an attempt of the run in the worker's name; alone says that nothing else runs in the worker's process. ok is false if nobody
// waits for this run any more. It fails with ErrAlone, and begins nothing, if the run has to be alone and is not.
func (s *Store) Claim(ctx context.Context, r Run, worker string, alone bool) (a Attempt, ok bool, err error) {
	return s.claimAs(ctx, r, worker, flag(alone))
}

// ClaimInCompany is Claim for a run that should be alone in a process that will not be free soon. It is good after one loss, which was hardly
// the run's own doing: it would else wait for longer than it has to. After more it fails with ErrAlone.
func (s *Store) ClaimInCompany(ctx context.Context, r Run, worker string) (a Attempt, ok bool, err error) {
	return s.claimAs(ctx, r, worker, "2")
}

func (s *Store) claimAs(ctx context.Context, r Run, worker, alone string) (a Attempt, ok bool, err error) {
	f := r.Fingerprint
	failure, err := poisonText()
	if err != nil {
		return Attempt{}, false, fmt.Errorf("encode failure: %w", err)
	}
	reply, err := s.claim.Run(ctx, s.rdb, s.lossKeys(r), r.ID, worker, millis(time.Now()), string(f), alone, failure,
		int(refusePoisonedFor.Seconds()), jobPrefix(f.Shard()), settleLimit, int(keepEnded.Seconds()), s.keepRun()).Slice()
	if err != nil {
		return Attempt{}, false, unavailable("claim computation", err)
	}
	number, _ := reply[0].(int64)
	switch number {
	case 0:
		return Attempt{}, false, nil
	case -1:
		return Attempt{}, false, ErrAlone
	case -2:
		return Attempt{}, false, s.settleAll(ctx, f, reply[1:])
	}
	v := &fields{values: reply, next: 1}
	r.Spec = specOf(v, r.Spec)
	a = Attempt{Run: r, Number: number, QueuedAt: at(v.number()), Failures: v.number(), MaxAttempts: v.number()}
	return a, v.err == nil, v.err
}

// specOf is the specification that comes next. It is hardly ever another one than the task's, which then need not be read once more.
func specOf(v *fields, ofTask job.Spec) job.Spec {
	next := v.next
	if text := v.text(); text == "" || text == string(appendSpec(make([]byte, 0, len(text)), ofTask)) {
		return ofTask
	}
	v.next = next
	return *into[job.Spec](v)
}

// appendSpec appends the specification as json.Marshal writes it.
func appendSpec(b []byte, s job.Spec) []byte {
	b = plainjson.AppendString(append(b, `{"function":`...), s.Function)
	b = plainjson.AppendMap(append(b, `,"args":`...), s.Args)
	b = plainjson.AppendString(append(b, `,"method":`...), s.Method)
	return append(b, '}')
}

func (s *Store) lossKeys(r Run) []string {
	f := r.Fingerprint
	return []string{computationKey(f), waitersKey(f), attemptsKey(f, r.ID), logKey(f, r.ID), poisonKey(f)}
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// Report records progress. held is false if the attempt is no longer the caller's: it should stop.
func (s *Store) Report(ctx context.Context, a Attempt, p job.Progress) (held bool, err error) {
	text, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("encode progress: %w", err)
	}
	f := a.Run.Fingerprint
	n, err := s.progress.Run(ctx, s.rdb, []string{computationKey(f)}, a.Run.ID, a.Number, text, string(f)).Int()
	return n == 1, unavailable("report progress", err)
}

// Release gives the attempt back unfinished, at no cost to its failures: its worker drains.
func (s *Store) Release(ctx context.Context, a Attempt) (held bool, err error) {
	f := a.Run.Fingerprint
	n, err := s.release.Run(ctx, s.rdb, []string{computationKey(f), attemptsKey(f, a.Run.ID)},
		a.Run.ID, a.Number, millis(time.Now()), string(f)).Int()
	return n == 1, unavailable("release attempt", err)
}

// Loss says what became of a run whose worker is gone.
type Loss int

// The answers of Lose.
const (
	// LossStale: the attempt was not the current one any more; nothing has changed.
	LossStale Loss = iota
	// LossRequeued: the computation is queued again, at no cost to its failures.
	LossRequeued
	// LossPoisoned: it was lost while alone for the third time: it has failed, and is refused for an hour.
	LossPoisoned
)

// refusePoisonedFor is how long a computation that kills workers is refused.
const refusePoisonedFor = time.Hour

// poisonFailure is why jobs of such a computation fail.
var poisonFailure = job.Failure{
	Code:   "poisoned",
	Detail: "Three workers in a row were lost while they computed this, and nothing else. Submit it again after an hour, or smaller arguments now.",
}

// poisonText is it as scripts are given it.
var poisonText = sync.OnceValues(func() ([]byte, error) { return json.Marshal(poisonFailure) })

// Lose takes the attempt away from a worker that is gone.
func (s *Store) Lose(ctx context.Context, a Attempt) (Loss, error) {
	failure, err := poisonText()
	if err != nil {
		return LossStale, fmt.Errorf("encode failure: %w", err)
	}
	f := a.Run.Fingerprint
	reply, err := s.lose.Run(ctx, s.rdb, s.lossKeys(a.Run), a.Run.ID, a.Number, millis(time.Now()), string(f), failure,
		int(refusePoisonedFor.Seconds()), jobPrefix(f.Shard()), settleLimit, int(keepEnded.Seconds()), s.keepRun()).Slice()
	if err != nil {
		return LossStale, unavailable("record a lost attempt", err)
	}
	switch kind, _ := reply[0].(int64); kind {
	case 1:
		return LossRequeued, nil
	case 2:
		return LossPoisoned, s.settleAll(ctx, f, reply[1:])
	default:
		return LossStale, nil
	}
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
	f := a.Run.Fingerprint
	reply, err := s.fail.Run(ctx, s.rdb, []string{computationKey(f), waitersKey(f), attemptsKey(f, a.Run.ID), logKey(f, a.Run.ID)},
		a.Run.ID, a.Number, millis(time.Now()), text, string(f), jobPrefix(f.Shard()), settleLimit, flag(permanent),
		int(keepEnded.Seconds()), s.keepRun()).Slice()
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
