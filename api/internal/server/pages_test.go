package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.yaml.in/yaml/v3"

	"numbermill/api"
	"numbermill/api/internal/contracttest"
	"numbermill/api/internal/server"
)

// page is a handler that says its name.
func page(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, name)
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Web, o.Monitor = page("web"), page("monitor") })
	for path, want := range map[string]string{
		"/": "web", "/jobs": "web", "/jobs/" + strangeID: "web", "/tasks/fibonacci": "web", "/assets/x.js": "web", "/healthzz": "web",
		"/monitor/": "monitor", "/monitor/queues/standard": "monitor", "/monitor/api/queues": "monitor",
	} {
		for _, accept := range []string{"", "text/html", "application/json"} {
			if r := h.want(h.get(path, header{"Accept": accept}), http.StatusOK); string(r.body) != want {
				t.Errorf("%s is %s, want %s", path, r.body, want)
			}
		}
	}
	if got := h.get("/monitor/", nil).Header.Get("X-Frame-Options"); got != "DENY" {
		t.Errorf("the monitor's X-Frame-Options is %q", got)
	}
	if r := h.want(h.get("/monitor", nil), http.StatusPermanentRedirect); r.Header.Get("Location") != "/monitor/" {
		t.Errorf("/monitor leads to %s", r.Header.Get("Location"))
	}
	h.want(h.get("/v1/nothing", header{"Accept": "text/html"}), http.StatusNotFound)
	h.want(h.do(http.MethodPost, "/monitor/api/queues", "", nil), http.StatusOK)
	h.wantRefusal(h.do(http.MethodDelete, "/monitor/api/queues", "", header{"Sec-Fetch-Site": "cross-site"}), refusal{403, "forbidden", nil, ""})
	h.wantRefusal(h.get("/monitor/", header{"Host": "evil.example"}), refusal{421, "misdirected-request", nil, ""})
	h.wantRefusal(h.get("/", header{"Host": "evil.example"}), refusal{421, "misdirected-request", nil, ""})
	r := h.do(http.MethodPost, "/jobs", "", nil)
	h.wantRefusal(r, refusal{405, "method-not-allowed", nil, ""})
	if r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q", r.Header.Get("Allow"))
	}
}

func TestOperatorPathsApart(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) {
		o.Web, o.Monitor = page("web"), page("monitor")
		o.Metrics = promhttp.HandlerFor(prometheus.NewRegistry(), promhttp.HandlerOpts{})
	})
	everybody, operator := httptest.NewServer(h.server.Handler(false)), httptest.NewServer(h.server.OperatorHandler())
	t.Cleanup(everybody.Close)
	t.Cleanup(operator.Close)
	h.url = everybody.URL
	for _, path := range []string{"/v1/queues", "/v1/workers", "/metrics"} {
		h.want(h.get(path, nil), http.StatusNotFound)
	}
	h.want(h.get("/monitor/", nil), http.StatusNotFound)
	h.want(h.get("/", nil), http.StatusOK)
	h.url = operator.URL
	for _, path := range []string{"/v1/queues", "/v1/workers", "/metrics", "/problems/not-found", "/docs"} {
		h.want(h.get(path, nil), http.StatusOK)
	}
	h.want(h.get("/monitor/", nil), http.StatusOK)
	h.want(h.get("/readyz", nil), http.StatusOK)
	h.want(h.get("/", nil), http.StatusNotFound)
	h.want(h.get("/v1/jobs", nil), http.StatusNotFound)
}

func TestAllowedHosts(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.AllowedHosts = []string{"Mill.example", "10.0.0.7"} })
	for host, want := range map[string]int{
		"mill.example": 200, "MILL.example:8443": 200, "10.0.0.7": 200, "10.0.0.7:80": 200, "127.0.0.1": 200, "[::ffff:127.0.0.1]:80": 200,
		"other.example": 421, "mill.example.evil": 421, "10.0.0.8": 421, "0.0.0.0": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "[::2]": 421,
	} {
		if r := h.get("/healthz", header{"Host": host}); r.StatusCode != want {
			t.Errorf("Host %s: got %d, want %d", host, r.StatusCode, want)
		}
	}
}

func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	h := start(t)
	written := h.want(h.get("/openapi.yaml", nil), http.StatusOK)
	if string(written.body) != string(api.YAML()) || written.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("/openapi.yaml is %d bytes of %s", len(written.body), written.Header.Get("Content-Type"))
	}
	var want, got any
	if err := yaml.Unmarshal(written.body, &want); err != nil {
		t.Fatal(err)
	}
	r := h.want(h.get("/openapi.json", nil), http.StatusOK)
	if err := json.Unmarshal(r.body, &got); err != nil || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("/openapi.json: %v, %s", err, r.Header.Get("Content-Type"))
	}
	again, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(again)+"\n", string(r.body)+"\n"); diff != "" {
		t.Errorf("the two differ:\n%s", diff)
	}
}

func TestEveryRouteIsInTheDocument(t *testing.T) {
	t.Parallel()
	documented, err := contracttest.Operations()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(documented, server.Operations()); diff != "" {
		t.Errorf("operations (-document +server):\n%s", diff)
	}
}
