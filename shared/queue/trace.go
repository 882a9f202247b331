package queue

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// scope names this package to OpenTelemetry.
const scope = "numbermill/queue"

// propagator is how a trace gets through a queue: as the W3C headers of the task.
var propagator = propagation.TraceContext{}

// ContextOf returns a context in the trace that a run's task carries; the run's worker goes on from there.
func ContextOf(ctx context.Context, r store.Run) context.Context {
	return propagator.Extract(ctx, propagation.MapCarrier(r.Trace))
}

// produce begins the span of a run that is put into its queue, and returns the headers that lead the worker to it.
//
// In a context with a span that is recorded it is that one's child; in one with a span that is not, of a trace that is not sampled or told in
// brief, there is none, and the worker goes on from where the context is. Without either the run was submitted by somebody else, whose trace
// it has.
func (c *Client) produce(ctx context.Context, r store.Run) (context.Context, trace.Span, map[string]string) {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = ContextOf(ctx, r)
	}
	var span trace.Span = noop.Span{}
	if parent := trace.SpanFromContext(ctx); parent.IsRecording() || parent.SpanContext().IsRemote() && !spans.IsBrief(ctx) {
		ctx, span = c.tracer.Start(ctx, "enqueue", trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
			attribute.String("messaging.system", "asynq"), attribute.String("messaging.destination.name", queueOf(r)),
			attribute.String("job.id", string(r.Job)), attribute.String("numbermill.queue", queueOf(r)),
			attribute.String("numbermill.computation", string(r.Fingerprint)), attribute.String("numbermill.run", r.ID),
			attribute.String("numbermill.function", r.Spec.Function),
		))
	}
	headers := propagation.MapCarrier{}
	propagator.Inject(ctx, headers)
	if len(headers) == 0 {
		return ctx, span, r.Trace
	}
	return ctx, span, headers
}
