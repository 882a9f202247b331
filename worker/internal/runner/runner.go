// Package runner carries out runs: it claims an attempt, computes, writes the digits, verifies them and publishes the result, or
// records why not. Whatever happens, the record in package store decides; a runner that has lost its attempt changes nothing.
package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// Why an attempt is told to stop.
var (
	errAbandoned = errors.New("nobody waits for it any more")
	errDraining  = errors.New("the worker is shutting down")
	errStale     = errors.New("another attempt has taken over")
)

// recordTimeout bounds the calls that record how an attempt ended: they go on when the attempt's own context has ended.
const recordTimeout = 30 * time.Second

// Runner carries out runs in one worker's name. It is safe for concurrent use.
type Runner struct {
	records *store.Store
	results *result.Store
	worker  string
	logger  *slog.Logger
	tracer  trace.Tracer

	mu       sync.Mutex
	draining bool
	// stops ends the attempts under way, by run.
	stops map[runKey]context.CancelCauseFunc
}

type runKey struct {
	fingerprint job.Fingerprint
	run         string
}

// New returns a runner that signs its attempts with the worker's name.
func New(records *store.Store, results *result.Store, worker string, logger *slog.Logger) *Runner {
	return &Runner{
		records: records, results: results, worker: worker, logger: logger,
		tracer: otel.Tracer("numbermill/worker"), stops: map[runKey]context.CancelCauseFunc{},
	}
}

// Handle is the queue's handler. Its summary is for the web monitor.
func (r *Runner) Handle(ctx context.Context, run store.Run) (summary string, err error) {
	ctx = otel.GetTextMapPropagator().Extract(ctx, propagation.MapCarrier(run.Trace))
	ctx, span := r.tracer.Start(ctx, "process "+run.Spec.Function, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("numbermill.computation", string(run.Fingerprint)), attribute.String("numbermill.run", run.ID)))
	defer span.End()
	ctx, stop, ok := r.begin(ctx, run)
	if !ok {
		return "", queue.ErrReleased
	}
	defer stop()
	attempt, ok, err := r.records.Claim(ctx, run, r.worker)
	if err != nil {
		return "", &queue.RetryError{After: time.Second, Err: err}
	}
	if !ok {
		r.logger.InfoContext(ctx, "run is no longer wanted", slog.String("computation", string(run.Fingerprint)), slog.String("run", run.ID))
		return "", nil
	}
	span.SetAttributes(attribute.Int64("numbermill.attempt", attempt.Number))
	return r.carryOut(ctx, attempt)
}

// Stop ends the attempt of a run that nobody waits for, if this runner has it.
func (r *Runner) Stop(f job.Fingerprint, run string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stop, ok := r.stops[runKey{f, run}]; ok {
		stop(errAbandoned)
	}
}

// stale ends the attempt of a run that another attempt has taken over.
func (r *Runner) stale(run store.Run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stop, ok := r.stops[runKey{run.Fingerprint, run.ID}]; ok {
		stop(errStale)
	}
}

// Drain gives back every attempt under way, and all that come after.
func (r *Runner) Drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.draining = true
	for _, stop := range r.stops {
		stop(errDraining)
	}
}

// Busy is how many attempts are under way.
func (r *Runner) Busy() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.stops)
}

// begin registers the run before it is claimed, so that no call to stop it is missed. ok is false while draining.
func (r *Runner) begin(ctx context.Context, run store.Run) (_ context.Context, end func(), ok bool) {
	key := runKey{run.Fingerprint, run.ID}
	ctx, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		cancel(errDraining)
		return ctx, nil, false
	}
	r.stops[key] = cancel
	return ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.stops, key)
		cancel(nil)
	}, true
}

// carryOut makes the attempt and records how it ended.
func (r *Runner) carryOut(ctx context.Context, a store.Attempt) (summary string, err error) {
	log := r.logger.With(slog.String("computation", string(a.Run.Fingerprint)), slog.String("function", a.Run.Spec.Function),
		slog.Any("args", a.Run.Spec.Args), slog.Int64("attempt", a.Number))
	log.InfoContext(ctx, "attempt started")
	res, digits, err := r.attempt(ctx, a)
	// From here on the attempt's own context does not matter: how it ended has to be recorded.
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err != nil {
		return "", r.ended(record, log, a, err, context.Cause(ctx))
	}
	held, err := r.publish(record, a, res, digits)
	switch {
	case err != nil:
		// Whether the result is published is not known, so its digits stay. The next attempt finds out.
		log.ErrorContext(ctx, "result could not be published", slog.Any("error", err))
		return "", &queue.RetryError{After: time.Second, Err: err}
	case !held:
		log.WarnContext(ctx, "attempt was stale", slog.String("at", "publish"))
		r.discard(record, log, res.Blob)
		return "", nil
	}
	log.InfoContext(ctx, "attempt succeeded", slog.Int64("digits", res.Digits), slog.Float64("compute_ms", res.Timing.Compute),
		slog.Float64("write_ms", res.Timing.Write))
	return summarize(res), nil
}

// publish tries for as long as it may: the work is done and should not be lost to a short absence of Redis.
func (r *Runner) publish(ctx context.Context, a store.Attempt, res job.Result, digits string) (held bool, err error) {
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		held, err = r.records.Complete(ctx, a, res, digits)
		if err == nil || job.CodeOf(err) != job.Unavailable {
			return held, err
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return false, err
		}
	}
}

func (r *Runner) discard(ctx context.Context, log *slog.Logger, blob string) {
	if blob == "" {
		return
	}
	if err := r.results.Delete(ctx, blob); err != nil {
		log.WarnContext(ctx, "digits of a stale attempt stay behind", slog.String("blob", blob), slog.Any("error", err))
	}
}

// summarize is one line of JSON, which the web monitor shows.
func summarize(res job.Result) string {
	b, err := json.Marshal(map[string]string{
		"digits": fmt.Sprint(res.Digits), "leading": res.Leading, "trailing": res.Trailing, "sha256": res.SHA256,
	})
	if err != nil {
		return ""
	}
	return string(b)
}
