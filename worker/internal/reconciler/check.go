package reconciler

import (
	"context"
	"log/slog"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// checkActive looks for runs of lost workers among the tasks that workers have: few, however many jobs wait.
func (r *Reconciler) checkActive(ctx context.Context, alive map[string]bool, now time.Time) error {
	runs, err := r.queue.Active(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		p, ok, err := r.records.Pending(ctx, run.Fingerprint)
		if err != nil {
			return err
		}
		if !ok || p.Attempt.Run.ID != run.ID || p.State != job.ComputationRunning || !r.isLost(p.Worker, alive, now) {
			continue
		}
		if err := r.takeAway(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// takeAway gives the run of a lost worker to another one.
func (r *Reconciler) takeAway(ctx context.Context, p store.Pending) error {
	r.logger.WarnContext(ctx, "worker lost", slog.String("lost", p.Worker), slog.Int64("attempt", p.Attempt.Number),
		slog.String("computation", string(p.Attempt.Run.Fingerprint)))
	lost, err := r.records.Lose(ctx, p.Attempt)
	if err != nil || lost != store.LossRequeued {
		return err
	}
	_, err = r.queue.Reclaim(ctx, p.Attempt.Run)
	return err
}

// passState gathers what one pass over an owner's jobs finds.
type passState struct {
	alive   map[string]bool
	now     time.Time
	next    map[job.ID]time.Time
	closed  []job.ID
	orphans []job.ID
	// seen is when a computation is to be looked at again: many jobs may wait for one.
	seen map[job.Fingerprint]time.Time
}

// checkOpen looks at the owner's open jobs that are due.
func (r *Reconciler) checkOpen(ctx context.Context, o job.Owner, alive map[string]bool, now time.Time) error {
	ids, err := r.records.Due(ctx, o, now, batch)
	if err != nil || len(ids) == 0 {
		return err
	}
	records, err := r.records.GetAll(ctx, ids)
	if err != nil {
		return err
	}
	p := &passState{alive: alive, now: now, next: map[job.ID]time.Time{}, seen: map[job.Fingerprint]time.Time{}}
	for _, id := range ids {
		rec, ok := records[id]
		switch {
		case ok:
			if err := r.check(ctx, rec, p); err != nil {
				return err
			}
		case r.isOrphan(id, now):
			p.orphans = append(p.orphans, id)
		default:
			p.next[id] = now.Add(r.delays.recheckRunning)
		}
	}
	if err := r.records.Disown(ctx, o, p.orphans); err != nil {
		return err
	}
	return r.records.Checked(ctx, o, p.next, p.closed)
}

// check repairs one open job, if it needs it.
func (r *Reconciler) check(ctx context.Context, rec store.Record, p *passState) error {
	delete(r.orphans, rec.ID)
	if rec.State.Terminal() {
		p.closed = append(p.closed, rec.ID)
		if rec.Settled {
			return nil
		}
		return r.records.Settle(ctx, rec.Fingerprint)
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
	pending, ok, err := r.records.Pending(ctx, rec.Fingerprint)
	if err != nil {
		return next, err
	}
	if !ok || pending.Attempt.Run.ID != rec.Run {
		// It has changed since the job was read; what it is now, the next look will show.
		return p.now.Add(r.delays.recheckRunning), nil
	}
	next = p.now.Add(r.delays.recheckQueued)
	running := pending.State == job.ComputationRunning
	if running {
		next = p.now.Add(r.delays.recheckRunning)
		if r.isLost(pending.Worker, p.alive, p.now) {
			if err := r.takeAway(ctx, pending); err != nil {
				return next, err
			}
			running = false
		}
	}
	repaired, err := r.queue.Ensure(ctx, pending.Attempt.Run, running)
	if repaired {
		r.logger.WarnContext(ctx, "queued again", slog.String("computation", string(rec.Fingerprint)), slog.String("job_id", string(rec.ID)),
			slog.String("run", pending.Attempt.Run.ID))
	}
	return next, err
}
