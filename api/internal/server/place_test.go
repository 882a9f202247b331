package server_test

import (
	"net/http"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

func TestPlacesInTheQueue(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.places()
	first, second := h.submitted(1000).ID, h.submitted(1001).ID
	h.staffed(1)
	position := func(id job.ID) string {
		t.Helper()
		if p := h.job(id).Queue.Position; p != nil {
			return *p
		}
		return "unknown"
	}
	if got := position(first) + position(second); got != "01" {
		t.Errorf("the places are %s, want 0 and 1", got)
	}
	if q := h.job(first).Queue; q.WaitEstimateSeconds == nil || *q.WaitEstimateSeconds != (api.Seconds{0, 0}) {
		t.Errorf("the first waits %v though a place is free", q.WaitEstimateSeconds)
	}
	for _, j := range decode[api.JobList](t, h.get("/v1/jobs", nil)).Jobs {
		if j.Queue.Position != nil || j.Queue.Name != "small" {
			t.Errorf("in the list a job is at %v of %s", j.Queue.Position, j.Queue.Name)
		}
	}
	s := h.follow(second, "")
	if e := s.next(api.EventState); e.Job.Queue.Position == nil || *e.Job.Queue.Position != "1" {
		t.Errorf("the snapshot's place is %+v", e.Job.Queue)
	}
	h.want(h.do(http.MethodPost, "/v1/jobs/"+string(first)+"/cancel", "", nil), http.StatusOK)
	if got := h.job(first).Queue; got.Position != nil || got.WaitEstimateSeconds != nil {
		t.Errorf("once it has ended a job is at %+v", got)
	}
	// The new place is told without an id: it is no change of the job.
	if e := s.next(api.EventState); e.ID != "" || e.Job.Queue.Position == nil || *e.Job.Queue.Position != "0" || e.Job.Version != "1" {
		t.Errorf("the new place came as %+v of %+v", e, e.Job)
	}
	h.queued()
	h.claimed()
	if q := h.job(second).Queue; *q.Position != "0" || *q.WaitEstimateSeconds != (api.Seconds{0, 0}) {
		t.Errorf("while it runs it is at %+v", q)
	}
}

// staffed lets the server see a worker with so many places of each class.
func (h *harness) staffed(places int) {
	h.t.Helper()
	d := store.Description{Capacity: store.Capacity{Threads: 1, MemoryBytes: 1 << 40}, Queues: map[string]store.QueueSample{}}
	for _, name := range []string{"small", "large", "huge"} {
		d.Queues[name] = store.QueueSample{Slots: places}
	}
	if err := h.records.Beat(h.t.Context(), "staff"); err != nil {
		h.t.Fatal(err)
	}
	if err := h.records.Describe(h.t.Context(), "staff", d); err != nil {
		h.t.Fatal(err)
	}
	if err := h.fleet.Refresh(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func TestEstimatesTellTheWait(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"function":"fibonacci","args":{"n":"1000"}}`
	if got := h.estimate(body).QueueWaitSeconds; got != nil {
		t.Errorf("without a worker the wait is %v", got)
	}
	h.staffed(1)
	if got := h.estimate(body).QueueWaitSeconds; got == nil || *got != (api.Seconds{0, 0}) {
		t.Errorf("with a free place the wait is %v", got)
	}
	if got := decode[api.Job](t, h.submit(1000, nil)).Queue; got.WaitEstimateSeconds == nil || *got.WaitEstimateSeconds != (api.Seconds{0, 0}) {
		t.Errorf("a job that arrives is told %+v", got)
	}
	if got := h.estimate(`{"function":"ackermann","args":{"m":4,"n":3}}`).QueueWaitSeconds; got != nil {
		t.Errorf("what has no price waits %v", got)
	}
}

// A Redis that is nearly full takes no new jobs, while those that it has go on.
func TestAFullRedisTakesNoMore(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t, redistest.Setting("maxmemory", "64mb"), redistest.Setting("maxmemory-policy", "noeviction"))
	h := startOn(t, url)
	id := h.submitted(1000).ID
	for range 57 {
		if err := h.redis.RPush(t.Context(), "ballast", strings.Repeat("x", 1_000_000)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	refresh := func() {
		t.Helper()
		if err := h.fleet.RefreshMemory(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	refresh()
	full := refusal{http.StatusServiceUnavailable, "temporary-reduced-capacity", nil, "15 %"}
	for _, r := range []reply{h.submit(7, nil), h.postBatch(jobsBody(1, 1), nil)} {
		h.wantRefusal(r, full)
		if r.Header.Get("Retry-After") == "" {
			t.Error("the refusal does not say when to try again")
		}
	}
	h.finish(h.claimed(), "55")
	if got := h.job(id); got.State != job.Succeeded {
		t.Errorf("the job from before is %s", got.State)
	}
	h.want(h.do(http.MethodDelete, "/v1/jobs/"+string(id), "", nil), http.StatusNoContent)
	if err := h.redis.Del(t.Context(), "ballast").Err(); err != nil {
		t.Fatal(err)
	}
	refresh()
	h.want(h.submit(7, nil), http.StatusAccepted)
}
