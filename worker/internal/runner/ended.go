package runner

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/verify"
)

// errUnknownFunction says that this worker's catalogue lacks the function: an older worker beside a newer API.
var errUnknownFunction = errors.New("unknown function")

// ended records an attempt without a result. cause is why its context ended, if it did. What it returns tells the queue whether
// the run comes back.
func (r *Runner) ended(ctx context.Context, log *slog.Logger, a store.Attempt, err, cause error) error {
	switch {
	case errors.Is(cause, errAbandoned), errors.Is(cause, errStale):
		log.InfoContext(ctx, "attempt stopped", slog.Any("reason", cause))
		return nil
	case cause != nil:
		// Draining, or Asynq took the task away: somebody else goes on at once.
		if _, err := r.records.Release(ctx, a, false); err != nil {
			log.ErrorContext(ctx, "attempt could not be given back", slog.Any("error", err))
		}
		log.InfoContext(ctx, "attempt given back", slog.Any("reason", cause))
		return queue.ErrReleased
	}
	why, permanent := explain(err)
	log.ErrorContext(ctx, "attempt failed", slog.Any("error", err), slog.String("code", why.Code), slog.Bool("permanent", permanent))
	outcome, failures, recordErr := r.records.Fail(ctx, a, why, permanent)
	switch {
	case recordErr != nil:
		log.ErrorContext(ctx, "failure could not be recorded", slog.Any("error", recordErr))
		return &queue.RetryError{After: retryDelay(a.Failures), Err: err}
	case outcome == store.TryAgain:
		return &queue.RetryError{After: retryDelay(failures), Err: err}
	default:
		return nil
	}
}

// explain puts an error into words for the person who waits, and tells whether another try is pointless. Details that are none of
// their business stay in the log.
func explain(err error) (why job.Failure, permanent bool) {
	switch {
	case errors.Is(err, errUnknownFunction):
		return job.Failure{Code: "unknown-function", Detail: "The worker does not know this function. Update the workers to the version of the API."}, true
	case errors.Is(err, function.ErrUnknownMethod):
		return job.Failure{Code: "unknown-method", Detail: "The worker does not know this method. Update the workers to the version of the API."}, true
	case errors.Is(err, function.ErrNotRepresentable), errors.Is(err, function.ErrTooLarge):
		return job.Failure{Code: "not-representable", Detail: "The result is too large to be written down."}, true
	case errors.Is(err, verify.ErrMismatch):
		return job.Failure{Code: "verification-failed", Detail: "The result did not pass its check. No digits were published."}, false
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
