package spans_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"numbermill/shared/telemetry/spans"
)

// TestSpans changes what is global to the process, so nothing runs beside it.
func TestSpans(t *testing.T) { //nolint:paralleltest // see above
	kept := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(kept)))
	tracer := spans.Children().Tracer("test")
	start := func(ctx context.Context, name string) context.Context {
		ctx, span := tracer.Start(ctx, name)
		t.Cleanup(func() { span.End() })
		return ctx
	}
	start(t.Context(), "in the background")
	ctx, root := otel.Tracer("test").Start(t.Context(), "root")
	start(start(ctx, "child"), "grandchild")
	quiet := spans.Quiet(ctx)
	start(quiet, "in a quiet context")
	if got, want := api.SpanContextFromContext(quiet), root.SpanContext(); !got.Equal(want) {
		t.Errorf("a quiet context belongs to %v, want %v", got, want)
	}
	for _, silent := range []context.Context{spans.Silent(ctx), spans.Silent(t.Context())} {
		start(silent, "in a silent context")
		if _, span := otel.Tracer("test").Start(silent, "of a library"); span.IsRecording() {
			t.Error("a silent context is recorded")
		}
	}
	told := spans.Brief(ctx)
	start(told, "in a brief context")
	carried := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(told, carried)
	if far := (propagation.TraceContext{}).Extract(context.Background(), carried); !spans.IsBrief(far) || spans.IsBrief(ctx) {
		t.Errorf("the trace is brief: %v here and %v there (%v), want it there alone", spans.IsBrief(ctx), spans.IsBrief(far), carried)
	}
	spans.Fail(root, nil)
	spans.Fail(root, errors.New(strings.Repeat("é", 300)+"\nstack"))
	root.End()
	var names []string
	for _, s := range kept.Started() {
		names = append(names, s.Name())
	}
	if got := strings.Join(names, ", "); got != "root, child, grandchild" {
		t.Errorf("got the spans %s", got)
	}
	if s := kept.Ended()[0].Status(); s.Code != codes.Error || s.Description != strings.Repeat("é", 100) {
		t.Errorf("got the status %v", s)
	}
}
