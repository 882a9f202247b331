package telemetry

import (
	"context"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func TestLimitedKeepsSoManyASecond(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := newLimited(10, 30, func() time.Time { return now })
	kept := func(of int) (n int) {
		for range of {
			if l.ShouldSample(sdk.SamplingParameters{ParentContext: t.Context(), Kind: trace.SpanKindServer}).Decision == sdk.RecordAndSample {
				n++
			}
		}
		return n
	}
	for _, step := range []struct {
		pause time.Duration
		want  int
	}{{0, 30}, {0, 0}, {500 * time.Millisecond, 5}, {time.Second, 10}, {time.Hour, 30}} {
		now = now.Add(step.pause)
		if got := kept(100); got != step.want {
			t.Errorf("after %v: got %d of 100, want %d", step.pause, got, step.want)
		}
	}
}

func TestLimitedKeepsTracesWhole(t *testing.T) {
	t.Parallel()
	const sampled = trace.FlagsSampled
	tests := map[string]struct {
		parent trace.TraceFlags
		remote bool
		kind   trace.SpanKind
		left   float64
		want   bool
	}{
		"a child of what is kept":                     {sampled, false, trace.SpanKindInternal, 0, true},
		"a child of what is not":                      {0, false, trace.SpanKindInternal, 9, false},
		"a worker's part of what is kept":             {sampled, true, trace.SpanKindConsumer, 0, true},
		"a worker's part of what is not":              {0, true, trace.SpanKindConsumer, 9, false},
		"a browser's request":                         {sampled, true, trace.SpanKindServer, 9, true},
		"one of too many":                             {sampled, true, trace.SpanKindServer, 0, false},
		"a request that is not to be kept":            {0, true, trace.SpanKindServer, 9, false},
		"a server's child of what it does not begin ": {sampled, false, trace.SpanKindServer, 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(0, 0)
			l := newLimited(0, tt.left, func() time.Time { return now })
			state, err := trace.ParseTraceState("a=b")
			if err != nil {
				t.Fatal(err)
			}
			parent := trace.NewSpanContext(trace.SpanContextConfig{
				TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: tt.parent, TraceState: state, Remote: tt.remote,
			})
			got := l.ShouldSample(sdk.SamplingParameters{ParentContext: trace.ContextWithSpanContext(context.Background(), parent), Kind: tt.kind})
			if (got.Decision == sdk.RecordAndSample) != tt.want || got.Tracestate.Get("a") != "b" {
				t.Errorf("got %v with %v, want kept: %t with the state of the parent", got.Decision, got.Tracestate, tt.want)
			}
		})
	}
}
