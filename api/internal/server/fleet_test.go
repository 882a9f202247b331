package server_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/store"
)

// worker says what a living worker can do, and lets the server see it.
func (h *harness) worker(name string, c store.Capacity) {
	h.t.Helper()
	if err := h.records.Beat(h.t.Context(), name); err != nil {
		h.t.Fatal(err)
	}
	if err := h.records.Describe(h.t.Context(), name, store.Description{Capacity: c}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.fleet.Refresh(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func cost(t *testing.T, e api.Estimate) float64 {
	t.Helper()
	if e.Cost.Estimated == nil {
		t.Fatalf("there is no cost in %+v", e)
	}
	x, err := strconv.ParseFloat(*e.Cost.Estimated, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// slowed is a machine so many times slower than the built-in one.
func slowed(times float64) *function.Machine {
	m := function.Reference(false)
	m.UnitNanos, m.FarUnitNanos = times*m.UnitNanos, times*m.FarUnitNanos
	m.DigitNanos, m.StepNanos, m.Gain = times*m.DigitNanos, times*m.StepNanos, 1
	return &m
}

func TestEstimatesGoByTheWorkers(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"function":"fibonacci","args":{"n":"1e7"}}`
	builtIn := h.estimate(body)
	within := func(got, want float64) bool { return got > 0.5*want && got < 1.1*want }
	h.worker("unmeasured", store.Capacity{Threads: 1, MemoryBytes: 1 << 40})
	if got := h.estimate(body); cost(t, got) != cost(t, builtIn) || *got.Seconds != *builtIn.Seconds {
		t.Errorf("before any worker is measured: got %+v, want the built-in %+v", got, builtIn)
	}
	h.worker("slow", store.Capacity{Threads: 2, MemoryBytes: 1 << 40, Machine: slowed(10)})
	slow := h.estimate(body)
	if got, want := cost(t, slow), 10*cost(t, builtIn); !within(got, want) {
		t.Errorf("on a machine ten times slower: got %v ms, want about %v", got, want)
	}
	if got, want := slow.Seconds[0], 10*builtIn.Seconds[0]; got >= want || got < want/4 {
		t.Errorf("on two threads: got %v seconds, want less than %v", got, want)
	}
	h.worker("fast", store.Capacity{Threads: 2, MemoryBytes: 1 << 40, Machine: slowed(0.5)})
	if got := h.estimate(body); cost(t, got) != cost(t, slow) {
		t.Errorf("beside a faster one: got %v ms, want %v as before", cost(t, got), cost(t, slow))
	}
	broken := slowed(1)
	broken.UnitNanos = -1
	h.worker("slow", store.Capacity{Threads: 2, MemoryBytes: 1 << 40, Machine: broken})
	h.worker("fast", store.Capacity{Threads: 2, MemoryBytes: 1 << 40, Machine: broken})
	if got := h.estimate(body); cost(t, got) != cost(t, builtIn) {
		t.Errorf("by constants that cannot be: got %v ms, want the built-in %v", cost(t, got), cost(t, builtIn))
	}
}

// A job that no worker has the memory for is refused at once.
func TestAdmissionGoesByTheLargestWorker(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"function":"fibonacci","args":{"n":"1e7"}}`
	peak, err := strconv.ParseInt(*h.estimate(body).PeakBytes, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	h.worker("small", store.Capacity{Threads: 1, MemoryBytes: peak - 1})
	if e := h.estimate(body); e.Admissible || e.Reason == nil || *e.Reason != "cost-limit-exceeded" || e.Limit.PeakBytes != strconv.FormatInt(peak-1, 10) {
		t.Errorf("the estimate is %+v, want it not admissible by %d bytes", e, peak-1)
	}
	p := decode[api.Problem](t, h.want(h.do(http.MethodPost, "/v1/jobs", body, nil), http.StatusUnprocessableEntity))
	if p.Limit == nil || p.Limit.PeakBytes != strconv.FormatInt(peak-1, 10) || p.LargestAdmissible["n"] == "" {
		t.Fatalf("the refusal is %+v", p)
	}
	h.want(h.do(http.MethodPost, "/v1/jobs", `{"function":"fibonacci","args":{"n":"`+p.LargestAdmissible["n"]+`"}}`, nil), http.StatusAccepted)
	h.worker("large", store.Capacity{Threads: 1, MemoryBytes: peak})
	h.want(h.do(http.MethodPost, "/v1/jobs", body, nil), http.StatusAccepted)
	// Once they are gone the configured limit counts again.
	for _, name := range []string{"small", "large"} {
		if err := h.records.Leave(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.fleet.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := h.estimate(body); e.Limit.PeakBytes != strconv.Itoa(1<<30) {
		t.Errorf("without workers the limit is %s bytes, want the configured", e.Limit.PeakBytes)
	}
}

func TestTheFleetIsLookedAtAgainAndAgain(t *testing.T) {
	t.Parallel()
	h := start(t)
	if err := h.records.Beat(t.Context(), "late"); err != nil {
		t.Fatal(err)
	}
	if err := h.records.Describe(t.Context(), "late", store.Description{Capacity: store.Capacity{Threads: 1, MemoryBytes: 12345}}); err != nil {
		t.Fatal(err)
	}
	run(t, h.fleet.Run)
	for deadline := time.Now().Add(patience); ; {
		if h.estimate(`{"function":"fibonacci","args":{"n":"1"}}`).Limit.PeakBytes == "12345" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the worker is not seen")
		}
	}
}
