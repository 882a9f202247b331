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
	"sync"
	"sync/atomic"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

const (
	interval  = time.Second
	leaseTime = 3 * time.Second
	leaseName = "reconciler"
	// passTimeout bounds one pass: a Redis that hangs must not hold up the next.
	passTimeout = 30 * time.Second
	// batch bounds how many jobs of an owner are looked at in one go.
	batch = 500
	// cleanUpEvery is how often old jobs and unused digits are looked for.
	cleanUpEvery = time.Minute
	// announceEvery is how often the queues are registered anew, which a Redis that has lost its data forgets, and results are counted.
	announceEvery = 5 * time.Second
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
	// unheld is how long a task must have been seen with a worker, while no worker says that it has it, before it is given to another.
	unheld time.Duration
	// mute is the same for a run that a living worker has claimed and does not say to have. It is longer than a beat is good for: a worker that
	// died before it could say so is lost, not mute.
	mute time.Duration
	// orphan is for how long an index entry without a record must have been seen before it is no longer a submission under way.
	orphan time.Duration
	// blob is how old digits are that may be looked at.
	blob time.Duration
}

func defaults() delays {
	return delays{
		recheckQueued: 30 * time.Second, recheckRunning: 2 * time.Second, lost: 3 * time.Second, unheld: 4 * time.Second,
		mute: 8 * time.Second, orphan: time.Minute,
		blob: 24 * time.Hour,
	}
}

// Config says what a Reconciler works with. All fields are needed.
type Config struct {
	Records *store.Store
	Queue   *queue.Client
	Results *result.Store
	// Worker is in whose name it acts.
	Worker string
	// Retention is how long ended jobs and their results are kept.
	Retention time.Duration
	// ResultsMax is how many bytes all results may have; beyond it the oldest go.
	ResultsMax int64
	// History tells whether finished jobs are entered into a history: those that it has not got yet are then kept beyond the retention, within
	// bounds.
	History bool
	Logger  *slog.Logger
}

// Reconciler does the repairs, and begins and ends jobs at their times. Run it in every worker.
type Reconciler struct {
	records    *store.Store
	queue      *queue.Client
	results    *result.Store
	worker     string
	retention  time.Duration
	resultsMax int64
	history    bool
	logger     *slog.Logger
	delays     delays

	// Since when things have been seen as they are goes by this process's own clock, which is never set.
	//
	// absent is since when a worker with a running attempt has been seen absent.
	absent map[string]time.Time
	// unheld is since when a task has been seen with a worker though no worker says that it has it, by task.
	unheld map[string]time.Time
	// orphans is since when index entries have been seen without a record.
	orphans map[job.ID]time.Time
	// timeless is the same for entries of the lists of times; only keepTimes uses it.
	timeless map[job.ID]time.Time
	// nextTimes is when the lists of times are next looked at, from the last look on; only keepTimes uses it.
	nextTimes    time.Duration
	nextCleanUp  time.Time
	nextAnnounce time.Time
	sweep        sweepState
	// leads tells whether the last pass held the lease.
	leads *atomic.Bool
}

// New returns a reconciler that does nothing before Run.
func New(c Config) *Reconciler {
	return &Reconciler{
		records: c.Records, queue: c.Queue, results: c.Results, worker: c.Worker, retention: c.Retention, resultsMax: c.ResultsMax,
		history: c.History, logger: c.Logger, delays: defaults(),
		absent: map[string]time.Time{}, unheld: map[string]time.Time{}, orphans: map[job.ID]time.Time{}, timeless: map[job.ID]time.Time{},
		leads: new(atomic.Bool),
	}
}

// Run repairs until the context ends. Errors are logged, and tried again with the next pass.
func (r *Reconciler) Run(ctx context.Context) {
	var timers sync.WaitGroup
	defer timers.Wait()
	timers.Go(func() { r.keepTimes(ctx) })
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
	leads, err := r.records.Lease(ctx, leaseName, r.worker, leaseTime)
	leads = leads && err == nil
	r.leads.Store(leads)
	if err != nil {
		return err
	}
	alive, now, err := r.records.AliveWorkers(ctx)
	if err != nil {
		return err
	}
	r.notice(alive)
	if !leads { // It watches, so that it can act at once when it comes to lead.
		return r.checkActive(ctx, alive, false)
	}
	owners, err := r.records.Owners(ctx)
	if err != nil {
		return err
	}
	errs := []error{r.checkActive(ctx, alive, true)}
	for _, o := range owners {
		if err := r.checkOpen(ctx, o, alive, now); err != nil {
			errs = append(errs, fmt.Errorf("check open jobs: %w", err))
		}
	}
	if time.Now().After(r.nextCleanUp) {
		r.nextCleanUp = time.Now().Add(cleanUpEvery)
		errs = append(errs, r.cleanUp(ctx, owners, now))
	}
	if time.Now().After(r.nextAnnounce) {
		r.nextAnnounce = time.Now().Add(announceEvery)
		errs = append(errs, r.queue.Announce(ctx), r.evict(ctx))
	}
	return errors.Join(errs...)
}

// notice forgets the absence of workers that are back, or gone for good.
func (r *Reconciler) notice(alive map[string]bool) {
	for worker, since := range r.absent {
		if alive[worker] || time.Since(since) > forgetAbsent {
			delete(r.absent, worker)
		}
	}
}

// isLost tells whether a worker has been seen absent for long enough.
func (r *Reconciler) isLost(worker string, alive map[string]bool) bool {
	if alive[worker] {
		return false
	}
	return seenFor(r.absent, worker) >= r.delays.lost
}

// seenFor is how long ago something was first seen.
func seenFor[K comparable](seen map[K]time.Time, what K) time.Duration {
	since, ok := seen[what]
	if !ok {
		seen[what] = time.Now()
		return 0
	}
	return time.Since(since)
}

// isOrphan tells whether an index entry has been without a record for long enough.
func (r *Reconciler) isOrphan(id job.ID) bool {
	return isOverdue(r.orphans, id, r.delays.orphan)
}

// isOverdue tells whether something has been seen for that long, and then forgets it.
func isOverdue[K comparable](seen map[K]time.Time, what K, after time.Duration) bool {
	if seenFor(seen, what) < after {
		return false
	}
	delete(seen, what)
	return true
}
