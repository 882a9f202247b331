package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"numbermill/shared/job"
)

// Complete publishes a result: it ends the computation and every job that waits for it, and the run's delivery if Run.Ends says how and one call can
// do it all. digits are kept in the record itself if the result names no blob. The lines, at most a hundred, are added to the log of the run, as
// AppendLog would. held is false if the attempt was no longer the caller's; then nothing has changed. It fails with ErrNotFirst.
func (s *Store) Complete(ctx context.Context, a Attempt, r job.Result, digits string, lines ...job.LogLine) (held bool, err error) {
	args, err := completion(a, r, digits, lines)
	if err != nil {
		return false, err
	}
	f := a.Run.Fingerprint
	keys := []string{computationKey(f), waitersKey(f), attemptsKey(f, a.Run.ID), logKey(f, a.Run.ID)}
	var reply []any
	if s.oneCall {
		reply, err = s.conclude(ctx, a, keys, args, r.Blob == "")
	} else {
		reply, err = s.complete.Run(ctx, s.rdb, keys, args...).Slice() // the jobs that it has ended are still to be closed
	}
	if err != nil {
		return false, unavailable("publish result", err)
	}
	if kind, _ := reply[0].(int64); kind == 0 {
		if text(reply[1]) == string(job.ComputationQueued) && !a.Recorded() {
			return false, ErrNotFirst
		}
		return false, nil
	}
	if err := s.settleAll(ctx, f, reply[1:]); err != nil {
		return true, err
	}
	if r.Blob == "" {
		return true, nil
	}
	return true, s.KeepResult(ctx, r.Blob, r.Size(), time.Now())
}

// completion are the arguments of complete.lua.
func completion(a Attempt, r job.Result, digits string, lines []job.LogLine) ([]any, error) {
	text, err := encodeResult(r)
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	f, now, started := a.Run.Fingerprint, millis(time.Now()), int64(0)
	if !a.Recorded() {
		started = millis(a.StartedAt)
		now = max(now, started)
	}
	args := []any{
		a.Run.ID, a.Number, now, text, digits, string(f), jobPrefix(f.Shard()), settleLimit, mostLines, a.Worker, started,
	}
	return appendLines(args, lines[max(0, len(lines)-mostLinesAtOnce):])
}

// conclude calls conclude.lua, which closes jobs, and ends the delivery if that is the last thing to do.
func (s *Store) conclude(ctx context.Context, a Attempt, keys []string, args []any, last bool) ([]any, error) {
	var ends Errand
	if last && a.Run.Ends != nil {
		ends = *a.Run.Ends
	}
	all := slices.Concat([]any{ownerPrefix, len(ends.Args)}, ends.Args, args)
	reply, err := s.concluding.with(ends.Source).Run(ctx, s.rdb, slices.Concat(keys, ends.Keys), all...).Slice()
	if err != nil || len(reply) < 3 {
		ends.tell(false, err)
		return reply, err
	}
	ran, _ := reply[2].(int64)
	ends.tell(ran == 1, nil)
	return reply[:2], nil
}
