package server_test

import (
	"bytes"
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// soon runs f beside the test and returns its answer's channel.
func soon(f func() reply) <-chan reply {
	answer := make(chan reply, 1)
	go func() { answer <- f() }()
	return answer
}

func (h *harness) await(answer <-chan reply) reply {
	h.t.Helper()
	select {
	case r := <-answer:
		return r
	case <-time.After(patience):
		h.t.Fatal("the long poll does not end")
		return reply{}
	}
}

// waiting returns once requests wait for a change of the job: its channel in Redis is heard, and they have read the record. Whether
// one has subscribed before or after a change makes no difference to what it answers, so this need not be exact.
func (h *harness) waiting() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		n, err := h.redis.PubSubNumSub(ctx, "nm:changes").Result()
		if err != nil {
			h.t.Fatal(err)
		}
		if n["nm:changes"] > 0 {
			return
		}
	}
}

func TestSubmitWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	h := start(t)
	answer := soon(func() reply { return h.submit(10, header{"Prefer": "respond-async, wait=30"}) })
	a := h.claimed()
	h.waiting()
	h.finish(a, "55")
	r := h.want(h.await(answer), http.StatusOK)
	if got := decode[api.Job](t, r); got.State != job.Succeeded || *got.Result.Leading != "55" || got.Result.Cache != job.Miss {
		t.Errorf("the answer is %s", r.body)
	}
	if got := r.Header.Get("Preference-Applied"); got != "wait=30" {
		t.Errorf("Preference-Applied is %q", got)
	}
}

// TestTheEndIsNotRead counts what the server asks Redis for while a client waits: the message of the end says what reading would.
func TestTheEndIsNotRead(t *testing.T) {
	t.Parallel()
	url, counter := redistest.Start(t), &tripCounter{}
	rdb, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	h := startOn(t, url, func(o *server.Options) { o.Records = store.New(rdb) })
	h.want(h.submit(1, nil), http.StatusAccepted) // it loads the script
	h.claimed()
	h.waiting()
	rdb.AddHook(counter)
	first := soon(func() reply { return h.submit(10, header{"Prefer": "wait=30"}) })
	a := h.claimed()
	second := h.in(t)
	joined := soon(func() reply { return second.submit(10, header{"Prefer": "wait=30"}) })
	for begun := time.Now(); counter.trips.Load() < 2; runtime.Gosched() {
		if time.Since(begun) > patience {
			t.Fatal("the second job is not taken")
		}
	}
	p := job.Progress{Phase: job.PhaseCompute, PhaseIndex: 1, PhaseCount: 3, Percent: 50, UpdatedAt: time.Now()}
	if _, err := h.records.Report(t.Context(), a, p); err != nil {
		t.Fatal(err)
	}
	h.finish(a, "55")
	answers := []reply{h.want(h.await(first), http.StatusOK), h.want(h.await(joined), http.StatusOK)}
	if got := counter.trips.Load(); got != 2 {
		t.Errorf("%d round trips, want one for each job", got)
	}
	for _, r := range answers {
		if read := h.get(r.Header.Get("Location"), nil); !bytes.Equal(r.body, read.body) || r.Header.Get("ETag") != read.Header.Get("ETag") {
			t.Errorf("the end is told as\n%s\nand then read as\n%s", r.body, read.body)
		}
	}
}

func TestSubmitStopsWaiting(t *testing.T) {
	t.Parallel()
	h := start(t)
	r := h.want(h.submit(10, header{"Prefer": "wait=1"}), http.StatusAccepted)
	if got := decode[api.Job](t, r); got.State != job.Queued || r.Header.Get("Preference-Applied") != "wait=1" || r.Header.Get("Retry-After") == "" {
		t.Errorf("the answer is %v %s", r.Header, r.body)
	}
}

func TestPreferenceApplied(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(10).ID
	h.finish(h.claimed(), "55") // so that nothing waits
	for prefer, want := range map[string]string{
		"":                             "",
		"wait=10":                      "wait=10",
		"WAIT = 10":                    "wait=10",
		`wait="7"`:                     "wait=7",
		"respond-async":                "",
		"respond-async, wait=5; x=y":   "wait=5",
		"wait=0":                       "wait=0",
		"wait=61":                      "wait=60",
		"wait=99999999999999999999999": "wait=60",
		"wait=-1":                      "",
		"wait=soon":                    "",
		"wait":                         "",
		"wait=x, wait=3":               "wait=3",
	} {
		r := h.want(h.get("/v1/jobs/"+string(id), header{"Prefer": prefer}), http.StatusOK)
		if got := r.Header.Get("Preference-Applied"); got != want {
			t.Errorf("Prefer: %s applies %q, want %q", prefer, got, want)
		}
	}
}

