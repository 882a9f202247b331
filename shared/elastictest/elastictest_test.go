package elastictest_test

import (
	"net/http"
	"net/url"
	"testing"

	"numbermill/shared/elastictest"
)

func TestStart(t *testing.T) {
	t.Parallel()
	node := elastictest.Start(t)
	info, err := node.Client().Info()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = info.Body.Close() }()
	if info.IsError() {
		t.Errorf("the client gets %s", info)
	}
	index := "elastictest-" + elastictest.Name()
	t.Cleanup(func() { node.Call(http.MethodDelete, "/"+index, nil) })
	node.Bulk(index, `{"n": 1}`, map[string]int{"n": 2})
	if got := node.Count(index, ""); got != 2 {
		t.Errorf("%d documents are found, want 2", got)
	}
	if got := node.Count(index, "n:>1"); got != 1 {
		t.Errorf("%d documents are found with n > 1, want 1", got)
	}
}

// A node of one's own that has been stopped comes back with its data at its address, under its password, and is gone with the test.
func TestOwnComesBack(t *testing.T) {
	t.Parallel()
	var address string
	t.Cleanup(func() { // after that of the node
		if answers(address) {
			t.Error("the node is there after its test")
		}
	})
	node := elastictest.Own(t, elastictest.Secured("correct-horse"))
	address = node.URL()
	node.Bulk("kept", `{"n": 1}`)
	node.Stop()
	node.Stop()
	if answers(address) {
		t.Error("a node that has been stopped answers")
	}
	node.Start()
	if got := node.URL(); got != address {
		t.Errorf("it came back at %s, want %s", got, address)
	}
	if got := node.Count("kept", ""); got != 1 {
		t.Errorf("%d documents are left, want 1", got)
	}
	if got := anonymously(t, address); got != http.StatusUnauthorized {
		t.Errorf("without the password it answers %d, want 401", got)
	}
}

// anonymously asks without the user and the password of the address.
func anonymously(t *testing.T, address string) (status int) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	reply, err := http.Get(u.String())
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
	return reply.StatusCode
}

func answers(address string) bool {
	reply, err := http.Get(address)
	if err != nil {
		return false
	}
	_ = reply.Body.Close()
	return true
}

// The templates of the APM shape take documents as APM Server writes them, and a histogram as the array of what was observed.
func TestApplyAPM(t *testing.T) {
	t.Parallel()
	node := elastictest.Start(t)
	node.ApplyAPM()
	spans, metrics := "traces-apm-"+elastictest.Name(), "metrics-apm.app.numbermill_worker-"+elastictest.Name()
	node.Bulk(spans, map[string]any{
		"@timestamp": "2026-01-02T03:04:05.678Z", "trace": map[string]any{"id": "4bf92f3577b34da6a3ce929d0e0e4736"}, "service": map[string]any{"name": "numbermill-api"},
		"processor": map[string]any{"event": "transaction"}, "transaction": map[string]any{"name": "POST /v1/jobs", "duration": map[string]any{"us": 1200}},
		"labels": map[string]any{"job_id": "j"}, "numeric_labels": map[string]any{"numbermill_digits": 12}, "event": map[string]any{"outcome": "success"},
	})
	node.Bulk(metrics, map[string]any{
		"@timestamp": "2026-01-02T03:04:05Z", "numbermill.job.run_time": []float64{0.5, 0.5, 0.5, 2}, "labels": map[string]any{"function": "fibonacci"},
		"processor": map[string]any{"event": "metric"},
	}, map[string]any{"@timestamp": "2026-01-02T03:04:15Z", "numbermill.job.run_time": []int{1}, "labels": map[string]any{"function": "fibonacci"}})
	if got := node.Count(spans, `service.name:numbermill-api AND transaction.duration.us:>1000 AND numeric_labels.numbermill_digits:12 AND event.outcome:success`); got != 1 {
		t.Errorf("%d transactions are found, want 1", got)
	}
	var answer struct {
		Aggregations struct{ Average struct{ Value float64 } }
	}
	node.Search(metrics, `{"size": 0, "query": {"term": {"labels.function": "fibonacci"}},
		"aggs": {"average": {"avg": {"field": "numbermill.job.run_time"}}}}`, &answer)
	if got, want := answer.Aggregations.Average.Value, 4.5/5; got != want {
		t.Errorf("the average of what was observed is %v, want %v", got, want)
	}
}
