package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"numbermill/shared/job"
)

// Cancel cancels the owner's job; cancelling it again is no error. If nobody else waited for its run, abandoned names that run:
// its task can be taken out of the queue, and a worker that has it will stop. It fails with job.NotFound or job.NotCancellable.
func (s *Store) Cancel(ctx context.Context, o job.Owner, id job.ID) (abandoned *Run, err error) {
	return s.leave(ctx, o, id, job.Cancelled)
}

// Expire ends the owner's job whose deadline has passed, in the manner of Cancel. It fails with job.NotCancellable if the job has ended another
// way.
func (s *Store) Expire(ctx context.Context, o job.Owner, id job.ID) (abandoned *Run, err error) {
	return s.leave(ctx, o, id, job.Expired)
}

// leave ends a job before its computation has ended.
func (s *Store) leave(ctx context.Context, o job.Owner, id job.ID, state job.State) (abandoned *Run, err error) {
	for range mostTries {
		r, err := s.Get(ctx, o, id)
		if err != nil {
			return nil, err
		}
		f, now := r.Fingerprint, millis(time.Now())
		reply, err := s.cancel.Run(ctx, s.rdb,
			[]string{jobKey(id), computationKey(f), waitersKey(f), attemptsKey(f, r.Run), logKey(f, r.Run)},
			string(id), now, string(f), int(keepEnded.Seconds()), string(state), s.keepRun(), r.Run).StringSlice()
		if err != nil {
			return nil, unavailable("end job", err)
		}
		switch reply[0] {
		case "moved": // it was scheduled, and has begun since it was read
			continue
		case "absent":
			return nil, job.Errorf(job.NotFound, "There is no job %s.", id)
		case "ended":
			return nil, job.Errorf(job.NotCancellable, "The job has ended already, so there is nothing to cancel.")
		case "abandoned":
			abandoned = &Run{Fingerprint: f, ID: reply[1], Spec: r.Spec, Queue: r.WaitsIn}
		}
		if !r.FinishedAt.IsZero() {
			now = millis(r.FinishedAt) // it has ended like this before
		}
		return abandoned, s.closeJobs(ctx, []ended{{id: id, owner: o, finished: now, batch: r.Batch, state: state}})
	}
	return nil, job.Errorf(job.Unavailable, "end job: it begins at this very moment")
}

// Collected is a result that no job refers to any more: its blob is to be deleted, then Forget called.
type Collected struct {
	Fingerprint job.Fingerprint
	Run         string
	// Blob is empty if the record held the digits itself.
	Blob string
}

// Delete deletes the owner's job, for the person whose it is: it is erased from the history as well. If no other job refers to its result,
// collected tells what is to be cleaned up. It fails with job.NotFound or job.Active.
func (s *Store) Delete(ctx context.Context, o job.Owner, id job.ID) (collected *Collected, err error) {
	r, err := s.Get(ctx, o, id)
	if err != nil {
		return nil, err
	}
	if r.State.Terminal() { // before the record goes, so that a crash between the two cannot leave it in the history
		if err := s.Erase(ctx, o, id); err != nil {
			return nil, err
		}
	}
	return s.drop(ctx, r)
}

// Retire deletes a job whose time to be kept is over, in the manner of Delete. The history keeps it.
func (s *Store) Retire(ctx context.Context, o job.Owner, id job.ID) (collected *Collected, err error) {
	r, err := s.Get(ctx, o, id)
	if err != nil {
		return nil, err
	}
	return s.drop(ctx, r)
}

