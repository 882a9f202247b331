package telemetrytest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"numbermill/shared/telemetry/telemetrytest"
)

const soon = 30 * time.Second

// TestTakesSpans: a body that is compressed and one that is not are one span each, with all that it has.
func TestTakesSpans(t *testing.T) {
	t.Parallel()
	sink := telemetrytest.New(t)
	for _, zipped := range []bool{false, true} {
		if got := send(t.Context(), t, sink, zipped); got != http.StatusOK {
			t.Fatalf("zipped %t: got status %d, want 200", zipped, got)
		}
	}
	spans := sink.AwaitSpans(t, soon, "two spans", func(s []telemetrytest.Span) bool { return len(s) == 2 })
	want := telemetrytest.Span{
		TraceID: "01000000000000000000000000000000", SpanID: "0200000000000000", ParentID: "0300000000000000",
		Name: "compute", Kind: "consumer", Start: time.Unix(0, 5).UTC(), End: time.Unix(0, 7).UTC(),
		Attributes: map[string]any{"job.id": "job_1", "n": int64(7)},
		Links:      []telemetrytest.Link{{TraceID: "01000000000000000000000000000000", SpanID: "0400000000000000", Attributes: map[string]any{}}},
		Events:     []telemetrytest.Event{{Name: "begun", At: time.Unix(0, 6).UTC(), Attributes: map[string]any{}}},
		Status:     "error", StatusMessage: "it failed", Scope: "numbermill/worker", Resource: map[string]any{"service.name": "numbermill-worker"},
	}
	for _, got := range spans {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the span (-want +got):\n%s", diff)
		}
	}
	if got := spans[0].Service(); got != "numbermill-worker" {
		t.Errorf("service: got %q, want numbermill-worker", got)
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	sink := telemetrytest.New(t)
	sink.Refuse()
	if got := send(t.Context(), t, sink, false); got != http.StatusServiceUnavailable {
		t.Errorf("refusing: got status %d, want 503", got)
	}
	sink.Hang()
	answered := make(chan int, 1)
	go func() { answered <- send(t.Context(), t, sink, false) }()
	sink.AwaitRequests(t, soon, 2)
	select {
	case got := <-answered:
		t.Errorf("hanging: got status %d, want no answer", got)
	default:
	}
	sink.Answer()
	if got := <-answered; got != http.StatusOK {
		t.Errorf("what hung was answered with %d, want 200", got)
	}
	sink.Hang()
	impatient, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got := send(impatient, t, sink, false); got != 0 {
		t.Errorf("hanging: got status %d, want no answer", got)
	}
	sink.Close()
	if got := send(t.Context(), t, sink, false); got != 0 {
		t.Errorf("closed: got status %d, want no answer", got)
	}
	if got := len(sink.Spans()); got != 1 {
		t.Errorf("got %d spans, want the one that was taken", got)
	}
}

// send exports one span and returns the status of the answer, 0 if there is none.
func send(ctx context.Context, t *testing.T, sink *telemetrytest.Sink, zipped bool) int {
	t.Helper()
	trace, attribute := make([]byte, 16), func(key string, value *common.AnyValue) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: value}
	}
	trace[0] = 1
	text := func(s string) *common.AnyValue {
		return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
	}
	span := &traces.Span{
		TraceId: trace, SpanId: []byte{2, 0, 0, 0, 0, 0, 0, 0}, ParentSpanId: []byte{3, 0, 0, 0, 0, 0, 0, 0}, Name: "compute",
		Kind: traces.Span_SPAN_KIND_CONSUMER, StartTimeUnixNano: 5, EndTimeUnixNano: 7,
		Attributes: []*common.KeyValue{attribute("job.id", text("job_1")), attribute("n", &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: 7}})},
		Links:      []*traces.Span_Link{{TraceId: trace, SpanId: []byte{4, 0, 0, 0, 0, 0, 0, 0}}},
		Events:     []*traces.Span_Event{{Name: "begun", TimeUnixNano: 6}},
		Status:     &traces.Status{Code: traces.Status_STATUS_CODE_ERROR, Message: "it failed"},
	}
	body, err := proto.Marshal(&coltrace.ExportTraceServiceRequest{ResourceSpans: []*traces.ResourceSpans{{
		Resource:   &resource.Resource{Attributes: []*common.KeyValue{attribute("service.name", text("numbermill-worker"))}},
		ScopeSpans: []*traces.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "numbermill/worker"}, Spans: []*traces.Span{span}}},
	}}})
	if err != nil {
		t.Error(err)
		return 0
	}
	var packed bytes.Buffer
	if zipped {
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(body)
		_ = w.Close()
		body = packed.Bytes()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, sink.URL()+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if zipped {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}
