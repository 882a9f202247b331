package reconciler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"numbermill/shared/job"
)

// mostCleaned bounds how many old jobs of an owner one clean-up looks at.
const mostCleaned = 10 * batch

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

// cleanJobs deletes those of the jobs that may go, and tells how many stay.
func (r *Reconciler) cleanJobs(ctx context.Context, o job.Owner, ids []job.ID, before time.Time) (stay int, err error) {
	records, err := r.records.GetAll(ctx, ids)
	if err != nil {
		return 0, err
	}
	var orphans []job.ID
	for _, id := range ids {
		rec, ok := records[id]
		switch {
		case !ok && r.isOrphan(id):
			orphans = append(orphans, id)
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
