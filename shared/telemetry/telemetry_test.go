package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/telemetry"
)

// TestStart changes what is global to the process, so nothing runs beside it.
func TestStart(t *testing.T) { //nolint:paralleltest // see above
	var out bytes.Buffer
	metrics := prometheus.NewRegistry()
	stop, err := telemetry.Start(t.Context(), telemetry.Config{Service: "numbermill-test", Log: telemetry.Log{Writer: &out}, Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := otel.Tracer("test").Start(t.Context(), "one")
	slog.InfoContext(ctx, "hello")
	header := http.Header{}
	otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(header))
	span.End()
	requests, err := otel.Meter("test").Int64Counter("http.server.requests")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"a.example", "b.example"} {
		requests.Add(ctx, 1, metric.WithAttributes(attribute.String("server.address", host), attribute.String("http.route", "/x")))
	}
	if err := testutil.GatherAndCompare(metrics, strings.NewReader(`# TYPE http_server_requests_total counter
http_server_requests_total{http_route="/x"} 2
`), "http_server_requests_total"); err != nil {
		t.Errorf("the counter as Prometheus reads it: %v", err)
	}

	if got := logged(t, &out); got["trace_id"] != span.SpanContext().TraceID().String() || got["span_id"] != span.SpanContext().SpanID().String() {
		t.Errorf("the log line carries %v, want the ids of %v", got, span.SpanContext())
	}
	if got, want := header.Get("Traceparent"), span.SpanContext().TraceID().String(); !strings.Contains(got, want) {
		t.Errorf("traceparent is %q, want trace id %s in it", got, want)
	}
	if err := stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestLoggerAddsIDs(t *testing.T) {
	t.Parallel()
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := telemetry.WithJob(trace.ContextWithSpanContext(t.Context(), span), "job_7")
	a := slog.String("a", "b")
	ids := map[string]any{"trace_id": span.TraceID().String(), "span_id": span.SpanID().String(), "job_id": "job_7"}
	tests := map[string]struct {
		logger func(*slog.Logger) *slog.Logger
		want   map[string]any
	}{
		"plain":      {func(l *slog.Logger) *slog.Logger { return l }, map[string]any{"n": 1.0}},
		"attributes": {func(l *slog.Logger) *slog.Logger { return l.With(a) }, map[string]any{"a": "b", "n": 1.0}},
		"group": {
			func(l *slog.Logger) *slog.Logger {
				return l.With(a).WithGroup("g").With(slog.String("c", "d")).WithGroup("")
			},
			map[string]any{"a": "b", "g": map[string]any{"c": "d", "n": 1.0}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			tt.logger(telemetry.Logger(telemetry.Log{Writer: &out})).InfoContext(ctx, "m", slog.Int("n", 1))
			want := tt.want
			maps.Copy(want, ids)
			if diff := cmp.Diff(want, logged(t, &out)); diff != "" {
				t.Errorf("the line differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoggerWithoutIDs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	telemetry.Logger(telemetry.Log{Writer: &out}).InfoContext(context.Background(), "m")
	if diff := cmp.Diff(map[string]any{}, logged(t, &out)); diff != "" {
		t.Errorf("the line differs (-want +got):\n%s", diff)
	}
}

func TestLoggerHidesSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	attrs := []slog.Attr{
		slog.String("redis_password", secret),
		slog.String("authorization", secret),
		slog.String("api_key", secret),
		slog.String("url", "redis://user:"+secret+"@host:6379/0"),
		slog.Any("error", errors.New("dial redis://:"+secret+"@host: refused")),
		slog.Group("request", slog.String("cookie", secret)),
	}
	for _, format := range []telemetry.Format{telemetry.FormatJSON, telemetry.FormatText} {
		for _, a := range attrs {
			var out bytes.Buffer
			telemetry.Logger(telemetry.Log{Writer: &out, Format: format}).LogAttrs(t.Context(), slog.LevelInfo, "m", a)
			if got := out.String(); strings.Contains(got, secret) || !strings.Contains(got, "REDACTED") {
				t.Errorf("%s: %v is written as %q, want it without the secret", format, a.Key, got)
			}
		}
	}
	var out bytes.Buffer
	telemetry.Logger(telemetry.Log{Writer: &out}).Info("m", slog.Any("error", errors.New("GET http://host/path@x: refused")))
	if got := out.String(); strings.Contains(got, "REDACTED") {
		t.Errorf("%q hides what is no secret", got)
	}
}

func TestFormatAndLevel(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  telemetry.Log
		log  func(*slog.Logger)
		want string
	}{
		"a file gets JSON":      {telemetry.Log{}, func(l *slog.Logger) { l.Info("m") }, `"msg":"m"`},
		"text has no colours":   {telemetry.Log{Format: telemetry.FormatText}, func(l *slog.Logger) { l.Info("m", slog.String("k", "v")) }, "INF m k=v\n"},
		"debug is not written":  {telemetry.Log{}, func(l *slog.Logger) { l.Debug("m") }, ""},
		"debug if it is wanted": {telemetry.Log{Level: slog.LevelDebug}, func(l *slog.Logger) { l.Debug("m") }, `"level":"DEBUG"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			tt.cfg.Writer = &out
			tt.log(telemetry.Logger(tt.cfg))
			if got := out.String(); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

// logged returns the one line in out, without time, level and message.
func logged(t *testing.T, out io.Reader) map[string]any {
	t.Helper()
	line := map[string]any{}
	if err := json.NewDecoder(out).Decode(&line); err != nil {
		t.Fatalf("read the log line: %v", err)
	}
	for _, key := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
		delete(line, key)
	}
	return line
}
