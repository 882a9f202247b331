package store

import (
	"context"

	"numbermill/shared/job"
)

// Settle ends the waiting jobs of a computation that has ended. It does nothing for one that has not.
func (s *Store) Settle(ctx context.Context, f job.Fingerprint) error {
	return s.settleAll(ctx, f, []any{int64(1)})
}

// settleAll takes a script's reply {still waiting, id, owner, …}, closes those jobs in their owners' indexes, and goes on until
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

// closeJobs takes ended jobs out of the indexes of open ones. What is missed here, the reconciler finds.
func (s *Store) closeJobs(ctx context.Context, idsAndOwners []any) error {
	ended := map[job.Owner][]any{}
	for i := 0; i+1 < len(idsAndOwners); i += 2 {
		id, _ := idsAndOwners[i].(string)
		owner, _ := idsAndOwners[i+1].(string)
		ended[job.Owner(owner)] = append(ended[job.Owner(owner)], id)
	}
	if len(ended) == 0 {
		return nil
	}
	pipe := s.rdb.Pipeline()
	for owner, ids := range ended {
		closeJob(ctx, pipe, owner, ids...)
	}
	_, err := pipe.Exec(ctx)
	return unavailable("close jobs", err)
}
