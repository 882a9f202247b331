package history_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

// chooses is what a filter means, without Elasticsearch.
func chooses(o job.Owner, f store.Filter, j job.Job) bool {
	for _, l := range f.Labels {
		if v, ok := j.Labels[l.Name]; !ok || !l.AnyValue && v != l.Value {
			return false
		}
	}
	return j.Owner == o && (len(f.States) == 0 || slices.Contains(f.States, j.State)) && (f.Function == "" || f.Function == j.Spec.Function) &&
		(f.Batch == "" || f.Batch == j.Batch) && !j.CreatedAt.Before(f.CreatedAfter) && (f.CreatedBefore.IsZero() || j.CreatedAt.Before(f.CreatedBefore))
}

func someFilter(r *rand.Rand, start time.Time) store.Filter {
	var f store.Filter
	if r.IntN(3) == 0 {
		f.States = []job.State{pick(r, ends), pick(r, job.States())}
	}
	if r.IntN(3) == 0 {
		f.Function = pick(r, []string{"fibonacci", "factorial", "fib", "*"})
	}
	if r.IntN(4) == 0 {
		f.Batch = someBatch
	}
	for r.IntN(2) == 0 {
		f.Labels = append(f.Labels, store.LabelFilter{
			Name:  pick(r, []string{"run", "with.dots", "with-dash", "Run", "with", "other"}),
			Value: pick(r, []string{"a", "b", "", "ä ✓ \"*", "a:b", "*"}), AnyValue: r.IntN(3) == 0,
		})
	}
	if r.IntN(3) == 0 {
		f.CreatedAfter = start.Add(time.Duration(r.IntN(200)) * time.Millisecond)
	}
	if r.IntN(3) == 0 {
		f.CreatedBefore = start.Add(time.Duration(r.IntN(250)) * time.Millisecond)
	}
	return f
}

func TestEveryFilterAndPageAgainstALoop(t *testing.T) {
	t.Parallel()
	x, r := setUp(t), chance(t)
	start := time.Now().UTC().Truncate(time.Millisecond)
	jobs := make([]job.Job, 400)
	for i := range jobs {
		jobs[i] = some(t, r, start)
	}
	x.write(jobs...)
	slices.SortFunc(jobs, func(a, b job.Job) int {
		if store.PositionOf(a).Before(store.PositionOf(b)) {
			return -1
		}
		return 1
	})
	matched := 0
	for i := range 150 {
		o, f, size := pick(r, []job.Owner{job.LocalOwner, "somebody"}), someFilter(r, start), 1+r.IntN(200)
		if i == 0 {
			f = store.Filter{}
		}
		var want, got []job.ID
		for _, j := range jobs {
			if chooses(o, f, j) {
				want = append(want, j.ID)
			}
		}
		matched += len(want)
		var after *store.Position
		for {
			page, err := x.Search(t.Context(), o, f, after, size)
			if err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
			for _, j := range page {
				got = append(got, j.ID)
			}
			if len(page) < size {
				break
			}
			after = new(store.PositionOf(page[size-1]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s, %+v in pages of %d (-want +got):\n%s", o, f, size, diff)
		}
	}
	if matched < 1000 {
		t.Errorf("the filters choose %d jobs in all: the test tests little", matched)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	name := x.index[len("jobs-numbermill-"):]
	h := x.open(history.Config{URL: x.node.URL(), Nginx: "logs-nginx.access-" + name, Heartbeat: "heartbeat-" + name})
	if got, err := h.Levels(t.Context(), time.Hour); err != nil || got.Uptime != nil || got.Availability != nil || got.Latency != nil {
		t.Errorf("before any data: got %+v, %v, want nothing", got, err)
	}
	now := time.Now().UTC()
	var requests, beats []any
	for i := range 1000 {
		kind, agent := "interactive", "curl/8"
		failed := 0
		switch i % 10 {
		case 0:
			kind, failed = "download", 1
		case 1:
			kind, failed = "probe", 1
		case 2:
			agent, failed = "Elastic-Heartbeat/8.19.21 (linux)", 1
		}
		requests = append(requests, map[string]any{
			"@timestamp": now.Add(-time.Minute), "request": map[string]any{"kind": kind}, "slo": map[string]any{"failed": failed},
			"user_agent": map[string]any{"original": agent}, "nginx": map[string]any{"access": map[string]any{"request_time": float64(i) / 1000}},
		})
	}
	requests = append(requests, map[string]any{
		"@timestamp": now.Add(-2 * time.Hour), "request": map[string]any{"kind": "interactive"}, "slo": map[string]any{"failed": 1},
	})
	for i := range 40 {
		up := 1
		if i%4 == 0 {
			up = 0
		}
		beats = append(beats,
			map[string]any{"@timestamp": now.Add(-time.Minute), "monitor": map[string]any{"id": "site"}, "summary": map[string]any{"up": up, "down": 1 - up}},
			map[string]any{"@timestamp": now.Add(-time.Minute), "monitor": map[string]any{"id": "ready"}, "summary": map[string]any{"up": 1, "down": 0}},
			map[string]any{"@timestamp": now.Add(-time.Minute), "monitor": map[string]any{"id": "site"}}) // no summary: no check
	}
	x.node.Bulk("logs-nginx.access-"+name, requests...)
	x.node.Bulk("heartbeat-"+name, beats...)
	got, err := h.Levels(t.Context(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if got.To.Sub(got.From) != time.Hour || got.Availability == nil || got.Latency == nil || len(got.Uptime) != 2 {
		t.Fatalf("got %+v", got)
	}
	if u := got.Uptime; u[0].ID != "ready" || u[0].Share != 1 || u[1].ID != "site" || u[1].Share != 0.75 || u[1].Checks != 40 {
		t.Errorf("uptime is %+v", u)
	}
	if a := *got.Availability; a.Total != 800 || a.Failed != 100 || a.Share < 0.87499 || a.Share > 0.87501 {
		t.Errorf("availability is %+v, want 700 of 800", a)
	}
	if l := *got.Latency; l.P50 < 480 || l.P50 > 520 || l.P95 < 930 || l.P95 > 970 || l.P99 < 970 || l.P99 > 1000 {
		t.Errorf("latency is %+v", l)
	}
}
