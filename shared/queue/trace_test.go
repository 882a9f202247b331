package queue_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// TestTracesGoThroughTheQueue changes what is global to the process, so nothing runs beside it.
func TestTracesGoThroughTheQueue(t *testing.T) { //nolint:paralleltest // see above
	kept := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(kept)))
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	x := setUp(t)
	arrived := make(chan store.Run, 1)
	x.serve(func(_ context.Context, r store.Run) (string, error) {
		arrived <- r
		return "", nil
	})
	ctx, request := otel.Tracer("test").Start(t.Context(), "request")
	submitted := queue.ContextOf(t.Context(), run(1))
	for i, c := range []struct {
		name   string
		ctx    context.Context
		parent api.SpanContext // of the span that there is to be, if it is valid
		leads  api.SpanContext // where the worker goes on otherwise
	}{
		{name: "in a request", ctx: ctx, parent: request.SpanContext()},
		{name: "by somebody else", ctx: t.Context(), parent: api.SpanContextFromContext(submitted)},
		{name: "in brief", ctx: spans.Brief(ctx), leads: request.SpanContext()},
		{name: "of a request that nobody records", ctx: spans.Quiet(ctx), leads: request.SpanContext()},
	} {
		before := len(kept.Ended())
		r := run(i + 1)
		if err := x.queue.Enqueue(c.ctx, r); err != nil {
			t.Fatal(err)
		}
		got := receive(t, c.name, arrived)
		far := api.SpanContextFromContext(queue.ContextOf(context.Background(), got))
		var made trace.ReadOnlySpan
		for _, s := range kept.Ended()[before:] {
			if s.Name() == "enqueue" {
				made = s
			}
		}
		switch {
		case !c.parent.IsValid():
			if made != nil || far.SpanID() != c.leads.SpanID() || far.TraceID() != c.leads.TraceID() {
				t.Errorf("%s: got the span %v, and a worker led to %v, want %v", c.name, made, far, c.leads)
			}
		case made == nil:
			t.Errorf("%s: there is no span", c.name)
		case made.SpanKind() != api.SpanKindProducer || made.Parent().SpanID() != c.parent.SpanID() || far.SpanID() != made.SpanContext().SpanID() ||
			far.TraceID() != c.parent.TraceID() || made.Status().Code == codes.Error:
			t.Errorf("%s: got a %v of %v that leads to %v, want a producer below %v", c.name, made.SpanKind(), made.Parent(), far, c.parent)
		}
	}
	kept.Reset()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := x.queue.Enqueue(gone, run(9)); err == nil {
		t.Error("a run is queued in a context that has ended")
	}
	for _, s := range kept.Ended() {
		if s.Name() == "enqueue" && s.Status().Code != codes.Error {
			t.Errorf("a run that was not queued has the status %v", s.Status())
		}
	}
	before := len(kept.Ended())
	if _, err := x.queue.Stats(t.Context()); err != nil {
		t.Error(err)
	}
	if got := len(kept.Ended()); got != before {
		t.Errorf("counting tasks in the background makes %d spans, want none", got-before)
	}
}