func TestGetWithETag(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID)
	etag := h.get(path, nil).Header.Get("ETag")
	for given, want := range map[string]int{
		etag: http.StatusNotModified, strings.TrimPrefix(etag, "W/"): http.StatusNotModified, `"other", ` + etag: http.StatusNotModified,
		"*": http.StatusNotModified, `"other"`: http.StatusOK, "other": http.StatusOK,
	} {
		r := h.want(h.get(path, header{"If-None-Match": given}), want)
		if r.Header.Get("ETag") != etag || r.Header.Get("Retry-After") == "" || (want == http.StatusNotModified && len(r.body) > 0) {
			t.Errorf("If-None-Match: %s: %v %q", given, r.Header, r.body)
		}
	}
	a := h.claimed()
	running := h.want(h.get(path, header{"If-None-Match": etag}), http.StatusOK).Header.Get("ETag")
	p := job.Progress{Phase: job.PhaseCompute, PhaseIndex: 1, PhaseCount: 3, Percent: 1, UpdatedAt: time.Now()}
	if _, err := h.records.Report(t.Context(), a, p); err != nil {
		t.Fatal(err)
	}
	reported := h.want(h.get(path, header{"If-None-Match": running}), http.StatusOK).Header.Get("ETag")
	h.finish(a, "55")
	ended := h.want(h.get(path, header{"If-None-Match": reported}), http.StatusOK).Header.Get("ETag")
	tags := map[string]bool{etag: true, running: true, reported: true, ended: true}
	if len(tags) != 4 {
		t.Errorf("the tags are not all different: %s %s %s %s", etag, running, reported, ended)
	}
	// It cannot change any more, so that there is nothing to wait for.
	h.want(h.get(path, header{"If-None-Match": ended, "Prefer": "wait=60"}), http.StatusNotModified)
}

func TestGetWaitsForAChange(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID)
	etag := h.get(path, nil).Header.Get("ETag")
	answer := soon(func() reply { return h.get(path, header{"If-None-Match": etag, "Prefer": "wait=60"}) })
	h.waiting()
	a := h.claimed()
	if got := decode[api.Job](t, h.want(h.await(answer), http.StatusOK)); got.State != job.Running {
		t.Errorf("the answer is a job in state %s", got.State)
	}
	etag = h.get(path, nil).Header.Get("ETag")
	h.want(h.get(path, header{"If-None-Match": etag, "Prefer": "wait=1"}), http.StatusNotModified)
	h.finish(a, "55")
}

func TestGetWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID)
	answer := soon(func() reply { return h.get(path, header{"Prefer": "wait=60"}) })
	h.waiting()
	a := h.claimed() // a change, but not the end
	h.finish(a, "55")
	if got := decode[api.Job](t, h.want(h.await(answer), http.StatusOK)); got.State != job.Succeeded {
		t.Errorf("the answer is a job in state %s", got.State)
	}
}

func TestCancelEndsTheWait(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID)
	answer := soon(func() reply { return h.get(path, header{"Prefer": "wait=60"}) })
	h.waiting()
	h.want(h.do(http.MethodPost, path+"/cancel", "", nil), http.StatusOK)
	if got := decode[api.Job](t, h.want(h.await(answer), http.StatusOK)); got.State != job.Cancelled {
		t.Errorf("the answer is a job in state %s", got.State)
	}
}

func TestNobodyWaitsForAJobThatIsNot(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.wantRefusal(h.get("/v1/jobs/"+strangeID, header{"Prefer": "wait=60"}), refusal{http.StatusNotFound, "not-found", nil, strangeID})
}

func TestDrainEndsTheWaitEarly(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID)
	etag := h.get(path, nil).Header.Get("ETag")
	whole := soon(func() reply { return h.get(path, header{"Prefer": "wait=60"}) })
	conditional := soon(func() reply { return h.get(path, header{"Prefer": "wait=60", "If-None-Match": etag}) })
	h.waiting()
	h.server.Drain()
	if got := decode[api.Job](t, h.want(h.await(whole), http.StatusOK)); got.State != job.Queued {
		t.Errorf("the answer is a job in state %s", got.State)
	}
	h.want(h.await(conditional), http.StatusNotModified)
}

func TestAClientThatGoesAwayCancelsNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/v1/jobs", strings.NewReader(`{"function":"fibonacci","args":{"n":10}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Prefer", "wait=60")
	gone := make(chan error, 1)
	go func() {
		res, err := h.client.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		gone <- err
	}()
	a := h.claimed()
	leave()
	if err := <-gone; err == nil {
		t.Error("the request was answered after all")
	}
	h.finish(a, "55")
	page := decode[api.JobList](t, h.want(h.get("/v1/jobs", nil), http.StatusOK))
	if len(page.Jobs) != 1 || page.Jobs[0].State != job.Succeeded {
		t.Errorf("the jobs are %+v", page.Jobs)
	}
}
