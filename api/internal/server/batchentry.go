package server

import (
	"context"
	"math"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/telemetry/spans"
)

// mostTold is how many jobs of a batch have spans of their own here, and links to the runs that they join. Of the others there is one span for
// all here, and one for each in the worker.
const mostTold = 100

// entry is one job of a batch on its way into the store and the queue.
type entry struct {
	job.Request

	// producer is the span that the run is queued in.
	producer trace.Span
}

// enterAll writes the jobs of a batch down and queues their runs. It tells which of them could not be taken.
func (s *Server) enterAll(ctx context.Context, requests []job.Request) (failed int, err error) {
	asked := trace.SpanFromContext(ctx)
	var links atomic.Int64
	err = s.within(ctx, "store submit", func(ctx context.Context, span trace.Span) error {
		rest, end := s.enqueueBriefly(ctx, len(requests)-mostTold)
		defer end()
		hushed := trace.SpanFromContext(spans.Quiet(ctx))
		entries := make([]entry, len(requests))
		for i, r := range requests {
			if entries[i] = (entry{r, span}); i >= mostTold {
				entries[i].producer = rest
			}
		}
		failed, err = eachOf(ctx, entries, func(ctx context.Context, e entry) error {
			// The quota of all was asked for at once.
			made, err := s.Records.Submit(trace.ContextWithSpan(ctx, hushed), e.Request, math.MaxInt32)
			if err != nil {
				return err
			}
			s.counters.took(ctx, e.Request, made)
			if made.Cache != job.Miss && links.Add(1) <= mostTold {
				linkRun(ctx, asked, made)
			}
			s.enqueue(trace.ContextWithSpan(ctx, e.producer), made)
			return nil
		})
		return err
	}, attribute.Int("numbermill.jobs", len(requests)))
	return failed, err
}

// enqueueBriefly begins the span of the many jobs of a batch that have none of their own, if there are any.
func (s *Server) enqueueBriefly(ctx context.Context, jobs int) (producer trace.Span, end func()) {
	if jobs <= 0 {
		return trace.SpanFromContext(ctx), func() {}
	}
	ctx, span := s.tracer.Start(ctx, "enqueue", trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(attribute.String("messaging.system", "asynq"), attribute.Int("numbermill.jobs", jobs)))
	return trace.SpanFromContext(spans.Brief(ctx)), func() { span.End() }
}
