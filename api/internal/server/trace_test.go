package server_test

import (
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"numbermill/shared/job"
)

// ended are the spans that have ended since the recorder was emptied, by their names; those of requests are called request.
func ended(kept *tracetest.SpanRecorder) map[string][]trace.ReadOnlySpan {
	all := map[string][]trace.ReadOnlySpan{}
	for _, s := range kept.Ended() {
		name := s.Name()
		for _, a := range s.Attributes() {
			switch a.Key {
			case "db.system":
				name = "redis"
			case "url.path":
				name = "request"
			}
		}
		all[name] = append(all[name], s)
	}
	kept.Reset()
	return all
}

func attributeOf(s trace.ReadOnlySpan, key string) string {
	for _, a := range s.Attributes() {
		if string(a.Key) == key {
			return a.Value.String()
		}
	}
	return ""
}

// TestSpansOfRequests changes what is global to the process, so nothing runs beside it.
func TestSpansOfRequests(t *testing.T) { //nolint:paralleltest // see above
	kept := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(kept)))
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	h := start(t)

	h.want(h.submit(-1, nil), http.StatusUnprocessableEntity)
	h.want(h.post(`{"function":"factorial","args":{"n":"10000000"}}`, nil), http.StatusUnprocessableEntity)
	got := ended(kept)
	for i, want := range []string{"invalid-arguments", "cost-limit-exceeded"} {
		if s := got["request"][i]; attributeOf(s, "numbermill.refusal") != want || s.Status().Code == codes.Error {
			t.Errorf("a refusal: the span says %q with the status %v, want %q", attributeOf(s, "numbermill.refusal"), s.Status(), want)
		}
	}
	if len(got["admission"]) != 1 || attributeOf(got["admission"][0], "numbermill.refusal") != "cost-limit-exceeded" || len(got["redis"]) != 0 {
		t.Errorf("of refusals: got %v", got)
	}

	first := h.submitted(1000)
	attempt := h.claimed()
	ended(kept)
	// What goes on while a client waits is not told of.
	done := make(chan struct{})
	go func() {
		defer close(done)
		for percent := range 40 {
			if _, err := h.records.Report(t.Context(), attempt, job.Progress{Phase: job.PhaseCompute, Percent: float64(percent)}); err != nil {
				t.Error(err)
			}
		}
	}()
	h.want(h.get("/v1/jobs/"+string(first.ID), header{"Prefer": "wait=1"}), http.StatusOK)
	<-done
	if got := ended(kept); len(got["request"]) != 1 || len(got["redis"]) > 4 {
		t.Errorf("a long poll: got %d spans of requests and %d of commands, want one and at most four", len(got["request"]), len(got["redis"]))
	}
	h.finish(attempt, "55")
	h.want(h.get("/v1/jobs/"+string(first.ID)+"/events", nil), http.StatusOK)
	if got := ended(kept); len(got["request"]) != 1 || len(got["redis"]) != 1 || attributeOf(got["request"][0], "job.id") != string(first.ID) {
		t.Errorf("a stream of events: got %v", got)
	}

	many := strings.Repeat(`{"function":"fibonacci","args":{"n":1000}},`, 150)
	h.want(h.do(http.MethodPost, "/v1/batches", `{"jobs":[`+strings.TrimSuffix(many, ",")+`]}`, nil), http.StatusAccepted)
	got = ended(kept)
	if len(got["request"]) != 1 || len(got["store submit"]) != 1 || len(got["admission"]) != 1 || len(got["redis"]) > 10 {
		t.Errorf("a batch of hits: got %d spans of commands and %d that write", len(got["redis"]), len(got["store submit"]))
	}
	if links := len(got["request"][0].Links()); links != 100 {
		t.Errorf("a batch of 150 hits: got %d links, want 100", links)
	}
}
