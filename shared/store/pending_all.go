package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// pendingFields are what a Pending is read from, in the order of decodePending.
var pendingFields = []string{"state", "run", "spec", "trace", "attempt", "worker", "queue", "job"}

// pendingAtOnce bounds how many computations are read in one round trip.
const pendingAtOnce = 500

// PendingAll reads computations, 500 in a round trip; one that is neither queued nor running is absent from the answer.
func (s *Store) PendingAll(ctx context.Context, all []job.Fingerprint) (map[job.Fingerprint]Pending, error) {
	found := make(map[job.Fingerprint]Pending, len(all))
	for some := range slices.Chunk(all, pendingAtOnce) {
		pipe := s.rdb.Pipeline()
		replies := make([]*redis.SliceCmd, len(some))
		for i, f := range some {
			replies[i] = pipe.HMGet(ctx, computationKey(f), pendingFields...)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, unavailable("read computations", err)
		}
		for i, f := range some {
			p, ok, err := decodePending(f, replies[i].Val())
			if err != nil {
				return nil, err
			}
			if ok {
				found[f] = p
			}
		}
	}
	return found, nil
}

// decodePending makes a Pending of the values of pendingFields.
func decodePending(f job.Fingerprint, values []any) (p Pending, ok bool, err error) {
	r := &fields{values: values}
	p.State = job.ComputationState(r.text())
	if p.State != job.ComputationQueued && p.State != job.ComputationRunning {
		return Pending{}, false, nil
	}
	run := Run{Fingerprint: f, ID: r.text()}
	if spec := into[job.Spec](r); spec != nil {
		run.Spec = *spec
	}
	if trace := into[map[string]string](r); trace != nil {
		run.Trace = *trace
	}
	number, worker := r.number(), r.text()
	run.Queue, run.Job = r.text(), job.ID(r.text())
	p.Attempt, p.Worker = Attempt{Run: run, Number: number}, worker
	if r.err != nil {
		return Pending{}, false, fmt.Errorf("read computation %s: %w", f, r.err)
	}
	return p, true, nil
}
