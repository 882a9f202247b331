package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/job"
)

// posted submits a batch and returns it with its ETag.
func (h *harness) posted(body string) (api.Batch, string) {
	h.t.Helper()
	r := h.want(h.postBatch(body, nil), http.StatusAccepted)
	return decode[api.Batch](h.t, r), r.Header.Get("ETag")
}

func TestBatchETag(t *testing.T) {
	t.Parallel()
	h := start(t)
	b, etag := h.posted(jobsBody(100, 2))
	if !strings.HasPrefix(etag, `W/"`) {
		t.Errorf("the ETag is %q, want a weak one", etag)
	}
	r := h.want(h.get(b.Links.Self, header{"If-None-Match": etag}), http.StatusNotModified)
	if len(r.body) != 0 || r.Header.Get("ETag") != etag || r.Header.Get("Preference-Applied") != "" {
		t.Errorf("unchanged it is %q with %v", r.body, r.Header)
	}
	r = h.want(h.get(b.Links.Self, header{"If-None-Match": etag, "Prefer": "wait=0"}), http.StatusNotModified)
	if r.Header.Get("Preference-Applied") != "wait=0" {
		t.Errorf("Preference-Applied is %q", r.Header.Get("Preference-Applied"))
	}
	head := h.want(h.do(http.MethodHead, b.Links.Self, "", nil), http.StatusOK)
	if len(head.body) != 0 || head.Header.Get("ETag") != etag {
		t.Errorf("HEAD is answered %q with %v", head.body, head.Header)
	}
	h.finish(h.claimed(), "1")
	r = h.want(h.get(b.Links.Self, header{"If-None-Match": etag}), http.StatusOK)
	if got := decode[api.Batch](t, r).Counts; got != (job.BatchCounts{Total: 2, Queued: 1, Succeeded: 1}) || r.Header.Get("ETag") == etag {
		t.Errorf("with one done it counts %+v, ETag %s", got, r.Header.Get("ETag"))
	}
	cancelled := h.want(h.do(http.MethodPost, b.Links.Self+"/cancel", "", nil), http.StatusOK)
	h.want(h.get(b.Links.Self, header{"If-None-Match": cancelled.Header.Get("ETag"), "Prefer": "wait=60"}), http.StatusNotModified) // at once: it has ended
}

func TestWaitForABatch(t *testing.T) {
	t.Parallel()
	h := start(t)
	b, etag := h.posted(jobsBody(100, 2))
	end := soon(func() reply { return h.get(b.Links.Self, header{"Prefer": "wait=60"}) })
	change := soon(func() reply { return h.get(b.Links.Self, header{"Prefer": "wait=60", "If-None-Match": etag}) })
	h.finish(h.claimed(), "1")
	r := h.want(h.await(change), http.StatusOK)
	if got := decode[api.Batch](t, r).Counts; got != (job.BatchCounts{Total: 2, Queued: 1, Succeeded: 1}) || r.Header.Get("Preference-Applied") != "wait=60" {
		t.Errorf("after the change it counts %+v with %v", got, r.Header)
	}
	running := soon(func() reply {
		return h.get(b.Links.Self, header{"Prefer": "wait=60", "If-None-Match": r.Header.Get("ETag")})
	})
	a := h.claimed() // which nobody is told of
	r = h.want(h.await(running), http.StatusOK)
	if got := decode[api.Batch](t, r).Counts; got != (job.BatchCounts{Total: 2, Running: 1, Succeeded: 1}) {
		t.Errorf("with one running it counts %+v", got)
	}
	select {
	case r := <-end:
		t.Fatalf("answered before the end: %s", r.body)
	default:
	}
	h.finish(a, "1")
	if got := decode[api.Batch](t, h.want(h.await(end), http.StatusOK)); got.Counts != (job.BatchCounts{Total: 2, Succeeded: 2}) || got.State != api.BatchEnded {
		t.Errorf("at the end it is %+v", got)
	}
}

