package reconciler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"numbermill/shared/job"
)

const (
	// mostCleaned bounds how many old jobs of an owner one clean-up looks at.
	mostCleaned = 10 * batch
	// holdFor is how long a job is kept beyond the retention for a history that has not got it yet.
	holdFor = 7 * 24 * time.Hour
	// mostMemory is how many percent of Redis's memory may be used while jobs are kept so: work goes before history.
	mostMemory = 80
)

// cleanUp does what is due once a minute.
func (r *Reconciler) cleanUp(ctx context.Context, owners []job.Owner, now time.Time) error {
	var errs []error
	for _, o := range owners {
		if err := r.cleanOwner(ctx, o, now); err != nil {
			errs = append(errs, fmt.Errorf("delete old jobs: %w", err))
		}
	}
	for id, since := range r.orphans { // entries that have gone by themselves
		if time.Since(since) > 2*max(r.delays.orphan, cleanUpEvery) {
			delete(r.orphans, id)
		}
	}
	return errors.Join(append(errs, r.sweepBlobs(ctx))...)
}

// cleanOwner deletes the owner's jobs that ended longer ago than the retention, with the digits that nobody refers to any more.
func (r *Reconciler) cleanOwner(ctx context.Context, o job.Owner, now time.Time) error {
	before := now.Add(-r.retention)
	if err := r.trim(ctx, o, before); err != nil {
		return err
	}
	for looked, kept := 0, 0; looked < mostCleaned; {
		ids, err := r.records.Oldest(ctx, o, before, kept, batch)
		if err != nil {
			return err
		}
		stay, err := r.cleanJobs(ctx, o, ids, before)
		if err != nil {
			return err
		}
		if len(ids) < batch {
			break
		}
		looked, kept = looked+len(ids), kept+stay
	}
	return r.records.ForgetBatches(ctx, o, before, batch)
}

// trim forgets what the history is not going to get any more, so that the jobs can go.
func (r *Reconciler) trim(ctx context.Context, o job.Owner, before time.Time) error {
	oldest := before
	if r.history {
		used, most, err := r.records.Memory(ctx)
		if err != nil {
			return err
		}
		if most == 0 || used < most/100*mostMemory {
			oldest = before.Add(-holdFor)
		}
	}
	jobs, erasures, err := r.records.Trim(ctx, o, oldest, before)
	if r.history && jobs+erasures > 0 {
		r.logger.ErrorContext(ctx, "the history has not taken jobs or deletions for too long: they are missing from it for good",
			slog.Int64("jobs", jobs), slog.Int64("deletions", erasures))
	}
	return err
}

// cleanJobs deletes those of the jobs that may go, and tells how many stay.
func (r *Reconciler) cleanJobs(ctx context.Context, o job.Owner, ids []job.ID, before time.Time) (stay int, err error) {
	records, err := r.records.GetAll(ctx, ids)
	if err != nil {
		return 0, err
	}
	unshipped := map[job.ID]bool{}
	if r.history {
		if unshipped, err = r.records.Unshipped(ctx, o, ids); err != nil {
			return 0, err
		}
	}
	var orphans []job.ID
	for _, id := range ids {
		rec, ok := records[id]
		switch {
		case !ok && r.isOrphan(id):
			orphans = append(orphans, id)
		case unshipped[id]:
			stay++
		case ok && rec.State.Terminal() && rec.FinishedAt.Before(before):
			if err := r.delete(ctx, o, id); err != nil {
				return 0, err
			}
		default:
			stay++
		}
	}
	return stay, r.records.Disown(ctx, o, orphans)
}

func (r *Reconciler) delete(ctx context.Context, o job.Owner, id job.ID) error {
	collected, err := r.records.Retire(ctx, o, id)
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
