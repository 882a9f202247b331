package server

import (
	"context"
	"crypto/rand"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// beginSpan starts the span of a request, with nothing in it yet, and makes sure that there is a trace id for people to search for, even where
// nobody traces.
func (s *Server) beginSpan(r *http.Request) (context.Context, trace.Span) {
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := s.requests.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
	if span.SpanContext().IsValid() {
		return ctx, span
	}
	var c trace.SpanContextConfig
	_, _ = rand.Read(c.TraceID[:]) // it never fails
	_, _ = rand.Read(c.SpanID[:])
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(c))
	return ctx, trace.SpanFromContext(ctx)
}

// spanned returns a handler that tells the span of the request, which has begun, what otelhttp tells it, ends it, and calls next meanwhile. It is
// for the few that are recorded: all that it finds out about the others would be for nothing.
func spanned(next http.Handler) http.Handler {
	named := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, span := infoOf(r.Context()), trace.SpanFromContext(r.Context())
		defer func() {
			r.Pattern = info.route // otelhttp names its span after it
			if info.job != "" {
				span.SetAttributes(attribute.String("job.id", string(info.job)))
			}
		}()
		next.ServeHTTP(w, r)
	})
	return otelhttp.NewMiddleware("", otelhttp.WithTracerProvider(begunSpans{}), otelhttp.WithMeterProvider(noop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()))(named)
}

// begunSpans is a provider of tracers that start no span but take that of the context.
type begunSpans struct{ embedded.TracerProvider }

// Tracer implements trace.TracerProvider.
func (begunSpans) Tracer(string, ...trace.TracerOption) trace.Tracer { return begunSpan{} }

type begunSpan struct{ embedded.Tracer }

// Start implements trace.Tracer.
func (begunSpan) Start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	span := trace.SpanFromContext(ctx)
	begun := trace.NewSpanStartConfig(options...)
	span.SetName(name)
	span.SetAttributes(begun.Attributes()...)
	return ctx, span
}
