package reconciler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/telemetry"
)

const (
	// timesEvery is how often jobs are looked for that are to begin or have expired, once the first of them is about to: so much later than asked
	// they do.
	timesEvery = 200 * time.Millisecond
	// timesAhead is how often the time of the first one is looked up. A deadline is a second away at least; a job that is to begin sooner than that
	// may be so much late.
	timesAhead = time.Second
	// timesPause is how long that rests after a failure, such as a Redis that is away.
	timesPause = 2 * time.Second
)

// keepTimes begins scheduled jobs and lets jobs expire at their times, in the process that holds the lease, until the context ends.
func (r *Reconciler) keepTimes(ctx context.Context) {
	wait := time.NewTimer(timesEvery)
	defer wait.Stop()
	for {
		select {
		case <-wait.C:
		case <-ctx.Done():
			return
		}
		wait.Reset(timesEvery)
		if !r.leads.Load() {
			continue
		}
		err := r.actOnTimes(ctx)
		if err != nil && ctx.Err() == nil {
			r.logger.WarnContext(ctx, "jobs could not begin or expire in time", slog.Any("error", err))
			r.nextTimes = timesPause
		}
		wait.Reset(r.nextTimes)
	}
}

// actOnTimes begins and ends what is due, and notes when to look again. One job that fails does not keep the others from it.
func (r *Reconciler) actOnTimes(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	now, err := r.records.Clock(ctx)
	if err != nil {
		return err
	}
	owners, err := r.records.Owners(ctx)
	if err != nil {
		return err
	}
	maps.DeleteFunc(r.timeless, func(_ job.ID, since time.Time) bool { return time.Since(since) > 2*max(r.delays.orphan, timesPause) })
	r.nextTimes = timesAhead
	var errs []error
	for _, o := range owners {
		first, ok, err := r.records.FirstTime(ctx, o)
		errs = append(errs, err)
		if !ok {
			continue
		}
		r.nextTimes = min(r.nextTimes, max(first.Sub(now), timesEvery))
		if first.After(now) {
			continue
		}
		expired, err := r.records.DueDeadlines(ctx, o, now, batch)
		errs = append(errs, err, each(expired, func(id job.ID) error { return r.expire(ctx, o, id) }))
		begin, err := r.records.DueScheduled(ctx, o, now, batch)
		errs = append(errs, err, each(begin, func(id job.ID) error { return r.begin(ctx, o, id) }))
	}
	return errors.Join(errs...)
}

func each(ids []job.ID, act func(job.ID) error) error {
	var errs []error
	for _, id := range ids {
		if err := act(id); err != nil {
			errs = append(errs, fmt.Errorf("job %s: %w", id, err))
		}
		if len(errs) == mostTimesErrors {
			break // Redis is away, most likely
		}
	}
	return errors.Join(errs...)
}

// mostTimesErrors is how many jobs may fail in one go before the rest are left for the next.
const mostTimesErrors = 3

// expire ends a job whose deadline has passed.
func (r *Reconciler) expire(ctx context.Context, o job.Owner, id job.ID) error {
	abandoned, err := r.records.Expire(ctx, o, id)
	switch code := job.CodeOf(err); {
	case code == job.NotFound && !isOverdue(r.timeless, id, r.delays.orphan):
		return nil // it is being submitted
	case code == job.NotFound, code == job.NotCancellable: // it has never been, or has ended
		return r.records.Timeless(ctx, o, id)
	case err != nil:
		return err
	}
	r.logger.InfoContext(telemetry.WithJob(ctx, string(id)), "job expired: its deadline has passed")
	if abandoned == nil {
		return nil
	}
	return r.queue.Remove(ctx, *abandoned)
}

// begin starts a job whose time has come.
func (r *Reconciler) begin(ctx context.Context, o job.Owner, id job.ID) error {
	made, err := r.records.StartScheduled(ctx, o, id)
	switch code := job.CodeOf(err); {
	case code == job.NotFound && !isOverdue(r.timeless, id, r.delays.orphan):
		return nil // it is being submitted
	case code == job.NotFound:
		return r.records.Timeless(ctx, o, id)
	case code == job.Poisoned:
		r.logger.WarnContext(telemetry.WithJob(ctx, string(id)), "scheduled job refused", slog.Any("error", err))
		return nil
	case err != nil:
		return err
	case made.Cache != job.Miss:
		return nil
	}
	return r.queue.Enqueue(ctx, made.Run)
}