func TestWaitsForABatchEnd(t *testing.T) {
	t.Parallel()
	h := start(t)
	b, etag := h.posted(jobsBody(100, 1))
	r := h.want(h.get(b.Links.Self, header{"Prefer": "wait=1"}), http.StatusOK)
	if got := decode[api.Batch](t, r); got.State != api.BatchActive || r.Header.Get("Preference-Applied") != "wait=1" {
		t.Errorf("when the wait is over it is %+v with %v", got, r.Header)
	}
	h.want(h.get(b.Links.Self, header{"Prefer": "wait=1", "If-None-Match": etag}), http.StatusNotModified)
	waiting := soon(func() reply { return h.get(b.Links.Self, header{"Prefer": "wait=60"}) })
	h.server.Drain()
	h.want(h.await(waiting), http.StatusOK)
	h.wantRefusal(h.get("/v1/batches/batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b", header{"Prefer": "wait=60"}),
		refusal{http.StatusNotFound, "not-found", nil, "batch_01938f21"})
}

// What the answer to a submission counts is what its jobs have met.
func TestABatchCountsWhatItMeets(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.submitted(100)
	h.finish(h.claimed(), "1")
	h.submitted(101)
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	one := func(n int, rest string) string {
		return fmt.Sprintf(`{"function":"fibonacci","args":{"n":%d}%s}`, n, rest)
	}
	// A hit, one that joins another's, two that are the same, one for later, and one with a deadline.
	jobs := []string{one(100, ""), one(101, ""), one(102, ""), one(102, ""), one(103, `,"run_at":"`+later+`"`), one(104, `,"deadline_seconds":3600`)}
	b, etag := h.posted(`{"jobs":[` + strings.Join(jobs, ",") + `]}`)
	want := job.BatchCounts{Total: 6, Scheduled: 1, Queued: 4, Succeeded: 1}
	if b.Counts != want || b.State != api.BatchActive {
		t.Errorf("it counts %+v, want %+v", b.Counts, want)
	}
	h.want(h.get(b.Links.Self, header{"If-None-Match": etag}), http.StatusNotModified)
	for range 3 {
		h.finish(h.claimed(), "1")
	}
	if got, want := h.batch(b.ID).Counts, (job.BatchCounts{Total: 6, Scheduled: 1, Succeeded: 5}); got != want {
		t.Errorf("then it counts %+v, want %+v", got, want)
	}
	hits, _ := h.posted(`{"jobs":[` + strings.Join(jobs[:4], ",") + `]}`)
	if hits.Counts != (job.BatchCounts{Total: 4, Succeeded: 4}) || hits.State != api.BatchEnded || hits.Links.Cancel != nil {
		t.Errorf("a batch of hits is %+v", hits)
	}
}

// Of a large batch the ends are counted exactly at any time, and all counts add up.
func TestALargeBatchIsCounted(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.MaxActive = 20_000 })
	const jobs = 1200
	b, _ := h.posted(jobsBody(100, jobs))
	first := h.batch(b.ID).Counts
	if first != (job.BatchCounts{Total: jobs, Queued: jobs}) {
		t.Errorf("it counts %+v", first)
	}
	for done := int64(1); done <= 5; done++ {
		h.finish(h.claimed(), "1")
		if got := h.batch(b.ID).Counts; got.Succeeded != done || got.Queued+got.Running != jobs-done {
			t.Errorf("with %d done it counts %+v", done, got)
		}
	}
	h.want(h.do(http.MethodPost, b.Links.Self+"/cancel", "", nil), http.StatusOK)
	if got := h.batch(b.ID).Counts; got != (job.BatchCounts{Total: jobs, Succeeded: 5, Cancelled: jobs - 5}) {
		t.Errorf("cancelled it counts %+v", got)
	}
	stats, err := h.tasks.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stats {
		if s.Pending > 5 { // those that were claimed by hand
			t.Errorf("%d tasks wait in %s", s.Pending, s.Name)
			for line := range strings.Lines(h.log.String()) {
				if strings.Contains(line, "not all taken out") {
					t.Log(line)
				}
			}
		}
	}
}
