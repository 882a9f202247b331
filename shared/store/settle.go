package store

import (
	"context"
	"errors"
	"time"

	"numbermill/shared/job"
)

// Settle ends the waiting jobs of a computation that has ended. It does nothing for one that has not.
func (s *Store) Settle(ctx context.Context, f job.Fingerprint) error {
	return s.settleAll(ctx, f, []any{int64(1)})
}

// settleAll takes a script's reply {still waiting, id, owner, finished_ms, …}, closes those jobs in their owners' indexes, and goes on until
// nobody waits.
func (s *Store) settleAll(ctx context.Context, f job.Fingerprint, reply []any) error {
	for {
		if err := s.closeJobs(ctx, reply[1:]); err != nil {
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

// closeJobs takes ended jobs, triples of id, owner and finished_ms, out of the indexes of open ones, and enters them into those of what the
// history is to get. What is missed here, the reconciler finds.
func (s *Store) closeJobs(ctx context.Context, ended []any) error {
	pairs := map[job.Owner][]any{}
	for i := 0; i+2 < len(ended); i += 3 {
		owner, _ := ended[i+1].(string)
		pairs[job.Owner(owner)] = append(pairs[job.Owner(owner)], ended[i], ended[i+2])
	}
	if len(pairs) == 0 {
		return nil
	}
	pipe := s.rdb.Pipeline()
	for owner, p := range pairs {
		s.closing.EvalSha(ctx, pipe, closingKeys(owner), p...)
	}
	_, err := pipe.Exec(ctx)
	if isNoScript(err) {
		err = nil
		for owner, p := range pairs {
			err = errors.Join(err, s.closing.Run(ctx, s.rdb, closingKeys(owner), p...).Err())
		}
	}
	return unavailable("close jobs", err)
}

func closingKeys(o job.Owner) []string {
	return []string{ownerOpenKey(o), ownerDeadlinesKey(o), ownerScheduledKey(o), ownerFinishedKey(o)}
}

// Close takes ended jobs off their owner's lists of open ones, by when they ended, and enters those that stood there into the list of what the
// history is to get. It is for what a crash has left behind.
func (s *Store) Close(ctx context.Context, o job.Owner, ended map[job.ID]time.Time) error {
	triples := make([]any, 0, 3*len(ended))
	for id, at := range ended {
		triples = append(triples, string(id), string(o), millis(at))
	}
	return s.closeJobs(ctx, triples)
}
