package store

import (
	"context"
	"strconv"
	"time"

	"numbermill/shared/job"
)

// Settle ends the waiting jobs of a computation that has ended. It does nothing for one that has not.
func (s *Store) Settle(ctx context.Context, f job.Fingerprint) error {
	return s.settleAll(ctx, f, []any{int64(1)})
}

// settleAll takes a script's reply {still waiting, id, owner, finished_ms, batch, state, …}, closes those jobs in their owners' indexes, and goes on
// until nobody waits.
func (s *Store) settleAll(ctx context.Context, f job.Fingerprint, reply []any) error {
	for {
		if err := s.closeJobs(ctx, endedOf(reply[1:])); err != nil {
			return err
		}
		if waiting, _ := reply[0].(int64); waiting == 0 {
			return nil
		}
		var err error
		reply, err = s.rest.Run(ctx, s.rdb, []string{computationKey(f), waitersKey(f)},
			string(f), jobPrefix(f.Shard()), settleLimit, int(keepEnded.Seconds())).Slice()
		if err != nil {
			return unavailable("end waiting jobs", err)
		}
	}
}

// ended is a job that has ended, and is to be closed in its owner's indexes.
type ended struct {
	id    job.ID
	owner job.Owner
	// finished is when, in milliseconds.
	finished int64
	// batch is the one that counts it as having ended in this state; empty for none, or if it is not known.
	batch job.BatchID
	state job.State
}

// endedOf reads what settle.lua says of the jobs that it has ended.
func endedOf(reply []any) []ended {
	const fields = 5
	jobs := make([]ended, 0, len(reply)/fields)
	for ; len(reply) >= fields; reply = reply[fields:] {
		finished, _ := strconv.ParseInt(text(reply[2]), 10, 64) // 0 where the record does not say
		jobs = append(jobs, ended{
			id: job.ID(text(reply[0])), owner: job.Owner(text(reply[1])), finished: finished,
			batch: job.BatchID(text(reply[3])), state: job.State(text(reply[4])),
		})
	}
	return jobs
}

// closeJobs takes ended jobs out of the indexes of open ones, counts them in their batches, and enters them into those of what the history is to
// get. What is missed here, the reconciler finds, and the reading of a batch.
func (s *Store) closeJobs(ctx context.Context, jobs []ended) error {
	if len(jobs) == 0 {
		return nil
	}
	return unavailable("close jobs", s.closer.close(ctx, s, jobs))
}

// Close takes ended jobs off their owner's lists of open ones, by when they ended, and enters those that stood there into the list of what the
// history is to get. It is for what a crash has left behind.
func (s *Store) Close(ctx context.Context, o job.Owner, jobs map[job.ID]time.Time) error {
	all := make([]ended, 0, len(jobs))
	for id, at := range jobs {
		all = append(all, ended{id: id, owner: o, finished: millis(at)})
	}
	return s.closeJobs(ctx, all)
}
