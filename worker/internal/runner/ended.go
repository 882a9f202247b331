package runner

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/verify"
	"numbermill/worker/internal/memory"
)

var (
	// errUnknownFunction says that this worker's catalogue lacks the function: an older worker beside a newer API.
	errUnknownFunction = errors.New("unknown function")
	// errTooSlow says that the queue's time for one delivery was over.
	errTooSlow = errors.New("the attempt took too long")
)

// ended records an attempt without a result. cause is why its context ended, if it did. The error that it returns tells the queue whether
// the run comes back.
func (r *Runner) ended(ctx context.Context, log *slog.Logger, a store.Attempt, d *delivery, err, cause error) (ending, error) {
	if !a.Recorded() {
		return r.leaveUnrecorded(ctx, log, err, cause)
	}
	switch {
	case errors.Is(cause, errAbandoned), errors.Is(cause, errStale):
		log.InfoContext(ctx, "attempt stopped", slog.Any("reason", cause), slog.Float64("stop_ms", d.stopMillis()))
		if errors.Is(cause, errStale) {
			return stale, nil
		}
		return stopped, nil
	case errors.Is(cause, context.DeadlineExceeded):
		err = errors.Join(errTooSlow, err)
	case cause != nil:
		return r.giveBack(ctx, log, a, cause)
	}
	why, permanent := explain(err)
	d.tellFailure(why)
	log.ErrorContext(ctx, "attempt failed", slog.String("detail", why.Detail), slog.String("code", why.Code), slog.Any("error", err), slog.Bool("permanent", permanent))
	outcome, failures, recordErr := r.records.Fail(ctx, a, why, permanent)
	switch {
	case recordErr != nil:
		log.ErrorContext(ctx, "failure could not be recorded", slog.Any("error", recordErr))
		return retried, &queue.RetryError{After: retryDelay(a.Failures), Err: err}
	case outcome == store.TryAgain:
		after := retryDelay(failures)
		log.InfoContext(ctx, "it will be tried again", slog.Int64("failures", failures), slog.Float64("retry_after_s", after.Seconds()))
		return retried, &queue.RetryError{After: after, Err: err}
	case outcome == store.Stale:
		return stale, nil
	default:
		return failed, nil
	}
}

// leaveUnrecorded leaves an attempt that nobody knows of: the run comes back, and is claimed then, unless nobody wants it any more.
func (r *Runner) leaveUnrecorded(ctx context.Context, log *slog.Logger, err, cause error) (ending, error) {
	if errors.Is(cause, errAbandoned) {
		log.InfoContext(ctx, "attempt stopped", slog.Any("reason", cause))
		return stopped, nil
	}
	log.InfoContext(ctx, "attempt given back, to be made again", slog.Any("reason", cmp.Or(cause, err)))
	return released, queue.ErrReleased
}

// giveBack lets somebody else go on at once: the worker drains, or Asynq took the task away.
func (r *Runner) giveBack(ctx context.Context, log *slog.Logger, a store.Attempt, cause error) (ending, error) {
	ctx, cancel := context.WithTimeout(ctx, releaseTimeout)
	defer cancel()
	held, err := r.records.Release(ctx, a)
	switch {
	case err != nil:
		log.ErrorContext(ctx, "attempt could not be given back", slog.Any("error", err))
	case !held:
		// The task is another attempt's by now, or nobody's. Bringing it back would disturb that one.
		log.InfoContext(ctx, "attempt stopped", slog.Any("reason", errStale))
		return stale, nil
	default:
		log.InfoContext(ctx, "attempt given back", slog.Any("reason", cause))
	}
	return released, queue.ErrReleased
}

// explain puts an error into words for the person who waits, and tells whether another try is pointless. Details that are none of
// their business stay in the log.
func explain(err error) (why job.Failure, permanent bool) {
	arguments, unreadable := errors.AsType[*function.ArgumentError](err)
	switch {
	case unreadable:
		return job.Failure{Code: "unknown-arguments", Detail: "The worker does not take these arguments. Update the workers to the version of the API. " + arguments.Error()}, true
	case errors.Is(err, errUnknownFunction):
		return job.Failure{Code: "unknown-function", Detail: "The worker does not know this function. Update the workers to the version of the API."}, true
	case errors.Is(err, function.ErrUnknownMethod):
		return job.Failure{Code: "unknown-method", Detail: "The worker does not know this method. Update the workers to the version of the API."}, true
	case errors.Is(err, function.ErrNotRepresentable), errors.Is(err, function.ErrTooLarge):
		return job.Failure{Code: "not-representable", Detail: "The result is too large to be written down."}, true
	case errors.Is(err, errTooSlow):
		return job.Failure{Code: "too-slow", Detail: "The computation was not done within the longest time that an attempt may take, a day."}, true
	case errors.Is(err, verify.ErrMismatch):
		return job.Failure{
			Code: "verification-failed", Detail: "The result did not pass its check, and neither did that of a second try by other means. Nothing of it was published.",
		}, true
	case errors.Is(err, memory.ErrTooLarge):
		return job.Failure{
			Code: "memory-exceeded", Detail: "The computation takes more memory than any worker has. Choose smaller arguments, or start a worker with more.",
		}, true
	case errors.Is(err, errWrite):
		return job.Failure{Code: "result-not-written", Detail: "The worker could not write the digits to the result store. Its log says why."}, false
	default:
		return job.Failure{Code: "internal", Detail: "The computation failed inside the worker. Its log says why."}, false
	}
}

// retryDelay doubles from one second to a minute with the number of failures so far.
func retryDelay(failures int64) time.Duration {
	return min(time.Second<<min(max(failures-1, 0), 6), time.Minute)
}
