package reconciler

import (
	"context"
	"log/slog"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// check repairs one open job, if it needs it.
func (r *Reconciler) check(ctx context.Context, rec store.Record, p *passState) error {
	if rec.Settled {
		p.closed = append(p.closed, rec.ID)
		return nil
	}
	if rec.State.Terminal() {
		if err := r.records.Settle(ctx, rec.Fingerprint); err != nil {
			return err
		}
		p.closed = append(p.closed, rec.ID)
		return nil
	}
	next, ok := p.seen[rec.Fingerprint]
	if !ok {
		var err error
		if next, err = r.checkComputation(ctx, rec, p); err != nil {
			return err
		}
		p.seen[rec.Fingerprint] = next
	}
	p.next[rec.ID] = next
	return nil
}

// checkComputation repairs the computation that an open job waits for, and tells when to look again.
func (r *Reconciler) checkComputation(ctx context.Context, rec store.Record, p *passState) (next time.Time, err error) {
	log := r.logger.With(slog.String("computation", string(rec.Fingerprint)), slog.String("job_id", string(rec.ID)))
	attempt, state, ok, err := r.records.Pending(ctx, rec.Fingerprint)
	if err != nil {
		return next, err
	}
	if !ok || attempt.Run.ID != rec.Run {
		// It has changed since the job was read; what it is now, the next look will show.
		return p.now.Add(recheckRunning), nil
	}
	if state == job.ComputationRunning {
		if !r.isLost(rec.Worker, p) {
			return p.now.Add(recheckRunning), nil
		}
		log.WarnContext(ctx, "worker lost", slog.String("worker", rec.Worker), slog.Int64("attempt", attempt.Number))
		if _, err := r.records.Release(ctx, attempt, true); err != nil {
			return next, err
		}
		if _, err := r.queue.Reclaim(ctx, attempt.Run); err != nil {
			return next, err
		}
	}
	repaired, err := r.queue.Ensure(ctx, attempt.Run)
	if err != nil {
		return next, err
	}
	if repaired {
		log.WarnContext(ctx, "queued again", slog.String("run", attempt.Run.ID))
	}
	return p.now.Add(recheckQueued), nil
}

// isLost tells whether a worker has been seen absent for long enough.
func (r *Reconciler) isLost(worker string, p *passState) bool {
	if p.alive[worker] {
		delete(r.absent, worker)
		return false
	}
	since, ok := r.absent[worker]
	if !ok {
		r.absent[worker] = p.now
		return false
	}
	return p.now.Sub(since) >= lostAfter
}

// cleanUp deletes the owner's jobs that ended longer ago than the retention, with the digits that nobody refers to any more.
func (r *Reconciler) cleanUp(ctx context.Context, o job.Owner) error {
	before := time.Now().Add(-r.retention)
	ids, err := r.records.Oldest(ctx, o, before, batch)
	if err != nil || len(ids) == 0 {
		return err
	}
	records, err := r.records.GetAll(ctx, ids)
	if err != nil {
		return err
	}
	var orphans []job.ID
	for _, id := range ids {
		rec, ok := records[id]
		switch {
		case !ok:
			orphans = append(orphans, id)
		case rec.State.Terminal() && rec.FinishedAt.Before(before):
			if err := r.delete(ctx, o, id); err != nil {
				return err
			}
		}
	}
	return r.records.Disown(ctx, o, orphans)
}

func (r *Reconciler) delete(ctx context.Context, o job.Owner, id job.ID) error {
	collected, err := r.records.Delete(ctx, o, id)
	if job.CodeOf(err) == job.NotFound {
		return nil // its owner was faster
	}
	if err != nil || collected == nil {
		return err
	}
	if collected.Blob != "" {
		if err := r.results.Delete(ctx, collected.Blob); err != nil {
			return err
		}
	}
	return r.records.Forget(ctx, *collected)
}
