package telemetry

import (
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// BenchmarkECS writes a line as a worker does: ids in the context, four fields of the run, eight of the line.
func BenchmarkECS(b *testing.B) {
	logger := slog.New(newECS(discard{}, nil, []slog.Attr{
		field("process.pid", slog.IntValue(7)), field("service.name", slog.StringValue("numbermill-worker")),
	}))
	log := logger.With(slog.String("function", "fibonacci"), slog.Any("args", map[string]string{"n": "90"}),
		slog.Int64("attempt", 1), slog.String("worker", "w1"))
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := WithJob(trace.ContextWithSpanContext(b.Context(), span), "job_0198c0de7a5b7c3d")
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(ctx, slog.LevelInfo, "attempt finished", slog.String("outcome", "succeeded"), slog.Int("digits", 19), slog.Int64("bytes", 19),
			slog.Float64("duration_ms", 1.2345), slog.Float64("cpu_ms", 0.75), slog.Bool("cached", false), slog.Duration("waited", time.Millisecond),
			slog.String("method", "fast doubling"))
	}
}
