package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

func (h *harness) postBatch(body string, headers header) reply {
	h.t.Helper()
	return h.do(http.MethodPost, "/v1/batches", body, headers)
}

func (h *harness) batch(id job.BatchID) api.Batch {
	h.t.Helper()
	return decode[api.Batch](h.t, h.want(h.get("/v1/batches/"+string(id), nil), http.StatusOK))
}

// jobsBody is a batch of fibonacci(first), fibonacci(first+1) and so on.
func jobsBody(first, jobs int) string {
	texts := make([]string, jobs)
	for i := range texts {
		texts[i] = fmt.Sprintf(`{"function":"fibonacci","args":{"n":%d},"labels":{"n":"%d"}}`, first+i, first+i)
	}
	return `{"jobs":[` + strings.Join(texts, ",") + `],"labels":{"run":"a"}}`
}

func TestBatchThroughItsLife(t *testing.T) {
	t.Parallel()
	h := start(t)
	r := h.want(h.postBatch(jobsBody(100, 5), nil), http.StatusAccepted)
	b := decode[api.Batch](t, r)
	if b.Counts != (job.BatchCounts{Total: 5, Queued: 5}) || b.State != api.BatchActive || b.FinishedAt != nil || b.Labels["run"] != "a" || b.Links.Cancel == nil ||
		r.Header.Get("Location") != "/v1/batches/"+string(b.ID) || r.Header.Get("Location") != b.Links.Self {
		t.Errorf("the batch is %s", r.body)
	}
	list := decode[api.JobList](t, h.want(h.get(b.Links.Jobs, nil), http.StatusOK))
	if len(list.Jobs) != 5 || list.Jobs[0].Batch == nil || *list.Jobs[0].Batch != b.ID {
		t.Errorf("its jobs are %+v", list.Jobs)
	}
	if other := decode[api.JobList](t, h.get("/v1/jobs?batch=batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b", nil)); len(other.Jobs) != 0 {
		t.Errorf("another batch has %d jobs", len(other.Jobs))
	}
	h.finish(h.claimed(), "1")
	h.claimed()
	if got := h.batch(b.ID).Counts; got != (job.BatchCounts{Total: 5, Queued: 3, Running: 1, Succeeded: 1}) {
		t.Errorf("with one running and one done it counts %+v", got)
	}
	for range 2 { // cancelling it again changes nothing
		b = decode[api.Batch](t, h.want(h.do(http.MethodPost, b.Links.Self+"/cancel", "", nil), http.StatusOK))
		if b.Counts != (job.BatchCounts{Total: 5, Succeeded: 1, Cancelled: 4}) || b.State != api.BatchEnded || b.Links.Cancel != nil ||
			b.FinishedAt == nil || b.FinishedAt.Before(b.CreatedAt) {
			t.Errorf("after the cancel it is %+v", b)
		}
	}
	h.wantRefusal(h.get("/v1/batches/x", nil), refusal{http.StatusNotFound, "not-found", nil, "looks like"})
	h.wantRefusal(h.do(http.MethodPost, "/v1/batches/batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b/cancel", "", nil), refusal{http.StatusNotFound, "not-found", nil, "batch_01938f21"})
}

func TestLargeBatch(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.MaxActive = 20_000 })
	const jobs = 10_000
	// Few computations with many jobs each: pricing and queueing happen once for equal ones.
	body := `{"jobs":[` + strings.TrimSuffix(strings.Repeat(`{"function":"factorial","args":{"n":"99999"}},{"function":"fibonacci","args":{"n":"99999"}},`, jobs/2), ",") + `]}`
	b := decode[api.Batch](t, h.want(h.postBatch(body, nil), http.StatusAccepted))
	if b.Counts != (job.BatchCounts{Total: jobs, Queued: jobs}) {
		t.Errorf("it counts %+v", b.Counts)
	}
	if got := len(h.runs); got != 2 {
		t.Errorf("%d runs are queued, want 2", got)
	}
	h.wantRefusal(h.postBatch(body[:len(body)-2]+`,{"function":"fibonacci","args":{"n":"1"}}]}`, nil),
		refusal{http.StatusUnprocessableEntity, "invalid-arguments", []string{"/jobs"}, "1 to 10000"})
	h.wantRefusal(h.postBatch(`{"jobs":[`+strings.Repeat(" ", 8<<20)+`]}`, nil), refusal{http.StatusRequestEntityTooLarge, "body-too-large", nil, "8388608"})
}

