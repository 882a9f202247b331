package observability_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/telemetry/telemetrytest"
)

// TestFilebeat: dotted keys become objects, what the line says wins, nulls are dropped.
func TestFilebeat(t *testing.T) {
	t.Parallel()
	got := filebeat(map[string]any{
		"@timestamp": "2026-01-02T03:04:05.678Z", "ecs.version": "8.17.0", "log.level": "info", "nginx.access.request_time": 0.5,
		"nginx.access.upstream_response_time": nil, "message": "hello",
	}, "/logs/app/x.json")
	want := map[string]any{
		"@timestamp": "2026-01-02T03:04:05.678Z", "ecs": map[string]any{"version": "8.17.0"}, "message": "hello",
		"log":   map[string]any{"level": "info", "file": map[string]any{"path": "/logs/app/x.json"}},
		"nginx": map[string]any{"access": map[string]any{"request_time": 0.5}},
		"agent": map[string]any{"name": "filebeat", "type": "filebeat", "version": "8.19.21"}, "host": map[string]any{"name": "filebeat"},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// TestSpanDocuments: what becomes a transaction and what a span, and how it went.
func TestSpanDocuments(t *testing.T) {
	t.Parallel()
	code := func(n int64) map[string]any {
		return map[string]any{"http.request.method": http.MethodGet, "http.response.status_code": n}
	}
	tests := map[string]struct {
		span                                  telemetrytest.Span
		event, kind, subtype, result, outcome string
	}{
		"a request":             {span: telemetrytest.Span{Kind: "server", ParentID: "p", Attributes: code(200)}, event: "transaction", kind: "request", result: "HTTP 2xx", outcome: "success"},
		"a refused request":     {span: telemetrytest.Span{Kind: "server", Attributes: code(404)}, event: "transaction", kind: "request", result: "HTTP 4xx", outcome: "success"},
		"a failed request":      {span: telemetrytest.Span{Kind: "server", Attributes: code(502)}, event: "transaction", kind: "request", result: "HTTP 5xx", outcome: "failure"},
		"a root":                {span: telemetrytest.Span{Kind: "internal"}, event: "transaction", kind: "unknown", result: "Success", outcome: "success"},
		"a consumer":            {span: telemetrytest.Span{Kind: "consumer", ParentID: "p", Status: "error"}, event: "transaction", kind: "messaging", result: "Error", outcome: "failure"},
		"a command to Redis":    {span: telemetrytest.Span{Kind: "client", ParentID: "p", Attributes: map[string]any{"db.system": "redis"}}, event: "span", kind: "db", subtype: "redis", outcome: "success"},
		"a request to others":   {span: telemetrytest.Span{Kind: "client", ParentID: "p", Attributes: code(404)}, event: "span", kind: "external", subtype: "http", outcome: "failure"},
		"something inside":      {span: telemetrytest.Span{Kind: "internal", ParentID: "p"}, event: "span", kind: "app", subtype: "internal", outcome: "success"},
		"what is called a good": {span: telemetrytest.Span{Kind: "server", Status: "ok", Attributes: code(500)}, event: "transaction", kind: "request", result: "HTTP 5xx", outcome: "success"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tt.span
			s.TraceID, s.SpanID, s.Name, s.Start, s.End = "t", "s", "it", time.UnixMilli(1000), time.UnixMilli(1002)
			s.Resource = map[string]any{"service.name": "numbermill-api", "service.version": "1"}
			d := spanDocument(s)
			got := []any{
				field(d, "processor.event"), field(d, "event.outcome"), field(d, tt.event+".type"), field(d, tt.event+".name"), field(d, tt.event+".id"),
				field(d, tt.event+".duration.us"), field(d, "trace.id"), field(d, "service.name"), field(d, "@timestamp"),
			}
			want := []any{tt.event, tt.outcome, tt.kind, "it", "s", int64(2000), "t", "numbermill-api", "1970-01-01T00:00:01.000Z"}
			if tt.event == "transaction" {
				got, want = append(got, field(d, "transaction.result")), append(want, tt.result)
			} else {
				got, want = append(got, field(d, "span.subtype"), field(d, "parent.id")), append(want, tt.subtype, "p")
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestMetricDocuments: metrics with the same time and attributes share a document; a histogram is its buckets' middles; names of attributes have no
// dots.
func TestMetricDocuments(t *testing.T) {
	t.Parallel()
	resource := map[string]any{"service.name": "numbermill-worker"}
	now, queue := time.UnixMilli(5000), map[string]any{"queue.name": "small", "n": int64(3), "on": true}
	got := metricDocuments([]telemetrytest.Point{
		{Name: "a.depth", Type: "gauge", At: now, Attributes: queue, Value: 7, Resource: resource},
		{Name: "a.wait", Type: "histogram", At: now, Attributes: queue, Bounds: []float64{1, 3}, Buckets: []uint64{1, 2, 1}, Count: 4, Resource: resource},
		{Name: "a.total", Type: "sum", At: now.Add(time.Second), Attributes: queue, Value: 1, Resource: resource},
		{Name: "a.none", Type: "exponential_histogram", At: now, Attributes: queue, Resource: resource},
	})
	if len(got) != 2 {
		t.Fatalf("got %d documents, want 2: %v", len(got), got)
	}
	want := map[string]any{
		"@timestamp": "1970-01-01T00:00:05.000Z", "timestamp": map[string]any{"us": int64(5_000_000)}, "service": map[string]any{"name": "numbermill-worker", "version": ""},
		"agent": map[string]any{"name": "opentelemetry/go"}, "processor": map[string]any{"event": "metric"}, "metricset": map[string]any{"name": "app"},
		"labels": map[string]any{"queue_name": "small", "on": "true"}, "numeric_labels": map[string]any{"n": 3.0},
		"a.depth": 7.0, "a.wait": []float64{0.5, 2, 2, 3},
	}
	if diff := cmp.Diff(got[0].document, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got[0].stream != "metrics-apm.app.numbermill_worker-default" {
		t.Errorf("it goes to %s", got[0].stream)
	}
}

// TestFaults: what a monitor says of answers.
func TestFaults(t *testing.T) {
	t.Parallel()
	site := monitor{status: 200, body: regexp.MustCompile("hello")}
	ready := monitor{status: 200, json: map[string]any{"status": "ok"}}
	for name, tt := range map[string]struct {
		monitor monitor
		answer  answer
		up      bool
	}{
		"the page":      {site, answer{status: 200, body: []byte("hello you")}, true},
		"another page":  {site, answer{status: 200, body: []byte("bye")}, false},
		"no page":       {site, answer{status: 502, body: []byte("hello")}, false},
		"nobody":        {site, answer{}, false},
		"ready":         {ready, answer{status: 200, body: []byte(`{"status":"ok"}`)}, true},
		"not quite":     {ready, answer{status: 200, body: []byte(`{"status":"degraded"}`)}, false},
		"something odd": {ready, answer{status: 200, body: []byte(`<html>`)}, false},
	} {
		if fault := tt.monitor.fault(tt.answer); (fault == "") != tt.up {
			t.Errorf("%s: the fault is %q", name, fault)
		}
	}
}
