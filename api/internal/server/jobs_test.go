package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/shared/job"
)

func TestSubmitAnswersAtOnce(t *testing.T) {
	t.Parallel()
	h := start(t)
	r := h.want(h.do(http.MethodPost, "/v1/jobs", `{"function":"fibonacci","args":{"n":"1e3"},"labels":{"run":"a"},"max_attempts":5}`, nil), http.StatusAccepted)
	got := decode[api.Job](t, r)
	if got.State != job.Queued || got.Args["n"] != "1000" || got.Method != "fast" || got.Labels["run"] != "a" || got.MaxAttempts != 5 {
		t.Errorf("the job is not what was asked for: %s", r.body)
	}
	if want := "/v1/jobs/" + string(got.ID); r.Header.Get("Location") != want || got.Links.Self != want {
		t.Errorf("Location %q and self %q, want %q", r.Header.Get("Location"), got.Links.Self, want)
	}
	if r.Header.Get("Retry-After") != "1" || r.Header.Get("Preference-Applied") != "" {
		t.Errorf("Retry-After %q, Preference-Applied %q", r.Header.Get("Retry-After"), r.Header.Get("Preference-Applied"))
	}
	if got.TraceID != r.Header.Get("X-Trace-Id") {
		t.Errorf("the job's trace is %q, the request's %q", got.TraceID, r.Header.Get("X-Trace-Id"))
	}
	run := h.queued()
	if diff := cmp.Diff(job.Spec{Function: "fibonacci", Args: map[string]string{"n": "1000"}, Method: "fast"}, run.Spec); diff != "" {
		t.Errorf("queued (-want +got):\n%s", diff)
	}
	if run.Trace["traceparent"] == "" {
		t.Error("the run carries no trace context")
	}
	again := h.want(h.get(got.Links.Self, nil), http.StatusOK)
	if diff := cmp.Diff(got, decode[api.Job](t, again)); diff != "" {
		t.Errorf("the job as read differs from the job as submitted (-submitted +read):\n%s", diff)
	}
	if r.Header.Get("ETag") != again.Header.Get("ETag") {
		t.Errorf("ETag %s when submitted, %s when read", r.Header.Get("ETag"), again.Header.Get("ETag"))
	}
}
