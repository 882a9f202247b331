package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// SubmitBatch writes jobs of one owner and one batch, some hundred at a time, and starts, joins or hits their computations, as Submit does, in two
// round trips, or three if some hit. Their quota was asked for by CreateBatch, and none has a key. The answers are in the order of the requests;
// their records are not read. If one cannot be taken, failed tells which; others then may have been.
func (s *Store) SubmitBatch(ctx context.Context, o job.Owner, b job.BatchID, requests []job.Request) (made []Submission, failed int, err error) {
	entries, err := s.enterBatch(ctx, o, b, requests)
	if err != nil {
		return nil, 0, err
	}
	replies, err := s.submitAll(ctx, entries)
	if err != nil {
		return nil, 0, unavailable("submit jobs", err)
	}
	made = make([]Submission, len(requests))
	var hits []ended
	for i, e := range entries {
		begun, settled, err := s.met(ctx, e.doc, e.trace, e.mode, replies[i])
		if settled && err == nil {
			begun, err = s.begin(ctx, e.doc, e.trace, e.mode)
		}
		if err != nil {
			return nil, i, err
		}
		made[i] = begun
		if made[i].Cache == job.Hit {
			hits = append(hits, hitOf(e.doc, e.args))
		}
	}
	// The jobs are there: what is left to do with those that have ended, the reconciler finds.
	_ = s.closeJobs(ctx, hits)
	return made, 0, nil
}

// batchEntry is a job on its way into the store.
type batchEntry struct {
	doc   document
	mode  string
	trace map[string]string
	args  []any // of submit.lua
}

// enterBatch puts the jobs into their owner's indexes, where the reconciler finds them whatever happens next.
func (s *Store) enterBatch(ctx context.Context, o job.Owner, b job.BatchID, requests []job.Request) ([]batchEntry, error) {
	keys := []string{
		ownerJobsKey(o), ownerOpenKey(o), ownerDeadlinesKey(o), ownerScheduledKey(o), batchJobsKey(o, b), batchOpenKey(o, b),
	}
	entries, args := make([]batchEntry, len(requests)), make([]any, 1, 1+4*len(requests))
	args[0] = firstCheck.Milliseconds()
	for i, r := range requests {
		id, err := job.NewID(r.Fingerprint)
		if err != nil {
			return nil, err
		}
		created, _ := id.Time()
		d := documentOf(id, r, created)
		if !r.RunAt.IsZero() {
			d.RunAtMillis = millis(r.RunAt)
		}
		entries[i] = batchEntry{doc: d, mode: modeNew, trace: r.Trace}
		args = append(args, string(id), d.CreatedMillis, r.Deadline.Milliseconds(), d.RunAtMillis)
	}
	reply, err := s.callEnterBatch(ctx, o, keys, args)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		e := &entries[i]
		e.doc.DeadlineMillis = reply[1+i]
		if e.doc.RunAtMillis > reply[0] {
			e.mode, e.doc.Trace = modeScheduled, e.trace
		}
		if e.args, err = beginArgs(e.doc, e.trace, e.mode); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (s *Store) callEnterBatch(ctx context.Context, o job.Owner, keys []string, args []any) ([]int64, error) {
	pipe := s.rdb.Pipeline()
	pipe.SAdd(ctx, ownersKey, string(o))
	admitted := s.batchAdmit.EvalSha(ctx, pipe, keys, args...)
	_, err := pipe.Exec(ctx)
	if isNoScript(err) {
		admitted = s.batchAdmit.Eval(ctx, s.rdb, keys, args...)
		err = admitted.Err()
	}
	if err != nil {
		return nil, unavailable("admit jobs", err)
	}
	reply, err := admitted.Int64Slice()
	if err == nil && len(reply) != 1+(len(args)-1)/4 {
		err = fmt.Errorf("admit jobs: %d answers for %d jobs", len(reply)-1, (len(args)-1)/4)
	}
	return reply, err
}

// submitAll calls submit.lua for all of them in one round trip.
func (s *Store) submitAll(ctx context.Context, entries []batchEntry) ([][]string, error) {
	calls := make([]scriptCall, len(entries))
	for i, e := range entries {
		calls[i] = scriptCall{beginKeys(e.doc), e.args}
	}
	cmds, err := s.callAll(ctx, s.submit, calls)
	if err != nil {
		return nil, err
	}
	replies := make([][]string, len(cmds))
	for i, c := range cmds {
		if replies[i], err = c.StringSlice(); err != nil {
			return nil, err
		}
	}
	return replies, nil
}

// scriptCall is one call of a script among many.
type scriptCall struct {
	keys []string
	args []any
}

// callAll calls a script many times in one round trip, or more if Redis does not know it yet. It fails with the first error of any.
func (s *Store) callAll(ctx context.Context, script *redis.Script, calls []scriptCall) ([]*redis.Cmd, error) {
	cmds := make([]*redis.Cmd, len(calls))
	left := make([]int, len(calls))
	for i := range left {
		left[i] = i
	}
	for len(left) > 0 {
		pipe := s.rdb.Pipeline()
		for _, i := range left {
			cmds[i] = script.EvalSha(ctx, pipe, calls[i].keys, calls[i].args...)
		}
		_, err := pipe.Exec(ctx)
		if !isNoScript(err) {
			return cmds, err
		}
		if err := script.Load(ctx, s.rdb).Err(); err != nil {
			return nil, err
		}
		// Somebody else may have told Redis the script meanwhile: those that went through are not called again.
		left = slices.DeleteFunc(left, func(i int) bool { return !isNoScript(cmds[i].Err()) })
	}
	return cmds, nil
}
