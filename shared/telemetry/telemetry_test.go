package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"numbermill/shared/config"
	"numbermill/shared/telemetry"
	"numbermill/shared/telemetry/telemetrytest"
)

// Start changes what is global to the process, so none of these tests runs beside another.

const soon = 30 * time.Second

// begin starts telemetry with these variables. The test stops it.
func begin(t *testing.T, variables ...string) (stop func(context.Context) error, log *bytes.Buffer, registry *prometheus.Registry) {
	t.Helper()
	for i := 0; i+1 < len(variables); i += 2 {
		t.Setenv(variables[i], variables[i+1])
	}
	log, registry = new(bytes.Buffer), prometheus.NewRegistry()
	stop, err := telemetry.Start(t.Context(), telemetry.Config{
		Service: "numbermill-test", Version: "1.2.3", Log: telemetry.Log{Writer: log}, Metrics: registry,
	})
	if err != nil {
		t.Fatal(err)
	}
	return stop, log, registry
}

// end stops telemetry, which must not fail.
func end(t *testing.T, stop func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if err := stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestNothingIsExportedUnlessAskedFor(t *testing.T) {
	stop, log, registry := begin(t)
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
	if err := testutil.GatherAndCompare(registry, strings.NewReader(`# TYPE http_server_requests_total counter
http_server_requests_total{http_route="/x"} 2
`), "http_server_requests_total"); err != nil {
		t.Errorf("the counter as Prometheus reads it: %v", err)
	}

	if !span.SpanContext().IsValid() || span.IsRecording() {
		t.Errorf("the span records %t with %v, want ids and no record", span.IsRecording(), span.SpanContext())
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if got, want := line["trace.id"], span.SpanContext().TraceID().String(); got != want {
		t.Errorf("trace.id in the log: got %v, want %s", got, want)
	}
	if got, want := header.Get("Traceparent"), span.SpanContext().TraceID().String(); !strings.Contains(got, want) {
		t.Errorf("traceparent is %q, want trace id %s in it", got, want)
	}
	end(t, stop)
}

// tell makes a span in a span, and measures.
func tell(t *testing.T) (outer trace.Span) {
	t.Helper()
	ctx, outer := otel.Tracer("numbermill/test").Start(t.Context(), "outer", trace.WithSpanKind(trace.SpanKindConsumer))
	_, inner := otel.Tracer("numbermill/test").Start(ctx, "inner", trace.WithAttributes(attribute.String("job.id", "job_1")))
	inner.End()
	outer.End()
	jobs, err := otel.Meter("numbermill/test").Int64Counter("numbermill.jobs.finished")
	if err != nil {
		t.Fatal(err)
	}
	jobs.Add(ctx, 2, metric.WithAttributes(attribute.String("function", "factorial")))
	return outer
}

func TestExportsOverHTTP(t *testing.T) {
	sink := telemetrytest.New(t)
	stop, log, _ := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", sink.URL(), "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip",
		"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")
	outer := tell(t)
	slog.Info("hello")
	end(t, stop)

	var got []string
	for _, s := range sink.Spans() {
		got = append(got, strings.Join([]string{s.Name, s.Kind, s.Scope, s.TraceID, s.ParentID, s.Text("job.id")}, " "))
	}
	id := outer.SpanContext()
	want := []string{
		"inner internal numbermill/test " + id.TraceID().String() + " " + id.SpanID().String() + " job_1",
		"outer consumer numbermill/test " + id.TraceID().String() + "  ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	who := sink.Spans()[0].Resource
	for key, want := range map[string]any{
		"service.name": "numbermill-test", "service.version": "1.2.3", "host.name": host, "process.pid": int64(os.Getpid()),
		"deployment.environment.name": "test",
	} {
		if who[key] != want {
			t.Errorf("resource: got %s %v, want %v", key, who[key], want)
		}
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["service.node.name"] != who["service.instance.id"] || line["service.node.name"] == nil {
		t.Errorf("got service.node.name %v in the log and service.instance.id %v in the export, want the same", line["service.node.name"], who["service.instance.id"])
	}
	points := sink.Metrics()
	finished := slices.IndexFunc(points, func(p telemetrytest.Point) bool { return p.Name == "numbermill.jobs.finished" })
	if finished < 0 || points[finished].Value != 2 || points[finished].Text("function") != "factorial" || points[finished].Temporality != "delta" {
		t.Errorf("got %+v, want two jobs finished, as a delta", points)
	}
	for _, name := range []string{"go.goroutine.count", "go.memory.used", "numbermill.telemetry.dropped_log_lines", "numbermill.telemetry.dropped_spans"} {
		if !slices.ContainsFunc(points, func(p telemetrytest.Point) bool { return p.Name == name }) {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestDeltas: with the temporality preference each export tells what is new, and the registry for Prometheus still all of it.
func TestDeltas(t *testing.T) {
	sink := telemetrytest.New(t)
	stop, _, registry := begin(t, "OTEL_METRICS_EXPORTER", "otlp", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", sink.URL()+"/v1/metrics",
		"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "OTEL_METRIC_EXPORT_INTERVAL", "20")
	duration, err := otel.Meter("test").Float64Histogram("numbermill.job.run_time", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	mine := func(points []telemetrytest.Point) (mine []telemetrytest.Point) {
		return slices.DeleteFunc(slices.Clone(points), func(p telemetrytest.Point) bool { return p.Name != "numbermill.job.run_time" || p.Count == 0 })
	}
	for n := range 3 {
		duration.Record(t.Context(), 1.5)
		sink.AwaitMetrics(t, soon, "one more point", func(p []telemetrytest.Point) bool { return len(mine(p)) == n+1 })
	}
	end(t, stop)
	for _, p := range mine(sink.Metrics()) {
		if p.Type != "histogram" || p.Temporality != "delta" || p.Count != 1 || p.Sum != 1.5 || p.Unit != "s" || len(p.Bounds) == 0 {
			t.Errorf("got %+v, want one observation of 1.5 s in an explicit histogram, as a delta", p)
		}
	}
	if got := len(mine(sink.Metrics())); got != 3 {
		t.Errorf("got %d points with an observation, want 3", got)
	}
	if len(sink.Spans()) != 0 {
		t.Error("spans were exported, want metrics alone")
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "numbermill_job_run_time_seconds" && f.GetMetric()[0].GetHistogram().GetSampleCount() != 3 {
			t.Errorf("Prometheus reads %v, want 3 observations", f)
		}
	}
}

// TestExemplars: what was measured within a sampled span says which, and nothing that is too long for Prometheus.
func TestExemplars(t *testing.T) {
	sink := telemetrytest.New(t)
	stop, log, registry := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", sink.URL())
	ctx, span := otel.Tracer("test").Start(t.Context(), "GET /x")
	duration, err := otel.Meter("test").Float64Histogram("http.server.request.duration", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	duration.Record(ctx, 0.2, metric.WithAttributes(attribute.String("http.route", "/x"), attribute.String("server.address", strings.Repeat("a", 200))))
	span.End()

	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	answer := httptest.NewRecorder()
	telemetry.MetricsHandler(slog.Default(), registry).ServeHTTP(answer, request)
	id := span.SpanContext()
	both := []string{`span_id="` + id.SpanID().String() + `"`, `trace_id="` + id.TraceID().String() + `"`}
	if !slices.ContainsFunc([][]string{both, {both[1], both[0]}}, func(labels []string) bool {
		return strings.Contains(answer.Body.String(), "# {"+strings.Join(labels, ",")+"} 0.2")
	}) {
		t.Errorf("got\n%s\nwant an exemplar of %s", answer.Body, both)
	}
	end(t, stop)
	for _, p := range sink.Metrics() {
		if p.Name != "http.server.request.duration" {
			continue
		}
		want := []telemetrytest.Exemplar{{TraceID: id.TraceID().String(), SpanID: id.SpanID().String(), Value: 0.2, Attributes: map[string]any{}}}
		if diff := cmp.Diff(want, p.Exemplars); diff != "" {
			t.Errorf("exemplars (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]any{"http.route": "/x"}, p.Attributes); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
	}
	if log.Len() > 0 {
		t.Errorf("it complains: %s", log)
	}
}

// TestCollectorHangs: spans beyond the queue are dropped at once and counted, stop keeps to its context, and nothing is left behind.
func TestCollectorHangs(t *testing.T) {
	sink := telemetrytest.New(t)
	sink.Hang()
	leak := goleak.IgnoreCurrent()
	stop, _, registry := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", sink.URL(), "OTEL_BSP_MAX_QUEUE_SIZE", "20", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5",
		"OTEL_BSP_SCHEDULE_DELAY", "10", "OTEL_TRACES_SAMPLER", "always_on", "OTEL_METRIC_EXPORT_INTERVAL", "20")
	for range 100 {
		_, span := otel.Tracer("test").Start(t.Context(), "one")
		span.End()
	}
	sink.AwaitRequests(t, soon, 2)
	awaitDropped(t, registry, 80)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop: got %v, want that its time is over", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stop took %v, want little more than 200 ms", took)
	}
	sink.Close()
	goleak.VerifyNone(t, leak)
}

// TestCollectorIsAway: refusals and a dead collector are told once, cost the spans that waited, and no more.
func TestCollectorIsAway(t *testing.T) {
	for name, away := range map[string]func(*telemetrytest.Sink){"refuses": (*telemetrytest.Sink).Refuse, "is dead": (*telemetrytest.Sink).Close} {
		t.Run(name, func(t *testing.T) {
			sink := telemetrytest.New(t)
			away(sink)
			const secret = "hunter2"
			stop, log, registry := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", strings.Replace(sink.URL(), "://", "://user:"+secret+"@", 1),
				"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20"+secret, "OTEL_EXPORTER_OTLP_TIMEOUT", "50", "OTEL_BSP_EXPORT_TIMEOUT", "50",
				"OTEL_BSP_SCHEDULE_DELAY", "5", "OTEL_METRICS_EXPORTER", "none")
			for range 10 {
				_, span := otel.Tracer("test").Start(t.Context(), "one")
				span.End()
			}
			awaitDropped(t, registry, 10)
			end(t, stop)
			if got := strings.Count(log.String(), "OpenTelemetry reports a problem"); got != 1 {
				t.Errorf("it was told %d times, want once:\n%s", got, log)
			}
			if strings.Contains(log.String(), secret) {
				t.Errorf("a secret is in the log:\n%s", log)
			}
		})
	}
}

// awaitDropped waits until so many spans are counted as lost.
func awaitDropped(t *testing.T, registry *prometheus.Registry, want float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == "numbermill_telemetry_dropped_spans_total" })
		if i >= 0 && families[i].GetMetric()[0].GetCounter().GetValue() == want {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("got %v, want %v dropped spans", families[max(i, 0)], want)
		}
	}
}

func TestStartRefusesBadVariables(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")
	_, err := telemetry.Start(t.Context(), telemetry.Config{Service: "x", Log: telemetry.Log{Writer: new(bytes.Buffer)}})
	problem, ok := errors.AsType[*config.Error](err)
	if !ok || problem.Source != "OTEL_EXPORTER_OTLP_TIMEOUT" {
		t.Errorf("got %v, want an error of the variable", err)
	}
}
