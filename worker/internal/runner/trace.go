package runner

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
	"numbermill/shared/telemetry/spans"
)

// scope names this package to OpenTelemetry.
const scope = "numbermill/worker"

// worthASpan is how long a wait inside the worker must be for the trace to tell of it.
const worthASpan = time.Millisecond

// process begins the span of a delivery, in the trace of the submission that started the run. Each try at the run is one such span, below the
// same one that has queued it. In a trace that is told in brief it has no children.
func (r *Runner) process(ctx context.Context, run store.Run) (context.Context, trace.Span) {
	q := queueOf(run)
	ctx, span := r.tracer.Start(queue.ContextOf(ctx, run), "process "+run.Spec.Function, trace.WithSpanKind(trace.SpanKindConsumer))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("messaging.system", "asynq"), attribute.String("messaging.destination.name", q), attribute.String("job.id", string(run.Job)),
			attribute.String("numbermill.computation", string(run.Fingerprint)), attribute.String("numbermill.run", run.ID),
			attribute.String("numbermill.function", run.Spec.Function), attribute.String("numbermill.method", run.Spec.Method),
			attribute.String("numbermill.queue", q), attribute.String("numbermill.size_class", string(classOf(q))),
		)
	}
	if spans.IsBrief(ctx) {
		ctx = spans.Quiet(ctx)
	}
	if run.Job != "" {
		ctx = telemetry.WithJob(ctx, string(run.Job))
	}
	return ctx, span
}

// close ends the span of the delivery with how it ended. One that came to nothing, since this worker had no place for it, is not told of: the
// run comes back every second, and each time would be another span.
func (d *delivery) close() {
	if d.how == "" && !d.traced.Load() {
		return // a span that never ends is never sent
	}
	d.span.SetAttributes(attribute.String("numbermill.outcome", string(cmp.Or(d.how, declined))))
	if d.over.IsZero() {
		d.over = time.Now()
	}
	d.span.End(trace.WithTimestamp(d.over))
}

// waitedFor tells of a wait that has just ended, if there was one worth telling.
func (r *Runner) waitedFor(ctx context.Context, d *delivery, what string, since time.Time) {
	if now := time.Now(); now.Sub(since) >= worthASpan {
		r.past(ctx, d, what, since, now)
	}
}

// past makes a span of what has happened between two moments.
func (r *Runner) past(ctx context.Context, d *delivery, name string, from, to time.Time) {
	d.traced.Store(true)
	_, span := spans.Inside(r.tracer).Start(ctx, name, trace.WithTimestamp(from))
	span.End(trace.WithTimestamp(to))
}

// phase runs part of a delivery in a span of its own.
func (r *Runner) phase(ctx context.Context, name string, run func(context.Context) error) error {
	ctx, span := spans.Inside(r.tracer).Start(ctx, name)
	defer span.End()
	err := run(ctx)
	switch {
	case err == nil, errors.Is(err, store.ErrAlone):
	case ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		span.SetAttributes(attribute.String("numbermill.outcome", string(stopped))) // it was told to, which is no failure
	default:
		spans.Fail(span, err)
	}
	return err
}

// tellFailure marks the span of a delivery whose attempt has failed.
func (d *delivery) tellFailure(why job.Failure) {
	d.span.SetAttributes(attribute.String("error.type", why.Code))
	d.span.SetStatus(codes.Error, spans.Line(why.Detail))
}
