package setup_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/cli/internal/setup"
	"numbermill/infra"
	"numbermill/shared/config"
	"numbermill/shared/elastictest"
)

const patience = time.Minute

// run sets up and returns what it says.
func run(t *testing.T, cfg setup.Config) (lines []string, err error) {
	t.Helper()
	if cfg.Wait == 0 {
		cfg.Wait = patience
	}
	cfg.Say = func(line string) { lines = append(lines, line) }
	err = setup.Run(t.Context(), cfg)
	return lines, err
}

func mustRun(t *testing.T, cfg setup.Config) []string {
	t.Helper()
	lines, err := run(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// Without security it puts templates and the index in place, says so a line each, and says the same when it is done again.
func TestRunTwice(t *testing.T) {
	t.Parallel()
	node := elastictest.Start(t)
	cfg := setup.Config{Elasticsearch: config.Secret(node.URL())}
	first := mustRun(t, cfg)
	for _, want := range []string{
		"Elasticsearch 8.19.21 answers",
		"component template traces-apm@custom is in place",
		"index template logs-nginx.access is in place",
		"roles and users are left out: security is off in this Elasticsearch",
	} {
		if !slices.Contains(first, want) {
			t.Errorf("it does not say %q: %q", want, first)
		}
	}
	second := mustRun(t, cfg)
	if want := "index jobs-numbermill was there, and has the mapping of today"; !slices.Contains(second, want) {
		t.Errorf("the second time it does not say %q: %q", want, second)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	node := elastictest.Start(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := run(t, setup.Config{Elasticsearch: config.Secret(node.URL())}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// proxy passes requests on to a node, but for those that the test answers itself.
func proxy(t *testing.T, node *elastictest.Node, answers func(w http.ResponseWriter, r *http.Request) bool) (address string) {
	t.Helper()
	target, err := url.Parse(node.URL())
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answers(w, r) {
			pass.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// answer writes JSON as Elasticsearch does.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// Data streams that are there already get the retention of today by the data stream API, which the node of the tests lacks, and those of APM
// Server let it decide.
func TestStreamsThatAreThere(t *testing.T) {
	t.Parallel()
	node := elastictest.Start(t)
	mustRun(t, setup.Config{Elasticsearch: config.Secret(node.URL())})
	node.ApplyAPM()
	namespace := elastictest.Name()
	retentions := map[string]string{
		"logs-nginx.access-" + namespace: "30d", "logs-numbermill.app-" + namespace: "14d", "heartbeat-" + namespace: "30d",
		"anomalies-numbermill-" + namespace: "90d", "traces-apm-" + namespace: "7d", "metrics-apm.app.numbermill_api-" + namespace: "30d",
	}
	for stream := range retentions {
		node.Bulk(stream, `{"@timestamp": "2026-01-02T03:04:05Z"}`)
	}
	var mu sync.Mutex
	got, settings := map[string]string{}, map[string]string{}
	address := proxy(t, node, func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if name, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/_data_stream/"), "/_lifecycle"); ok && r.Method == http.MethodPut {
			var body struct {
				Retention string `json:"data_retention"`
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			if strings.Contains(name, namespace) {
				got[name] = body.Retention
			}
			answer(w, http.StatusOK, `{"acknowledged": true}`)
			return true
		}
		if strings.HasSuffix(r.URL.Path, namespace+"/_settings") {
			settings[strings.Split(r.URL.Path, "/")[1]] = r.Method
		}
		return false
	})
	mustRun(t, setup.Config{Elasticsearch: config.Secret(address)})
	if diff := cmp.Diff(retentions, got); diff != "" {
		t.Errorf("the retentions that are set differ (-want +got):\n%s", diff)
	}
	want := map[string]string{"traces-apm-" + namespace: "PUT", "metrics-apm.app.numbermill_api-" + namespace: "PUT"}
	if diff := cmp.Diff(want, settings); diff != "" {
		t.Errorf("the streams whose settings are changed differ (-want +got):\n%s", diff)
	}
}

// A stream whose mapping of today does not fit onto that of its index goes on in a new one; the old documents stay.
func TestMappingThatHasChanged(t *testing.T) {
	t.Parallel()
	apply(t)
	node := elastictest.Start(t)
	namespace := elastictest.Name()
	stream := "logs-nginx.access-" + namespace
	old := elastictest.Name()
	node.Call(http.MethodPut, "/_index_template/"+old, map[string]any{
		"index_patterns": []string{stream}, "priority": 1000, "data_stream": map[string]any{},
		"template": map[string]any{"mappings": map[string]any{"properties": map[string]any{"slo": map[string]any{"properties": map[string]any{"failed": map[string]any{"type": "keyword"}}}}}},
	})
	node.Bulk(stream, `{"@timestamp": "2026-01-02T03:04:05Z", "slo": {"failed": "1"}}`)
	node.Call(http.MethodDelete, "/_index_template/"+old, nil)

	// Another test may have been faster, on the same node: so what counts is what is there, not who says that it did it.
	mustRun(t, setup.Config{Elasticsearch: config.Secret(node.URL())})
	begun := indices(t, node, stream)
	if begun < 2 {
		t.Errorf("the stream has %d indices, want a second one", begun)
	}
	node.Bulk(stream, `{"@timestamp": "2026-01-02T03:04:06Z", "slo": {"failed": 1}}`)
	if got := node.Count(stream, ""); got != 2 {
		t.Errorf("the stream has %d documents, want 2", got)
	}
	mustRun(t, setup.Config{Elasticsearch: config.Secret(node.URL())})
	if got := indices(t, node, stream); got != begun {
		t.Errorf("the stream has %d indices after another time, want %d as before: nothing has changed", got, begun)
	}
}

// indices counts the indices of a data stream.
func indices(t *testing.T, node *elastictest.Node, stream string) int {
	t.Helper()
	var found struct {
		Streams []struct {
			Indices []string `json:"backing_indices"`
		} `json:"data_streams"`
	}
	if err := json.Unmarshal(node.Call(http.MethodGet, "/_resolve/index/"+stream, nil), &found); err != nil || len(found.Streams) != 1 {
		t.Fatalf("%d streams are found (%v), want 1", len(found.Streams), err)
	}
	return len(found.Streams[0].Indices)
}

// A server that is not ready is waited for, one that refuses is not, and what is said then says what to do.
func TestElasticsearchThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	t.Cleanup(other.Close)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusUnauthorized, `{"error": {"type": "security_exception", "reason": "unable to authenticate user [elastic], hunter22"}, "status": 401}`)
	}))
	t.Cleanup(refusing.Close)
	starting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusServiceUnavailable, `{"error": "not yet", "status": 503}`)
	}))
	t.Cleanup(starting.Close)
	tests := map[string]struct{ address, want string }{
		"gone":     {gone.URL, "has not answered within"},
		"other":    {other.URL, "not Elasticsearch"},
		"refusing": {refusing.URL, "Elasticsearch refuses with 401 Unauthorized: unable to authenticate user [elastic], REDACTED"},
		"starting": {starting.URL, "503 Service Unavailable: not yet"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := strings.Replace(tt.address, "http://", "http://elastic:hunter22@", 1)
			_, err := run(t, setup.Config{Elasticsearch: config.Secret(address), Wait: time.Second})
			switch {
			case err == nil || !strings.Contains(err.Error(), tt.want):
				t.Errorf("the error is %v, want %q in it", err, tt.want)
			case strings.Contains(err.Error(), "hunter22"):
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// apply puts the templates alone in place.
func apply(t *testing.T) {
	t.Helper()
	elastictest.Start(t).Apply(infra.Elasticsearch())
}
