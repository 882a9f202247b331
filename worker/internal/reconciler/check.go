package reconciler

import (
	"context"
	"log/slog"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// checkActive looks for runs of lost workers among the tasks that workers have: few, however many jobs wait. Without act it takes note only.
func (r *Reconciler) checkActive(ctx context.Context, alive map[string]bool, act bool) error {
	runs, err := r.queue.Active(ctx)
	if err != nil {
		return err
	}
	fingerprints := make([]job.Fingerprint, len(runs))
	for i, run := range runs {
		fingerprints[i] = run.Fingerprint
	}
	pending, err := r.records.PendingAll(ctx, fingerprints)
	if err != nil {
		return err
	}
	var doubtful []store.Pending
	for _, run := range runs {
		p, ok := pending[run.Fingerprint]
		switch {
		case !ok || p.Attempt.Run.ID != run.ID:
		case p.State == job.ComputationRunning && r.isLost(p.Worker, alive):
			if !act {
				continue
			}
			if err := r.takeAway(ctx, p); err != nil {
				return err
			}
		case p.State == job.ComputationQueued || alive[p.Worker]:
			doubtful = append(doubtful, p)
		}
	}
	return r.checkHeld(ctx, doubtful, act)
}

// checkHeld gives tasks to another worker that no worker that lives says to have: one has died before it claimed the run, or has never learnt
// that its claim went through, since Redis went away at that moment. A run that waits for memory, for instance, is held and not claimed yet.
func (r *Reconciler) checkHeld(ctx context.Context, doubtful []store.Pending, act bool) error {
	if len(doubtful) == 0 {
		clear(r.unheld)
		return nil
	}
	workers, err := r.records.Descriptions(ctx)
	if err != nil {
		return err
	}
	held := map[string]bool{}
	for _, w := range workers {
		for _, h := range w.Held {
			held[taskOf(h.Fingerprint, h.Run)] = true
		}
	}
	still := map[string]time.Time{}
	for _, p := range doubtful {
		run := p.Attempt.Run
		task := taskOf(run.Fingerprint, run.ID)
		if held[task] {
			continue
		}
		patience := r.delays.unheld
		if p.State == job.ComputationRunning {
			patience = r.delays.mute
		}
		if seenFor(r.unheld, task) < patience || !act {
			still[task] = r.unheld[task]
			continue
		}
		r.logger.WarnContext(ctx, "nobody has a task that was taken: it goes to another worker",
			slog.String("computation", string(run.Fingerprint)), slog.String("run", run.ID))
		if p.State == job.ComputationRunning {
			held, err := r.records.Release(ctx, p.Attempt)
			if err != nil {
				return err
			}
			if !held {
				continue // it has ended this very moment
			}
		}
		if _, err := r.queue.Reclaim(ctx, run); err != nil {
			return err
		}
	}
	r.unheld = still
	return nil
}

func taskOf(f job.Fingerprint, run string) string { return string(f) + "-" + run }

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
	closed  map[job.ID]time.Time // when they ended
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
	p := &passState{alive: alive, now: now, next: map[job.ID]time.Time{}, closed: map[job.ID]time.Time{}, seen: map[job.Fingerprint]time.Time{}}
	for _, id := range ids {
		rec, ok := records[id]
		switch {
		case ok:
			if err := r.check(ctx, rec, p); err != nil {
				return err
			}
		case r.isOrphan(id):
			p.orphans = append(p.orphans, id)
		default:
			p.next[id] = now.Add(r.delays.recheckRunning)
		}
	}
	if err := r.records.Disown(ctx, o, p.orphans); err != nil {
		return err
	}
	if err := r.records.Close(ctx, o, p.closed); err != nil {
		return err
	}
	return r.records.Checked(ctx, o, p.next)
}

// check repairs one open job, if it needs it.
func (r *Reconciler) check(ctx context.Context, rec store.Record, p *passState) error {
	delete(r.orphans, rec.ID)
	if rec.State.Terminal() {
		p.closed[rec.ID] = rec.FinishedAt
		if rec.Settled {
			return nil
		}
		return r.records.Settle(ctx, rec.Fingerprint)
	}
	if rec.State == job.Scheduled {
		p.next[rec.ID] = p.now.Add(r.delays.recheckQueued)
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
		if r.isLost(pending.Worker, p.alive) {
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