// All jobs are good or none is taken.
func TestBadBatches(t *testing.T) {
	t.Parallel()
	h := start(t)
	active := h.submitted(1).ID
	invalid := func(says string, pointers ...string) refusal {
		return refusal{http.StatusUnprocessableEntity, "invalid-arguments", pointers, says}
	}
	const good = `{"function":"fibonacci","args":{"n":5}}`
	for body, want := range map[string]refusal{
		`{}`: invalid("either jobs", ""),
		`{"jobs":[` + good + `],"retry_of":["x"]}`: invalid("either jobs", ""),
		`{"jobs":[]}`:                                 invalid("1 to 10000", "/jobs"),
		`{"jobs":{}}`:                                 invalid("Send an array", "/jobs"),
		`{"jobs":[` + good + `,7]}`:                   invalid("Send an object", "/jobs/1"),
		`{"jobs":[` + good + `],"label":{}}`:          invalid("no member", "/label"),
		`{"jobs":[` + good + `],"labels":{"a b":""}}`: invalid("label", "/labels/a b"),
		`{"jobs":[` + good + `,{"function":"fibonacci","args":{"n":-5}},{"function":"x","args":{}}]}`: invalid("See errors", "/jobs/1/args/n", "/jobs/2/function"),
		`{"jobs":[` + good + `,{"function":"fibonacci","args":{"n":1},"priority":"x","q":1}]}`:        invalid("See errors", "/jobs/1/q", "/jobs/1/priority"),
		`{"jobs":[` + good + `,{"function":"fibonacci","args":{"n":"1e12"}}]}`:                        {422, "cost-limit-exceeded", []string{"/jobs/1"}, "the limit is"},
		`{"jobs":[{"function":"ackermann","args":{"m":4,"n":3}}]}`:                                    {422, "not-representable", []string{"/jobs/0"}, "facts"},
		`{"retry_of":["` + string(active) + `","17","` + strangeID + `"]}`:                            invalid("looks like", "/retry_of/1"),
		`{"retry_of":["` + string(active) + `","` + strangeID + `"]}`:                                 invalid("is queued", "/retry_of/0", "/retry_of/1"),
		`{"retry_of":["` + strangeID + `","` + strangeID + `"]}`:                                      invalid("Name each once", "/retry_of/1"),
		`{"retry_of":[1]}`: invalid("Send a string", "/retry_of/0"),
	} {
		h.wantRefusal(h.postBatch(body, nil), want)
	}
	if p := decode[api.Problem](t, h.postBatch(`{"jobs":[{"function":"fibonacci","args":{"n":"1e12"}}]}`, nil)); p.Estimated == nil || p.Limit == nil || p.LargestAdmissible["n"] == "" {
		t.Errorf("the refusal is %+v", p)
	}
	many := `{"jobs":[` + strings.TrimSuffix(strings.Repeat(`{"function":"x","args":{}},`, 100), ",") + `]}`
	if p := decode[api.Problem](t, h.want(h.postBatch(many, nil), http.StatusUnprocessableEntity)); len(p.Errors) != 20 {
		t.Errorf("%d errors are listed, want 20", len(p.Errors))
	}
	if got := len(decode[api.JobList](t, h.get("/v1/jobs", nil)).Jobs); got != 1 {
		t.Errorf("there are %d jobs, want the one from before", got)
	}
}

func TestBatchesCountAgainstTheQuota(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.MaxActive = 10 })
	h.want(h.postBatch(jobsBody(100, 8), nil), http.StatusAccepted)
	r := h.postBatch(jobsBody(200, 3), nil)
	h.wantRefusal(r, refusal{http.StatusTooManyRequests, "quota-exceeded", nil, "smaller batch"})
	if p := decode[api.Problem](t, r); p.ActiveJobs == nil || *p.ActiveJobs != (api.ActiveJobs{Limit: 10, Current: 8}) || p.Estimated == nil || p.Limit == nil {
		t.Errorf("the refusal is %s", r.body)
	}
	h.want(h.postBatch(jobsBody(300, 2), nil), http.StatusAccepted)
	r = h.submit(1, nil)
	h.wantRefusal(r, refusal{http.StatusTooManyRequests, "quota-exceeded", nil, "10 jobs"})
	p := decode[api.Problem](t, r)
	if *p.ActiveJobs != (api.ActiveJobs{Limit: 10, Current: 10}) || p.Estimated == nil || p.Limit == nil || p.LargestAdmissible["n"] == "" || r.Header.Get("Retry-After") == "" {
		t.Errorf("the refusal is %s", r.body)
	}
}

