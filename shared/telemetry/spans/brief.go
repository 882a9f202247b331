package spans

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// vendor and brief are our member of the W3C tracestate, which goes wherever the trace does.
const (
	vendor = "numbermill"
	brief  = "brief"
)

// Brief returns a context whose trace is told in brief from here on: in this process no tracer of Children starts a span in it, and one that
// the context is carried to makes one span of what it does, without children.
func Brief(ctx context.Context) context.Context {
	at := trace.SpanContextFromContext(ctx)
	state, err := at.TraceState().Insert(vendor, brief)
	if err != nil {
		return Quiet(ctx) // it cannot be: both words are as the standard wants them
	}
	return trace.ContextWithSpanContext(ctx, at.WithTraceState(state))
}

// IsBrief tells whether the context's trace is told in brief.
func IsBrief(ctx context.Context) bool {
	return trace.SpanContextFromContext(ctx).TraceState().Get(vendor) == brief
}
