package server

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// within does something in a span of its own, if the request has one that is recorded.
func (s *Server) within(ctx context.Context, name string, do func(context.Context, trace.Span) error, attributes ...attribute.KeyValue) error {
	ctx, span := s.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	defer span.End()
	err := do(ctx, span)
	tellFailure(span, err)
	return err
}

// tellFailure tells a span of an error. A refusal is none: it is what the caller is told.
func tellFailure(span trace.Span, err error) {
	if err == nil || !span.IsRecording() {
		return
	}
	if e := asRefusal(err); e.kind.status < http.StatusInternalServerError {
		span.SetAttributes(attribute.String("numbermill.refusal", e.kind.name))
		return
	}
	spans.Fail(span, err)
}

// tellSubmission tells the request's span what it has submitted, and links it to the run that it has joined or hit.
func tellSubmission(ctx context.Context, r job.Request, made store.Submission) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() || made.Replayed != nil {
		return
	}
	span.SetAttributes(
		attribute.String("numbermill.function", r.Spec.Function), attribute.String("numbermill.method", r.Spec.Method),
		attribute.String("numbermill.computation", string(r.Fingerprint)), attribute.String("numbermill.run", made.Run.ID),
		attribute.String("numbermill.cache", string(made.Cache)), attribute.String("numbermill.queue", r.Queue),
		attribute.String("numbermill.size_class", string(job.ClassOf(r.EstimatedCost))),
	)
	linkRun(ctx, span, made)
}

// linkRun links a span to the submission that has started the run that another one has joined or hit.
func linkRun(ctx context.Context, span trace.Span, made store.Submission) {
	if made.Cache != job.Joined && made.Cache != job.Hit {
		return
	}
	at := trace.SpanContextFromContext(queue.ContextOf(ctx, made.Run))
	if at.IsRemote() { // else the run has none
		span.AddLink(trace.Link{SpanContext: at, Attributes: []attribute.KeyValue{
			attribute.String("numbermill.cache", string(made.Cache)), attribute.String("numbermill.run", made.Run.ID),
			attribute.String("job.id", string(made.Run.Job)),
		}})
	}
}
