package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

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
	f, keys := a.Run.Fingerprint, completionKeys(a.Run)
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

// completionKeys are the keys of complete.lua.
func completionKeys(r Run) []string {
	f := r.Fingerprint
	return []string{computationKey(f), waitersKey(f), attemptsKey(f, r.ID), logKey(f, r.ID)}
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
	lines = lines[max(0, len(lines)-mostLinesAtOnce):]
	args := []any{
		a.Run.ID, a.Number, now, text, digits, string(f), jobPrefix(f.Shard()), settleLimit, mostLines, a.Worker, started, len(lines),
	}
	if a.Recorded() {
		return appendLines(args, lines)
	}
	log, err := listOf(lines)
	return append(args, log), err
}

// conclude calls conclude.lua, which closes jobs, and ends the delivery if that is the last thing to do.
func (s *Store) conclude(ctx context.Context, a Attempt, keys []string, args []any, last bool) ([]any, error) {
	var ends Errand
	if last && a.Run.Ends != nil {
		ends = a.Run.Ends("") // what is kept is ended apart from this
	}
	c := s.conclusion(ends, keys, args)
	reply, err := c.script.Run(ctx, s.rdb, c.keys, c.args...).Slice()
	if err != nil || len(reply) < 3 {
		ends.tell(false, err)
		return reply, err
	}
	ran, _ := reply[2].(int64)
	ends.tell(ran == 1, nil)
	return reply[:2], nil
}

// conclusion is a call of conclude.lua.
type conclusion struct {
	script *redis.Script
	keys   []string
	args   []any
}

// conclusion is the call with the keys and arguments of complete.lua and an errand.
func (s *Store) conclusion(ends Errand, keys []string, args []any) conclusion {
	return conclusion{
		s.concluding.with(ends.Source), slices.Concat(keys, ends.Keys), slices.Concat([]any{ownerPrefix, len(ends.Args)}, ends.Args, args),
	}
}

// Publication is what Complete is given.
type Publication struct {
	Attempt Attempt
	Result  job.Result
	Digits  string
	Lines   []job.LogLine
	// Summary is for Run.Ends.
	Summary string
}

// CompleteTogether is Complete for several results that name no blob, in one trip. It tells which are published, with every job ended and closed that
// waited and the delivery ended as Run.Ends says. With the others it may have come to anything or nothing, which Complete finds out. It does none
// where one call cannot do all of that.
func (s *Store) CompleteTogether(ctx context.Context, all []Publication) (done []bool, err error) {
	done = make([]bool, len(all))
	calls := make([]conclusion, len(all))
	for i, p := range all {
		if !s.oneCall || p.Result.Blob != "" || p.Attempt.Run.Ends == nil {
			return done, nil
		}
		args, err := completion(p.Attempt, p.Result, p.Digits, p.Lines)
		if err != nil {
			return done, err
		}
		calls[i] = s.conclusion(p.Attempt.Run.Ends(p.Summary), completionKeys(p.Attempt.Run), args)
	}
	replies, err := s.callTogether(ctx, calls)
	for i, reply := range replies {
		values, failed := reply.Slice()
		if failed == nil && len(values) == 3 {
			ran, _ := values[2].(int64)
			done[i] = ran == 1
		}
	}
	return done, unavailable("publish results", err)
}

// callTogether makes several calls in one trip, or in two if Redis does not know their scripts.
func (s *Store) callTogether(ctx context.Context, calls []conclusion) (replies []*redis.Cmd, err error) {
	for again := false; ; again = true {
		pipe := s.rdb.Pipeline()
		replies = replies[:0]
		for i, c := range calls {
			if again && (i == 0 || c.script != calls[i-1].script) {
				replies = append(replies, c.script.Eval(ctx, pipe, c.keys, c.args...))
				continue
			}
			replies = append(replies, c.script.EvalSha(ctx, pipe, c.keys, c.args...))
		}
		if _, err = pipe.Exec(ctx); again || !isNoScript(err) {
			return replies, err
		}
	}
}
