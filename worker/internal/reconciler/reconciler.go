// Package reconciler repairs what crashes leave between our records and the queue: a record without a task, an attempt whose worker
// is gone, a job that has ended without its record saying so, an index entry without a record. It also deletes what is past its
// retention, and digits that no record points to. Every repair is fenced, so that two reconcilers at work do no harm; a lease keeps it
// to one.
package reconciler

import (
	"context"
	"errors"
	"fmt"
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
	// passTimeout bounds one pass: a Redis that hangs must not hold up the next.
	passTimeout = 30 * time.Second
	// batch bounds how many jobs of an owner are looked at in one go.
	batch = 500
	// cleanUpEvery is how often old jobs and unused digits are looked for.
	cleanUpEvery = time.Minute
	// forgetAbsent is when a worker that is gone for good is forgotten.
	forgetAbsent = time.Hour
)

// delays are how long the reconciler lets things be.
type delays struct {
	// When an open job is next looked at, by what it was found to be.
	recheckQueued, recheckRunning time.Duration
	// lost is how long a worker must be seen absent before its work is taken away, beyond the time that its last beat is good for: after
	// a restart of Redis all workers are absent for a moment.
	lost time.Duration
	// orphan is for how long an index entry without a record must have been seen before it is no longer a submission under way.
	orphan time.Duration
	// blob is how old digits are that may be looked at.
	blob time.Duration
}

func defaults() delays {
	return delays{
		recheckQueued: 30 * time.Second, recheckRunning: 5 * time.Second, lost: 6 * time.Second, orphan: time.Minute,
		blob: 24 * time.Hour,
	}
}

// Reconciler does the repairs. Run it in every worker.
type Reconciler struct {
	records   *store.Store
	queue     *queue.Client
	results   *result.Store
	worker    string
	retention time.Duration
	logger    *slog.Logger
	delays    delays

	// absent is since when a worker with a running attempt has been seen absent.
	absent map[string]time.Time
	// orphans is since when index entries have been seen without a record.
	orphans     map[job.ID]time.Time
	nextCleanUp time.Time
	sweep       sweepState
}

// New returns a reconciler that acts in the worker's name and keeps ended jobs for retention.
func New(records *store.Store, q *queue.Client, results *result.Store, worker string, retention time.Duration, logger *slog.Logger) *Reconciler {
	return &Reconciler{
		records: records, queue: q, results: results, worker: worker, retention: retention, logger: logger, delays: defaults(),
		absent: map[string]time.Time{}, orphans: map[job.ID]time.Time{},
	}
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

// pass does everything that is due. What fails does not keep the rest from being done.
func (r *Reconciler) pass(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	held, err := r.records.Lease(ctx, leaseName, r.worker, leaseTime)
	if err != nil || !held {
		return err
	}
	alive, now, err := r.records.AliveWorkers(ctx)
	if err != nil {
		return err
	}
	r.notice(alive, now)
	owners, err := r.records.Owners(ctx)
	if err != nil {
		return err
	}
	errs := []error{r.checkActive(ctx, alive, now)}
	for _, o := range owners {
		if err := r.checkOpen(ctx, o, alive, now); err != nil {
			errs = append(errs, fmt.Errorf("check open jobs: %w", err))
		}
	}
	if !now.Before(r.nextCleanUp) {
		r.nextCleanUp = now.Add(cleanUpEvery)
		errs = append(errs, r.cleanUp(ctx, owners, now))
	}
	return errors.Join(errs...)
}

// notice forgets the absence of workers that are back, or gone for good.
func (r *Reconciler) notice(alive map[string]bool, now time.Time) {
	for worker, since := range r.absent {
		if alive[worker] || now.Sub(since) > forgetAbsent {
			delete(r.absent, worker)
		}
	}
}

// isLost tells whether a worker has been seen absent for long enough.
func (r *Reconciler) isLost(worker string, alive map[string]bool, now time.Time) bool {
	if alive[worker] {
		return false
	}
	since, ok := r.absent[worker]
	if !ok {
		since = now
		r.absent[worker] = now
	}
	return now.Sub(since) >= r.delays.lost
}

// isOrphan tells whether an index entry has been without a record for long enough.
func (r *Reconciler) isOrphan(id job.ID, now time.Time) bool {
	since, ok := r.orphans[id]
	if !ok {
		since = now
		r.orphans[id] = now
	}
	if now.Sub(since) < r.delays.orphan {
		return false
	}
	delete(r.orphans, id)
	return true
}
