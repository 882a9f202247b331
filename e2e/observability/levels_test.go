package observability_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The queries of the levels: people's requests, and those of them that are answered as fast as can be.
const (
	peoplesQuery     = "NOT request.kind:probe AND NOT user_agent.original:Elastic-Heartbeat*"
	interactiveQuery = "request.kind:interactive AND NOT user_agent.original:Elastic-Heartbeat*"
)

// search runs a search over the world's time and decodes the answer.
func (w *world) search(t *testing.T, index, query string, aggregations, result any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"size": 0, "track_total_hits": true, "aggs": aggregations,
		"query": map[string]any{"bool": map[string]any{"filter": []any{
			map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": w.from.UnixMilli(), "lt": w.to.UnixMilli(), "format": "epoch_millis"}}},
			map[string]any{"query_string": map[string]any{"query": query, "analyze_wildcard": true}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Timeout: time.Minute}).Post(w.es+"/"+index+"/_search", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("search %s: %d %s (%v)", index, res.StatusCode, answer, err)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		t.Fatal(err)
	}
}

// where returns the requests that keep says.
func (w *world) where(keep func(request) bool) []request {
	var kept []request
	for _, r := range w.requests {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

func byPeople(r request) bool      { return !r.heartbeat && r.kind != "probe" }
func isInteractive(r request) bool { return !r.heartbeat && r.kind == "interactive" }

// TestUptime: L1 is the share of checks that were up, of each monitor.
func TestUptime(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	var got struct {
		Aggregations struct {
			Monitors struct {
				Buckets []struct {
					Key   string
					Count int `json:"doc_count"`
					Up    struct{ Value float64 }
				}
			}
		}
	}
	w.search(t, "heartbeat-*", "_exists_:summary", map[string]any{"monitors": map[string]any{
		"terms": map[string]any{"field": "monitor.id"}, "aggs": map[string]any{"up": map[string]any{"avg": map[string]any{"field": "summary.up"}}},
	}}, &got)
	all, up := map[string]float64{}, map[string]float64{}
	for _, b := range w.beats {
		all[b.monitor]++
		if b.up {
			up[b.monitor]++
		}
	}
	if len(got.Aggregations.Monitors.Buckets) != len(all) || len(all) != 2 {
		t.Fatalf("got %+v, want %v", got.Aggregations.Monitors.Buckets, all)
	}
	for _, b := range got.Aggregations.Monitors.Buckets {
		want := up[b.Key] / all[b.Key]
		if float64(b.Count) != all[b.Key] || math.Abs(b.Up.Value-want) > 1e-9 || want == 1 || want < 0.5 {
			t.Errorf("%s: %d checks, up %v; want %v, %v, and a stretch when it was down", b.Key, b.Count, b.Up.Value, all[b.Key], want)
		}
	}
}

// TestAvailability: L2 comes out to the request, and so do its parts.
func TestAvailability(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	type buckets struct {
		Buckets []struct {
			Key   any
			Count int `json:"doc_count"`
		}
	}
	var got struct {
		Hits         struct{ Total struct{ Value int } }
		Aggregations struct {
			Failed           struct{ Value float64 }
			Bytes            struct{ Value float64 }
			Statuses, Routes buckets
			Kinds            buckets
		}
	}
	terms := func(field string) map[string]any {
		return map[string]any{"terms": map[string]any{"field": field, "size": 100}}
	}
	w.search(t, "logs-nginx.access-*", peoplesQuery, map[string]any{
		"failed":   map[string]any{"avg": map[string]any{"field": "slo.failed"}},
		"bytes":    map[string]any{"sum": map[string]any{"field": "http.response.body.bytes"}},
		"statuses": terms("http.response.status_code"), "routes": terms("http.route"), "kinds": terms("request.kind"),
	}, &got)
	counts := func(b buckets) map[string]int {
		m := map[string]int{}
		for _, x := range b.Buckets {
			switch key := x.Key.(type) {
			case string:
				m[key] = x.Count
			case float64:
				m[strconv.Itoa(int(key))] = x.Count
			}
		}
		return m
	}
	people := w.where(byPeople)
	failed, size := 0, int64(0)
	statuses, routes, kinds := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range people {
		statuses[strconv.Itoa(r.status)]++
		routes[r.route]++
		kinds[r.kind]++
		size += r.bytes
		if r.status >= http.StatusInternalServerError {
			failed++
		}
	}
	if got.Hits.Total.Value != len(people) {
		t.Errorf("nginx has logged %d requests of people, %d were made", got.Hits.Total.Value, len(people))
	}
	if gotFailed := int(math.Round(got.Aggregations.Failed.Value * float64(len(people)))); gotFailed != failed || failed == 0 {
		t.Errorf("%d of %d requests failed by the log, %d did", gotFailed, len(people), failed)
	}
	if int64(got.Aggregations.Bytes.Value) != size {
		t.Errorf("%.0f bytes by the log, %d were read", got.Aggregations.Bytes.Value, size)
	}
	for name, pair := range map[string][2]map[string]int{
		"statuses": {counts(got.Aggregations.Statuses), statuses}, "routes": {counts(got.Aggregations.Routes), routes}, "kinds": {counts(got.Aggregations.Kinds), kinds},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-log +made):\n%s", name, diff)
		}
	}
}

// TestLatency: L3 are the quantiles of what nginx has logged, to its millisecond; and what is logged is what clients have waited for, less what
// they waited for a processor.
func TestLatency(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	var got struct {
		Aggregations struct {
			Took struct{ Values map[string]float64 }
		}
	}
	w.search(t, "logs-nginx.access-*", interactiveQuery, map[string]any{"took": map[string]any{
		"percentiles": map[string]any{"field": "nginx.access.request_time", "percents": []float64{50, 95, 99}, "tdigest": map[string]any{"compression": 1000}},
	}}, &got)
	requests := w.where(isInteractive)
	var took []float64
	for _, r := range requests {
		took = append(took, r.logged.Seconds())
		// nginx reads its clock once for each turn of events, which takes a while on a busy machine.
		if r.logged > r.took+50*time.Millisecond {
			t.Errorf("%s %s took %v by the log and %v for the client", r.method, r.route, r.logged, r.took)
		}
	}
	slices.Sort(took)
	for name, p := range map[string]float64{"50.0": 0.50, "95.0": 0.95, "99.0": 0.99} {
		low, high := took[int(math.Floor(p*float64(len(took)-1)))], took[min(len(took)-1, int(math.Ceil(p*float64(len(took)))))]
		if v := got.Aggregations.Took.Values[name]; v < low-0.0011 || v > high+0.0011 {
			t.Errorf("p%s is %v, want between %v and %v", name, v, low, high)
		}
	}
	slow := 0
	for _, r := range requests {
		if r.logged >= stopped-100*time.Millisecond {
			slow++
		}
	}
	if slow == 0 {
		t.Error("no request has waited for the API that was stopped")
	}
}
