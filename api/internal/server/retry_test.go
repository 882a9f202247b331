package server_test

import (
	"net/http"
	"testing"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

func (h *harness) retry(id job.ID, headers header) reply {
	h.t.Helper()
	return h.do(http.MethodPost, "/v1/jobs/"+string(id)+"/retry", "", headers)
}

func TestRetry(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"function":"factorial","args":{"n":20},"labels":{"run":"a"},"priority":"low","max_attempts":1,"deadline_seconds":600}`
	first := decode[api.Job](t, h.want(h.post(body, nil), http.StatusAccepted))
	h.wantRefusal(h.retry(first.ID, nil), refusal{http.StatusConflict, "job-active", nil, "cancel it first"})
	if _, _, err := h.records.Fail(t.Context(), h.claimed(), job.Failure{Code: "verification-failed", Detail: "It does not hold."}, true); err != nil {
		t.Fatal(err)
	}
	if got := h.job(first.ID); got.State != job.Failed || got.Links.Retry == nil || got.Links.Cancel != nil {
		t.Fatalf("the job is %+v", got)
	}
	r := h.want(h.retry(first.ID, header{"Idempotency-Key": "again"}), http.StatusAccepted)
	got := decode[api.Job](t, r)
	if got.ID == first.ID || got.RetryOf == nil || *got.RetryOf != first.ID || got.State != job.Queued || got.Args["n"] != "20" || got.Labels["run"] != "a" ||
		got.Priority != job.Low || got.MaxAttempts != 1 || got.Deadline != nil || got.Queue.Name != "small-low" || r.Header.Get("Location") != got.Links.Self {
		t.Errorf("the new job is %s", r.body)
	}
	if read := h.job(got.ID); read.RetryOf == nil || *read.RetryOf != first.ID {
		t.Errorf("as read it is %+v", read)
	}
	if again := decode[api.Job](t, h.want(h.retry(first.ID, header{"Idempotency-Key": "again"}), http.StatusAccepted)); again.ID != got.ID {
		t.Errorf("the same key makes another job, %s", again.ID)
	}
	h.finish(h.claimed(), "2432902008176640000")
	// One that has succeeded is tried again as well, and has its result at once.
	r = h.want(h.retry(got.ID, nil), http.StatusAccepted)
	if hit := decode[api.Job](t, r); hit.State != job.Succeeded || *hit.RetryOf != got.ID || hit.Result.Cache != job.Hit {
		t.Errorf("the retry of a finished job is %s", r.body)
	}
	if old := h.job(first.ID); old.State != job.Failed {
		t.Errorf("the first job is %s by now", old.State)
	}
	h.wantRefusal(h.retry(strangeID, nil), refusal{http.StatusNotFound, "not-found", nil, strangeID})
}

// A retry is admitted like any submission: by today's limits, not by those of then.
func TestRetryIsAdmittedAnew(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t)
	h := startOn(t, url)
	id := h.submitted(30_000_000).ID
	h.want(h.do(http.MethodPost, "/v1/jobs/"+string(id)+"/cancel", "", nil), http.StatusOK)
	stricter := startOn(t, url, func(o *server.Options) { o.Limits.Digits = 1000 })
	r := stricter.retry(id, nil)
	h.wantRefusal(r, refusal{http.StatusUnprocessableEntity, "cost-limit-exceeded", nil, "the limit is 1000"})
	if p := decode[api.Problem](t, r); p.Estimated == nil || p.Limit == nil || p.LargestAdmissible["n"] == "" {
		t.Errorf("the refusal is %s", r.body)
	}
}
