package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// describe lets a worker live and say what it does.
func (h *harness) describe(name string, d store.Description) {
	h.t.Helper()
	if err := h.records.Beat(h.t.Context(), name); err != nil {
		h.t.Fatal(err)
	}
	if err := h.records.Describe(h.t.Context(), name, d); err != nil {
		h.t.Fatal(err)
	}
}

func TestQueues(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.submitted(10)
	h.submitted(11)
	h.describe("w1", store.Description{Queues: map[string]store.QueueSample{"small": {WaitsMillis: []float64{1, 2, 3, 4, 5}}}})
	h.describe("w2", store.Description{Queues: map[string]store.QueueSample{"small": {WaitsMillis: []float64{6, 7, 8, 9, 100.126}}, "huge-low": {}}})
	got := decode[api.QueueList](t, h.want(h.get("/v1/queues", nil), http.StatusOK)).Queues
	if len(got) != 9 {
		t.Fatalf("%d queues, want 9", len(got))
	}
	for _, q := range got {
		if q.Name != "small" {
			if q.Depth != 0 || q.OldestAgeSeconds != nil || q.WaitMS != nil {
				t.Errorf("%s is %+v, want it empty", q.Name, q)
			}
			continue
		}
		if q.OldestAgeSeconds == nil || *q.OldestAgeSeconds < 0 || *q.OldestAgeSeconds > 60 {
			t.Errorf("the oldest age is %v", q.OldestAgeSeconds)
		}
		q.OldestAgeSeconds = nil
		want := api.Queue{Name: "small", Class: job.Small, Priority: job.Standard, Depth: 2, WaitMS: &api.WaitTimes{P50: 5, P95: 100.13}}
		if diff := cmp.Diff(want, q); diff != "" {
			t.Errorf("small (-want +got):\n%s", diff)
		}
	}
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	h := start(t)
	if got := decode[api.WorkerList](t, h.want(h.get("/v1/workers", nil), http.StatusOK)); len(got.Workers) != 0 || got.Workers == nil {
		t.Errorf("without workers: %+v", got)
	}
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h.describe("b", store.Description{
		Capacity: store.Capacity{Threads: 4, MemoryBytes: 1 << 40}, StartedAt: since, Host: "mill", Draining: true,
		Held: []store.Holding{{Fingerprint: "abc", Run: "r", Queue: "large", Attempt: 2, Since: since, Function: "fibonacci", Args: map[string]string{"n": "7"}}},
	})
	h.describe("a", store.Description{StartedAt: since, Host: "mill"})
	got := decode[api.WorkerList](t, h.want(h.get("/v1/workers", nil), http.StatusOK))
	want := api.WorkerList{Workers: []api.Worker{
		{Name: "a", Host: "mill", StartedAt: since, MemoryBytes: "0", Jobs: []api.WorkerJob{}},
		{Name: "b", Host: "mill", StartedAt: since, Draining: true, Threads: 4, MemoryBytes: "1099511627776", Jobs: []api.WorkerJob{
			{Computation: "abc", Run: "r", Attempt: 2, Queue: "large", Function: "fibonacci", Args: map[string]string{"n": "7"}, Since: since},
		}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workers (-want +got):\n%s", diff)
	}
}

func TestQueuesAndWorkersWithoutRedis(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	h := startOn(t, s.URL())
	s.Kill()
	for _, path := range []string{"/v1/queues", "/v1/workers"} {
		h.wantRefusal(h.get(path, nil), refusal{http.StatusServiceUnavailable, "temporary-reduced-capacity", nil, "Redis"})
	}
}