func TestBatchWithAKey(t *testing.T) {
	t.Parallel()
	h := start(t)
	first := decode[api.Batch](t, h.want(h.postBatch(jobsBody(100, 3), header{"Idempotency-Key": "k"}), http.StatusAccepted))
	r := h.want(h.postBatch(strings.ReplaceAll(jobsBody(100, 3), ":", " : "), header{"Idempotency-Key": `"k"`}), http.StatusAccepted)
	if again := decode[api.Batch](t, r); again.ID != first.ID || r.Header.Get("Idempotency-Replayed") != "true" || r.Header.Get("Location") != first.Links.Self {
		t.Errorf("sent again it is %s with %v", r.body, r.Header)
	}
	h.wantRefusal(h.postBatch(jobsBody(100, 4), header{"Idempotency-Key": "k"}), refusal{http.StatusUnprocessableEntity, "idempotency-key-reused", nil, "new key"})
	if got := len(decode[api.JobList](t, h.get("/v1/jobs", nil)).Jobs); got != 3 {
		t.Errorf("there are %d jobs, want 3", got)
	}
}

func TestRetryOfMany(t *testing.T) {
	t.Parallel()
	h := start(t)
	b := decode[api.Batch](t, h.want(h.postBatch(jobsBody(100, 3), nil), http.StatusAccepted))
	h.want(h.do(http.MethodPost, *b.Links.Cancel, "", nil), http.StatusOK)
	var ids []string
	for _, j := range decode[api.JobList](t, h.get(b.Links.Jobs, nil)).Jobs {
		ids = append(ids, `"`+string(j.ID)+`"`)
	}
	again := decode[api.Batch](t, h.want(h.postBatch(`{"retry_of":[`+strings.Join(ids, ",")+`]}`, nil), http.StatusAccepted))
	if again.Counts != (job.BatchCounts{Total: 3, Queued: 3}) {
		t.Errorf("the new batch counts %+v", again.Counts)
	}
	for _, j := range decode[api.JobList](t, h.get(again.Links.Jobs, nil)).Jobs {
		if j.RetryOf == nil || !strings.Contains(strings.Join(ids, ","), string(*j.RetryOf)) || j.Labels["n"] != j.Args["n"] || *j.Batch != again.ID {
			t.Errorf("a new job is %+v", j)
		}
	}
}

func TestBatchesAreListed(t *testing.T) {
	t.Parallel()
	h := start(t)
	var want []job.BatchID
	for i := range 3 {
		want = append([]job.BatchID{decode[api.Batch](t, h.want(h.postBatch(jobsBody(100*i, 1), nil), http.StatusAccepted)).ID}, want...)
	}
	var got []job.BatchID
	for token, pages := "", 0; pages == 0 || token != ""; pages++ {
		page := decode[api.BatchList](t, h.want(h.get("/v1/batches?page_size=2&page_token="+token, nil), http.StatusOK))
		for _, b := range page.Batches {
			got = append(got, b.ID)
		}
		token = page.NextPageToken
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for query, name := range map[string]string{"page_size=-1": "malformed", "page_token=x": "invalid-page-token", "state=ended": "malformed"} {
		if p := decode[api.Problem](t, h.want(h.get("/v1/batches?"+query, nil), http.StatusBadRequest)); p.Type != "/problems/"+name {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

// A batch of which one job is refused in the end leaves none to run.
func TestBatchWithAPoisonousJob(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.poison(150)
	r := h.postBatch(jobsBody(100, 100), header{"Idempotency-Key": "k"})
	h.wantRefusal(r, refusal{http.StatusUnprocessableEntity, "computation-refused", []string{"/jobs/50"}, "three workers"})
	if r.Header.Get("Retry-After") == "" {
		t.Error("the refusal does not say when to try again")
	}
	if list := decode[api.JobList](t, h.get("/v1/jobs?state=queued", nil)); len(list.Jobs) != 0 {
		t.Errorf("%d jobs of the batch wait to run", len(list.Jobs))
	}
	h.want(h.postBatch(jobsBody(100, 50), header{"Idempotency-Key": "k"}), http.StatusAccepted) // the refusal was not kept
}

// poison makes fibonacci(n) lose workers until it is refused.
func (h *harness) poison(n int) {
	h.t.Helper()
	h.submitted(n)
	run := h.queued()
	for tries := 0; ; tries++ {
		a, ok, err := h.records.Claim(h.t.Context(), run, "worker-1", true)
		if err != nil || !ok {
			h.t.Fatalf("claim: %v, %v", ok, err)
		}
		loss, err := h.records.Lose(h.t.Context(), a)
		if err != nil || tries > 10 {
			h.t.Fatalf("lose: %v, %v", loss, err)
		}
		if loss == store.LossPoisoned {
			return
		}
	}
}

func TestPoisonedComputationsAreRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.poison(150)
	r := h.submit(150, nil)
	h.wantRefusal(r, refusal{http.StatusUnprocessableEntity, "computation-refused", nil, "Try again after that"})
	if seconds, err := time.ParseDuration(r.Header.Get("Retry-After") + "s"); err != nil || seconds < time.Minute || seconds > time.Hour {
		t.Errorf("Retry-After is %q", r.Header.Get("Retry-After"))
	}
}
