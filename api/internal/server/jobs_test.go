package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
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
	toTheSecond := cmp.Comparer(func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second })
	if diff := cmp.Diff(got, decode[api.Job](t, again), toTheSecond); diff != "" {
		t.Errorf("the job as read differs from the job as submitted (-submitted +read):\n%s", diff)
	}
	if r.Header.Get("ETag") != again.Header.Get("ETag") {
		t.Errorf("ETag %s when submitted, %s when read", r.Header.Get("ETag"), again.Header.Get("ETag"))
	}
}

func TestJobThroughItsLife(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(100_000).ID
	a := h.claimed()
	if got := h.job(id); got.State != job.Running || got.Attempt != 1 || got.StartedAt == nil || got.Progress != nil {
		t.Errorf("after the claim the job is %+v", got)
	}
	report := job.Progress{Phase: job.PhaseCompute, PhaseIndex: 1, PhaseCount: 3, Percent: 50, Detail: "Doubling 9 of 18", UpdatedAt: h.job(id).StartedAt.Add(10 * time.Second)}
	if held, err := h.records.Report(t.Context(), a, report); err != nil || !held {
		t.Fatalf("report: %v, %v", held, err)
	}
	percent := 50.0
	want := &api.Progress{Phase: "compute", PhaseIndex: 1, PhaseCount: 3, Percent: &percent, Detail: "Doubling 9 of 18", ETASeconds: &api.Seconds{7, 15}, UpdatedAt: report.UpdatedAt}
	if diff := cmp.Diff(want, h.job(id).Progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	h.finish(a, manyDigits)
	got := h.job(id)
	if got.State != job.Succeeded || got.Progress != nil || got.FinishedAt == nil || got.Links.Cancel != nil || got.Links.Result == nil {
		t.Errorf("at the end the job is %+v", got)
	}
	if want := got.FinishedAt.Add(7 * 24 * time.Hour); got.ExpiresAt == nil || !got.ExpiresAt.Equal(want) {
		t.Errorf("it expires at %v, want %v", got.ExpiresAt, want)
	}
	r := got.Result
	number := []string{r.MediaType, *r.Digits, r.Bytes, *r.Leading, *r.Trailing, *r.Scientific, *r.TrailingZeros}
	if diff := cmp.Diff([]string{job.DigitsType, "5001", "5001", "12345678901234567890", "23456789012345678907", "1.2345678901e5000", "0"}, number); diff != "" {
		t.Errorf("the result (-want +got):\n%s", diff)
	}
	if r.Calls != nil || r.Cache != job.Miss || *got.Cost.Actual != "21" {
		t.Errorf("the result is %+v, the actual cost %v", r, *got.Cost.Actual)
	}
	if diff := cmp.Diff([]string{"2305843009213693951", "1000000007"}, r.Verification.Moduli); diff != "" {
		t.Errorf("moduli (-want +got):\n%s", diff)
	}
}

func TestScientificOfSmallNumbers(t *testing.T) {
	t.Parallel()
	h := start(t)
	for n, digits := range map[int]string{6: "8", 10: "55", 0: "0"} {
		id := h.submitted(n).ID
		h.finish(h.claimed(), digits)
		want := map[string]string{"8": "8e0", "55": "5.5e1", "0": "0e0"}[digits]
		if got := *h.job(id).Result.Scientific; got != want {
			t.Errorf("%s is written %s, want %s", digits, got, want)
		}
	}
}

func TestFailedJobSaysWhy(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(5).ID
	why := job.Failure{Code: "verification-failed", Detail: "The result did not pass its check. No digits were published."}
	if _, _, err := h.records.Fail(t.Context(), h.claimed(), why, true); err != nil {
		t.Fatal(err)
	}
	got := h.job(id)
	if diff := cmp.Diff(&api.JobError{Code: why.Code, Detail: why.Detail}, got.Error); diff != "" || got.State != job.Failed {
		t.Errorf("state %s, error (-want +got):\n%s", got.State, diff)
	}
	h.wantRefusal(h.get("/v1/jobs/"+string(id)+"/result", nil), refusal{http.StatusConflict, "result-not-ready", nil, why.Detail})
}

func TestSecondSubmissionJoinsThenHits(t *testing.T) {
	t.Parallel()
	h := start(t)
	first, a := h.submitted(10), h.claimed()
	second := h.submitted(10)
	if second.ID == first.ID || second.State != job.Running {
		t.Errorf("the second job is %s in state %s, the first %s", second.ID, second.State, first.ID)
	}
	h.finish(a, "55")
	r := h.want(h.submit(10, nil), http.StatusOK)
	third := decode[api.Job](t, r)
	if third.State != job.Succeeded || third.Result == nil || third.Result.Cache != job.Hit || r.Header.Get("Retry-After") != "" {
		t.Errorf("the third job is %s", r.body)
	}
	for id, want := range map[job.ID]job.Cache{first.ID: job.Miss, second.ID: job.Joined, third.ID: job.Hit} {
		if got := h.job(id).Result.Cache; got != want {
			t.Errorf("cache is %s, want %s", got, want)
		}
	}
	if n := len(h.runs); n != 0 {
		t.Errorf("%d more runs were queued", n)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(10).ID
	path := "/v1/jobs/" + string(id)
	for range 2 { // the second time it is cancelled already
		got := decode[api.Job](t, h.want(h.do(http.MethodPost, path+"/cancel", "", header{"Content-Type": "application/json"}), http.StatusOK))
		if got.State != job.Cancelled || got.Links.Cancel != nil || got.FinishedAt == nil {
			t.Errorf("after the cancel the job is %+v", got)
		}
	}
	if tasks, err := h.redis.LLen(t.Context(), "asynq:{small}:pending").Result(); err != nil || tasks != 0 {
		t.Errorf("%d tasks still wait (%v)", tasks, err)
	}
	h.wantRefusal(h.get(path+"/result", nil), refusal{http.StatusConflict, "result-not-ready", nil, "cancelled"})
	h.queued()

	done := h.submitted(11).ID
	h.finish(h.claimed(), "89")
	h.wantRefusal(h.do(http.MethodPost, "/v1/jobs/"+string(done)+"/cancel", "", nil), refusal{http.StatusConflict, "job-not-cancellable", nil, "ended"})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(10).ID
	path := "/v1/jobs/" + string(id)
	h.wantRefusal(h.do(http.MethodDelete, path, "", nil), refusal{http.StatusConflict, "job-active", nil, "Cancel"})
	a := h.claimed()
	h.finish(a, manyDigits)
	blob := fmt.Sprintf("%s/%s/%s-%d.txt", a.Run.Fingerprint.Shard(), a.Run.Fingerprint, a.Run.ID, a.Number)
	other := decode[api.Job](t, h.want(h.submit(10, nil), http.StatusOK))
	if r := h.want(h.do(http.MethodDelete, path, "", nil), http.StatusNoContent); len(r.body) != 0 {
		t.Errorf("a 204 has a body: %s", r.body)
	}
	h.wantRefusal(h.get(path, nil), refusal{http.StatusNotFound, "not-found", nil, string(id)})
	h.want(h.get(*other.Links.Result, nil), http.StatusOK)
	h.want(h.do(http.MethodDelete, other.Links.Self, "", nil), http.StatusNoContent)
	if r, err := h.results.Reader(t.Context(), blob, int64(len(manyDigits))); job.CodeOf(err) != job.ResultGone {
		t.Errorf("the digits of the last job are still there: %v, %v", r, err)
	}
	h.submitted(10) // computed anew
}

func TestSubmissionSurvivesAFailingQueue(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Queue = brokenQueue{} })
	id := h.submitted(10).ID
	if got := h.job(id); got.State != job.Queued {
		t.Errorf("the job is %s", got.State)
	}
	if !strings.Contains(h.log.String(), "run not queued") {
		t.Errorf("nobody is told:\n%s", h.log)
	}
	h.want(h.do(http.MethodPost, "/v1/jobs/"+string(id)+"/cancel", "", nil), http.StatusOK)
}

func TestWithoutRedisTheAnswerIsTryAgain(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	h := startOn(t, s.URL())
	id := h.submitted(10).ID
	s.Kill()
	path := "/v1/jobs/" + string(id)
	for name, ask := range map[string]func(*harness) reply{
		"submit": func(h *harness) reply { return h.submit(11, nil) },
		"get":    func(h *harness) reply { return h.get(path, nil) },
		"list":   func(h *harness) reply { return h.get("/v1/jobs", nil) },
		"result": func(h *harness) reply { return h.get(path+"/result", nil) },
		"cancel": func(h *harness) reply { return h.do(http.MethodPost, path+"/cancel", "", nil) },
		"delete": func(h *harness) reply { return h.do(http.MethodDelete, path, "", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			r := ask(h)
			h.wantRefusal(r, refusal{http.StatusServiceUnavailable, "temporary-reduced-capacity", nil, "try again"})
			if r.Header.Get("Retry-After") == "" {
				t.Error("there is no Retry-After")
			}
		})
	}
}
