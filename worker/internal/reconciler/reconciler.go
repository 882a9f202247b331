// Package reconciler repairs what crashes leave between our records and the queue: a record without a task, an attempt whose worker
// is gone, a job that has ended without its record saying so, an index entry without a record. It also deletes what is past its
// retention. Every repair is fenced, so that two reconcilers at work do no harm; a lease keeps it to one.
package reconciler

import (
	"context"
	"log/slog"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

const (
	interval  = time.Second
	leaseTime = 5 * time.Second
	leaseName = "reconciler"
	// batch bounds how many jobs of an owner one pass looks at.
	batch = 500
	// When an open job is next looked at, by what it was found to be.
	recheckQueued  = 30 * time.Second
	recheckRunning = 5 * time.Second
	// lostAfter is how long a worker must be seen absent before its work is taken away, beyond the time that its last beat is good
	// for: after a restart of Redis all workers are absent for a moment.
	lostAfter = 6 * time.Second
	// orphanAge is when an index entry without a record is no longer a submission under way.
	orphanAge = time.Minute
)

// Reconciler does the repairs. Run it in every worker.
type Reconciler struct {
	records   *store.Store
	queue     *queue.Client
	results   *result.Store
	worker    string
	retention time.Duration
	logger    *slog.Logger

	// absent is since when a worker with a running attempt has been seen absent.
	absent      map[string]time.Time
	nextCleanUp time.Time
}

// New returns a reconciler that acts in the worker's name and keeps ended jobs for retention.
func New(records *store.Store, q *queue.Client, results *result.Store, worker string, retention time.Duration, logger *slog.Logger) *Reconciler {
	return &Reconciler{records: records, queue: q, results: results, worker: worker, retention: retention, logger: logger, absent: map[string]time.Time{}}
}

// Run repairs until the context ends. Errors are logged, and tried again with the next pass.
func (r *Reconciler) Run(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := r.pass(ctx); err != nil && ctx.Err() == nil {
			r.logger.WarnContext(ctx, "reconciler pass failed", slog.Any("error", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *Reconciler) pass(ctx context.Context) error {
	held, err := r.records.Lease(ctx, leaseName, r.worker, leaseTime)
	if err != nil || !held {
		return err
	}
	owners, err := r.records.Owners(ctx)
	if err != nil {
		return err
	}
	for _, o := range owners {
		if err := r.checkOpen(ctx, o); err != nil {
			return err
		}
	}
	if now := time.Now(); now.After(r.nextCleanUp) {
		r.nextCleanUp = now.Add(time.Minute)
		if err := r.queue.Announce(ctx); err != nil {
			return err
		}
		for _, o := range owners {
			if err := r.cleanUp(ctx, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkOpen looks at the owner's open jobs that are due.
func (r *Reconciler) checkOpen(ctx context.Context, o job.Owner) error {
	now := time.Now()
	ids, err := r.records.Due(ctx, o, now, batch)
	if err != nil || len(ids) == 0 {
		return err
	}
	records, err := r.records.GetAll(ctx, ids)
	if err != nil {
		return err
	}
	alive, err := r.records.AliveWorkers(ctx)
	if err != nil {
		return err
	}
	p := &passState{now: now, alive: alive, next: map[job.ID]time.Time{}, seen: map[job.Fingerprint]time.Time{}}
	for _, id := range ids {
		rec, ok := records[id]
		if !ok {
			p.orphan(id)
			continue
		}
		if err := r.check(ctx, rec, p); err != nil {
			return err
		}
	}
	if err := r.records.Disown(ctx, o, p.orphans); err != nil {
		return err
	}
	return r.records.Checked(ctx, o, p.next, p.closed)
}

// passState gathers what one pass over an owner's jobs finds.
type passState struct {
	now     time.Time
	alive   map[string]bool
	next    map[job.ID]time.Time
	closed  []job.ID
	orphans []job.ID
	// seen is when a computation is to be looked at again: many jobs may wait for one.
	seen map[job.Fingerprint]time.Time
}

func (p *passState) orphan(id job.ID) {
	if created, ok := id.Time(); ok && p.now.Sub(created) < orphanAge {
		p.next[id] = p.now.Add(recheckRunning)
		return
	}
	p.orphans = append(p.orphans, id)
}