func (s *Store) drop(ctx context.Context, r Record) (collected *Collected, err error) {
	if r.State.Terminal() && !r.Settled {
		if err := s.Settle(ctx, r.Fingerprint); err != nil {
			return nil, err
		}
	}
	o, id, f := r.Owner, r.ID, r.Fingerprint
	reply, err := s.remove.Run(ctx, s.rdb, []string{jobKey(id), computationKey(f), waitersKey(f), attemptsKey(f, r.Run), logKey(f, r.Run)},
		int(keepEnded.Seconds()), r.Run).StringSlice()
	if err != nil {
		return nil, unavailable("delete job", err)
	}
	switch reply[0] { // absent: it has been deleted since it was read, maybe by this very call, whose first answer was lost
	case "active":
		return nil, job.Errorf(job.Active, "The job has not ended. Cancel it first, or wait until it has ended.")
	case "collecting":
		var result job.Result
		if err := json.Unmarshal([]byte(reply[1]), &result); err != nil {
			return nil, fmt.Errorf("delete job %s: result: %w", id, err)
		}
		collected = &Collected{Fingerprint: f, Run: r.Run, Blob: result.Blob}
	}
	if err := s.settleBatchJobs(ctx, o, r.Batch, string(id), string(r.State)); err != nil {
		return collected, err
	}
	pipe := s.rdb.Pipeline()
	pipe.ZRem(ctx, ownerJobsKey(o), string(id))
	forgetOpen(ctx, pipe, o, string(id))
	pipe.ZRem(ctx, ownerFinishedKey(o), string(id))
	pipe.ZRem(ctx, ownerRefusedKey(o), string(id))
	_, err = pipe.Exec(ctx)
	return collected, unavailable("delete job", err)
}

// Forget removes the record of a collected result, unless the computation has begun anew meanwhile.
func (s *Store) Forget(ctx context.Context, c Collected) error {
	if c.Blob != "" {
		if err := s.DropResult(ctx, c.Blob); err != nil {
			return err
		}
	}
	return unavailable("forget computation", s.collected.Run(ctx, s.rdb, []string{computationKey(c.Fingerprint)}, c.Run).Err())
}

// Digits reads the digits that the computation's record itself holds. It fails with job.ResultGone if they are no longer there.
func (s *Store) Digits(ctx context.Context, f job.Fingerprint) (string, error) {
	v, err := s.rdb.HMGet(ctx, computationKey(f), "state", "digits").Result()
	if err != nil {
		return "", unavailable("read digits", err)
	}
	if state, _ := v[0].(string); job.ComputationState(state) != job.ComputationStored {
		return "", job.Errorf(job.ResultGone, "The digits are no longer kept. Submit the job again to compute them anew.")
	}
	digits, _ := v[1].(string)
	return digits, nil
}

// IsStored tells whether the result of a computation is there to be handed over at once.
func (s *Store) IsStored(ctx context.Context, f job.Fingerprint) (bool, error) {
	state, err := s.rdb.HMGet(ctx, computationKey(f), "state").Result()
	if err != nil {
		return false, unavailable("look up result", err)
	}
	return state[0] == string(job.ComputationStored), nil
}

// Use says what a computation's record knows of a blob.
type Use int

// The answers of BlobUse.
const (
	// Unknown: there is no record of the computation.
	Unknown Use = iota
	// Unused: the record points elsewhere or nowhere, and always will.
	Unused
	// InUse: the record points to the blob, or an attempt is under way that may make it do so.
	InUse
)

// BlobUse tells whether the computation's record refers to the blob of the given run and attempt.
func (s *Store) BlobUse(ctx context.Context, f job.Fingerprint, run string, attempt int64, blob string) (Use, error) {
	v, err := s.rdb.HMGet(ctx, computationKey(f), "state", "run", "attempt", "result").Result()
	if err != nil {
		return Unknown, unavailable("look up use of a blob", err)
	}
	r := &fields{values: v}
	state, current, number := job.ComputationState(r.text()), r.text(), r.number()
	result := into[job.Result](r)
	switch {
	case r.err != nil:
		return Unknown, fmt.Errorf("read computation %s: %w", f, r.err)
	case state == job.ComputationAbsent:
		return Unknown, nil
	case state == job.ComputationStored && result != nil && result.Blob == blob,
		state == job.ComputationRunning && current == run && number == attempt:
		return InUse, nil
	default:
		return Unused, nil
	}
}
