package server_test

import (
	"net/http"
	"strings"
	"testing"

	"numbermill/api/internal/server"
)

// TestEveryAnswerTellsRouteAndKind holds the two headers that a proxy counts by against requests of all sorts.
func TestEveryAnswerTellsRouteAndKind(t *testing.T) {
	t.Parallel()
	web := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("a bug")
		}
		if r.URL.Path != "/silent" {
			_, _ = w.Write([]byte("a page"))
		}
	})
	h := start(t, func(o *server.Options) {
		o.Web, o.Metrics = web, web
		o.Monitor = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	})
	first := h.submitted(1000)
	h.finish(h.claimed(), strings.Repeat("7", 5000))
	done, waits := "/v1/jobs/"+string(first.ID), "/v1/jobs/"+string(h.submitted(2000).ID)
	const a = `{"function":"fibonacci","args":{"n":3}}`
	for name, c := range map[string]struct {
		method, path, body string
		headers            header
		status             int
		route, kind        string
	}{
		"job":                   {"GET", done, "", nil, 200, "/v1/jobs/{id}", "interactive"},
		"not modified":          {"GET", done, "", header{"If-None-Match": "*"}, 304, "/v1/jobs/{id}", "interactive"},
		"no such job":           {"GET", "/v1/jobs/" + strangeID, "", nil, 404, "/v1/jobs/{id}", "interactive"},
		"submission":            {"POST", "/v1/jobs", a, nil, 202, "/v1/jobs", "interactive"},
		"refused submission":    {"POST", "/v1/jobs", `{}`, nil, 422, "/v1/jobs", "interactive"},
		"submission that waits": {"POST", "/v1/jobs", a, header{"Prefer": "wait=1"}, 202, "/v1/jobs", "wait"},
		"long poll":             {"GET", waits, "", header{"Prefer": "wait=1"}, 200, "/v1/jobs/{id}", "wait"},
		"poll that waits not":   {"GET", waits, "", header{"Prefer": "wait=0"}, 200, "/v1/jobs/{id}", "interactive"},
		"events":                {"GET", done + "/events", "", nil, 200, "/v1/jobs/{id}/events", "stream"},
		"no new events":         {"GET", done + "/events", "", header{"Last-Event-ID": "999"}, 204, "/v1/jobs/{id}/events", "stream"},
		"digits":                {"GET", done + "/result", "", nil, 200, "/v1/jobs/{id}/result", "download"},
		"range of digits":       {"GET", done + "/result", "", header{"Range": "bytes=0-9"}, 206, "/v1/jobs/{id}/result", "download"},
		"range that is not":     {"GET", done + "/result", "", header{"Range": "bytes=9999-"}, 416, "/v1/jobs/{id}/result", "download"},
		"head of digits":        {"HEAD", done + "/result", "", nil, 200, "/v1/jobs/{id}/result", "download"},
		"health":                {"GET", "/healthz", "", nil, 200, "/healthz", "probe"},
		"readiness":             {"GET", "/readyz", "", nil, 200, "/readyz", "probe"},
		"metrics":               {"GET", "/metrics", "", nil, 200, "/metrics", "probe"},
		"page":                  {"GET", "/", "", nil, 200, "web", "interactive"},
		"page for a watchman":   {"GET", "/", "", header{"User-Agent": "Elastic-Heartbeat/8.19.21 (linux)"}, 200, "web", "probe"},
		"page of a job":         {"GET", "/jobs/123", "", nil, 200, "web", "interactive"},
		"reference page":        {"GET", "/docs", "", nil, 200, "/docs", "interactive"},
		"silent page":           {"GET", "/silent", "", nil, 200, "web", "interactive"},
		"page with a bug":       {"GET", "/panic", "", nil, 500, "web", "interactive"},
		"broken monitor":        {"GET", "/monitor/x", "", nil, 500, "/monitor/{rest:.*}", "interactive"},
		"no such path":          {"GET", "/v1/nothing", "", nil, 404, "unmatched", "interactive"},
		"no such method":        {"PUT", done, "", nil, 405, "/v1/jobs/{id}", "interactive"},
		"no such type":          {"GET", done, "", header{"Accept": "image/png"}, 406, "/v1/jobs/{id}", "interactive"},
		"host that is not ours": {"GET", "/healthz", "", header{"Host": "evil.example"}, 421, "unmatched", "interactive"},
		"other site":            {"POST", "/v1/jobs", a, header{"Sec-Fetch-Site": "cross-site"}, 403, "unmatched", "interactive"},
		"watchman elsewhere":    {"GET", "/", "", header{"Host": "evil.example", "User-Agent": "Elastic-Heartbeat/8"}, 421, "unmatched", "probe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), c.method, h.url+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			for name, value := range c.headers {
				req.Header.Set(name, value)
			}
			req.Host = req.Header.Get("Host")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != c.status || res.Header.Get("X-Route") != c.route || res.Header.Get("X-Request-Kind") != c.kind {
				t.Errorf("got %d %q %q, want %d %q %q", res.StatusCode, res.Header.Get("X-Route"), res.Header.Get("X-Request-Kind"),
					c.status, c.route, c.kind)
			}
		})
	}
}
