package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

type jobKey struct{}

// WithJob returns a context whose log lines carry the id of a job.
func WithJob(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, jobKey{}, id)
}

// ids returns what the context knows about where a log line belongs.
func ids(ctx context.Context) []slog.Attr {
	var attrs []slog.Attr
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		attrs = append(attrs, slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	if id, ok := ctx.Value(jobKey{}).(string); ok {
		attrs = append(attrs, slog.String("job_id", id))
	}
	return attrs
}

// idHandler adds the ids of the context to each record, at the top level even when groups are open.
type idHandler struct {
	root   slog.Handler                      // what next was before its first group
	groups []func(slog.Handler) slog.Handler // what made next from root, in order
	next   slog.Handler
}

func newIDHandler(next slog.Handler) *idHandler { return &idHandler{root: next, next: next} }

// Enabled reports whether records of a level are written.
func (h *idHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes a record with the ids of ctx.
func (h *idHandler) Handle(ctx context.Context, r slog.Record) error {
	attrs := ids(ctx)
	switch {
	case len(attrs) == 0:
		return h.next.Handle(ctx, r)
	case len(h.groups) == 0:
		r = r.Clone()
		r.AddAttrs(attrs...)
		return h.next.Handle(ctx, r)
	}
	next := h.root.WithAttrs(attrs)
	for _, nest := range h.groups {
		next = nest(next)
	}
	return next.Handle(ctx, r)
}

// WithAttrs returns a handler whose records have attrs in the open group.
func (h *idHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(h.groups) == 0 {
		return newIDHandler(h.next.WithAttrs(attrs))
	}
	return h.nest(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup returns a handler that puts what follows into a group.
func (h *idHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.nest(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

func (h *idHandler) nest(step func(slog.Handler) slog.Handler) slog.Handler {
	// A copy, since two handlers may grow from this one.
	return &idHandler{root: h.root, groups: slices.Concat(h.groups, []func(slog.Handler) slog.Handler{step}), next: step(h.next)}
}
