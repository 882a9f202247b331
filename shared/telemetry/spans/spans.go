// Package spans has what this program's spans have in common: most of them are only made inside one that is recorded, so that what goes on
// in the background leaves no traces of one span; what failed is told in a line of bounded length; and a trace of thousands of jobs shows most
// of them in brief.
package spans

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"
)

// longestFault is how many bytes of an error a span repeats.
const longestFault = 200

// Children returns a provider of tracers that start a span only inside one that is recorded.
func Children() trace.TracerProvider { return children{} }

type children struct{ embedded.TracerProvider }

// Tracer implements trace.TracerProvider.
func (children) Tracer(name string, options ...trace.TracerOption) trace.Tracer {
	return Inside(otel.GetTracerProvider().Tracer(name, options...))
}

// Inside returns a tracer that starts a span of another only inside one that is recorded.
func Inside(tracer trace.Tracer) trace.Tracer { return child{to: tracer} }

type child struct {
	embedded.Tracer

	to trace.Tracer
}

// Start implements trace.Tracer.
func (c child) Start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, noop.Span{}
	}
	return c.to.Start(ctx, name, options...) //nolint:spancheck // it is the caller's to end
}

// Quiet returns a context in which no tracer of Children starts a span, while log lines and tasks still belong to the trace. It is for
// what repeats itself for as long as a request or an attempt lasts.
func Quiet(ctx context.Context) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	return trace.ContextWithSpanContext(ctx, trace.SpanContextFromContext(ctx))
}

// Fail marks a span as failed with the first line of an error.
func Fail(span trace.Span, err error) {
	if err == nil || !span.IsRecording() {
		return
	}
	text := Line(err.Error())
	span.SetStatus(codes.Error, text)
	span.AddEvent("exception", trace.WithAttributes(attribute.String("exception.message", text)))
}

// Line is the first line of a text, cut to what a span keeps.
func Line(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > longestFault {
		text = text[:longestFault]
	}
	return strings.ToValidUTF8(text, "")
}

// Silent returns a context in which no tracer records anything. It is for libraries that make spans of whatever they do, in the background too;
// what they do for us has spans of ours around it.
func Silent(ctx context.Context) context.Context {
	at := trace.SpanContextFromContext(ctx)
	if !at.IsValid() {
		at = trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})
	}
	return trace.ContextWithSpanContext(ctx, at.WithTraceFlags(at.TraceFlags()&^trace.FlagsSampled))
}
