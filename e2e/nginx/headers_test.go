package nginx_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
)

// TestSecurityHeaders: every answer has each of them once: the API's own where it sends one, else nginx's.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := open(t, 0)
	direct := platformtest.NewClient(t, "http://"+s.addresses[0])
	defaults := map[string]string{
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Server": "nginx",
	}
	for _, path := range []string{"/", "/theme.js", "/jobs/x", "/no/page", "/docs", "/problems/internal", "/v1/functions", "/v1/nothing", "/readyz", "/openapi.yaml", "/metrics", "/nginx-healthz"} {
		own := ask(t, direct, http.MethodGet, path, "").Header
		if path == "/metrics" || path == "/nginx-healthz" {
			own = http.Header{}
		}
		r := ask(t, s.c, http.MethodGet, path, "")
		for name, value := range defaults {
			if told := own.Get(name); told != "" {
				value = told
			}
			if got := r.Header.Values(name); len(got) != 1 || got[0] != value {
				t.Errorf("%s: %s is %q, want %q once", path, name, got, value)
			}
		}
		if got := r.Header.Values("X-Request-Id"); len(got) != 1 {
			t.Errorf("%s: the request id is %q", path, got)
		}
		for _, name := range []string{"X-Route", "X-Request-Kind", "Strict-Transport-Security", "X-Powered-By"} {
			if got := r.Header.Get(name); got != "" {
				t.Errorf("%s: %s is %q, want none", path, name, got)
			}
		}
	}
	if policy := ask(t, s.c, http.MethodGet, "/", "").Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") {
		t.Errorf("the web app's policy is %q: its scripts do not run", policy)
	}
}

// TestWhatTheAPIIsTold: the host as the client has it, and who the client is, whatever it says itself.
func TestWhatTheAPIIsTold(t *testing.T) {
	t.Parallel()
	_, c := front(t, nil, func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Host", r.Host)
		r.Header.Set("Path", r.RequestURI)
		_ = json.NewEncoder(w).Encode(r.Header)
	})
	r := ask(t, c, http.MethodPost, "/v1/a%2Fb//c?x=%20", `{}`, "Host", "mill.example:8443", "X-Forwarded-For", "6.6.6.6", "X-Real-Ip", "6.6.6.6",
		"Forwarded", "for=6.6.6.6", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil", "X-Request-Id", "mine", "traceparent", "00-x")
	got := http.Header{}
	if err := r.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Host": "mill.example:8443", "Path": "/v1/a%2Fb//c?x=%20", "X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1", "Forwarded": "",
		"X-Forwarded-Proto": "http", "X-Forwarded-Host": "mill.example:8443", "X-Request-Id": "mine", "Traceparent": "00-x",
	}
	for name, value := range want {
		if strings.Join(got.Values(name), ",") != value {
			t.Errorf("%s is %q, want %q", name, got.Values(name), value)
		}
	}
	r = ask(t, c, http.MethodGet, "/", "", "X-Request-Id", `"><script>`)
	if err := r.Decode(&got); err != nil || len(got.Get("X-Request-Id")) != 32 {
		t.Errorf("a harmful request id becomes %q (%v)", got.Get("X-Request-Id"), err)
	}
}

// TestHosts: the API refuses hosts that it does not serve, through nginx as well, and a request without any.
func TestHosts(t *testing.T) {
	t.Parallel()
	s := open(t, 0)
	for host, want := range map[string]int{"localhost": 200, "127.0.0.1:1": 200, "evil.example": 421} {
		if r := ask(t, s.c, http.MethodGet, "/v1/functions", "", "Host", host); r.Status != want {
			t.Errorf("host %s: %s, want %d", host, r, want)
		}
	}
	if answer := raw(t, s.nginx, "GET /v1/functions HTTP/1.0\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 421") {
		t.Errorf("without a host: %.300s, want 421", answer)
	}
}

// TestOperatorPaths: they are on the operator's port alone.
func TestOperatorPaths(t *testing.T) {
	t.Parallel()
	s := open(t, 0)
	operator := platformtest.NewClient(t, s.nginx.OperatorURL)
	for path, inside := range map[string]string{
		"/monitor/": "asynq", "/metrics": "go_goroutines", "/v1/queues": `"queues"`, "/v1/workers": `"workers"`, "/healthz": `"ok"`, "/readyz": `"redis"`,
	} {
		if r := ask(t, operator, http.MethodGet, path, ""); r.Status != http.StatusOK || !strings.Contains(strings.ToLower(string(r.Body)), inside) {
			t.Errorf("%s for the operator: %s, want 200 with %s", path, r, inside)
		}
	}
	for _, path := range []string{
		"/monitor", "/monitor/", "/monitor/api/queues", "/metrics", "/metrics/", "/v1/queues", "/v1/workers", "/v1//queues", "//metrics", "/%6detrics",
		"/v1/%71ueues", "/Monitor/", "/x/../metrics", "/monitor/../x", "/monitor/%2e%2e/x", "/./v1/queues", "/v1/workers?x=y",
	} {
		r := ask(t, s.c, http.MethodGet, path, "")
		if r.Status != http.StatusNotFound && r.Status != http.StatusBadRequest {
			t.Errorf("%s for everybody: %s, want 404", path, r)
		}
	}
	for _, path := range []string{"/v1/functions", "/v1/jobs", "/docs", "/x"} {
		if r := ask(t, operator, http.MethodGet, path, ""); r.Status != http.StatusNotFound {
			t.Errorf("%s for the operator: %s, want 404", path, r)
		}
	}
	index := ask(t, operator, http.MethodGet, "/", "")
	for _, link := range []string{"/monitor/", "http://127.0.0.1:3000/", "http://127.0.0.1:5601/"} {
		if !strings.Contains(string(index.Body), `href="`+link+`"`) {
			t.Errorf("the operator's page has no link to %s: %s", link, index)
		}
	}
	if got := ask(t, operator, http.MethodGet, "/monitor/", "").Header; got.Get("X-Frame-Options") != "DENY" || strings.Contains(got.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the monitor has the headers %v: it shall run, and in no frame", got)
	}
	for _, l := range s.nginx.Lines(t) {
		if l.Text("url.domain")+l.Text("http.route") == "/v1/queues" {
			t.Errorf("the operator's requests are in the log of the service: %s", l.Raw)
		}
	}
}

// TestAssets: files with a hash in their name are kept, and served without an API; nothing else is.
func TestAssets(t *testing.T) {
	t.Parallel()
	s := open(t, 0)
	page := ask(t, s.c, http.MethodGet, "/", "")
	_, rest, found := strings.Cut(string(page.Body), `src="/assets/`)
	if !found {
		t.Fatal("the web app is not built; run `make build` first")
	}
	name, _, _ := strings.Cut(rest, `"`)
	path := "/assets/" + name
	var caches, kinds []string
	for i, agent := range []string{"Elastic-Heartbeat/8.19.21", "a person", "a person"} {
		r := ask(t, s.c, http.MethodGet, path, "", "User-Agent", agent, "X-Request-Id", "asset-"+string(rune('a'+i)))
		if r.Status != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("X-Request-Id") != "asset-"+string(rune('a'+i)) {
			t.Errorf("%s: %d %v", path, r.Status, r.Header)
		}
		line := s.nginx.Await(t, "an asset", func(l nginxtest.Line) bool { return l.Text("http.request.id") == "asset-"+string(rune('a'+i)) })
		caches, kinds = append(caches, line.Text("nginx.access.cache")), append(kinds, line.Text("request.kind"))
		if line.Text("http.route") != "web" || (i > 0) != (line.Text("trace.id") == "-") {
			t.Errorf("the line of request %d is %s", i, line.Raw)
		}
	}
	if diff := cmp.Diff([][]string{caches, kinds}, [][]string{{"MISS", "HIT", "HIT"}, {"probe", "interactive", "interactive"}}); diff != "" {
		t.Errorf("(-log +want):\n%s", diff)
	}
	packed := ask(t, s.c, http.MethodGet, path, "", "Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Header.Values("Vary")) != 1 {
		t.Errorf("compressed: %v", packed.Header)
	}
	ask(t, s.c, http.MethodGet, "/v1/functions", "")
	for _, a := range s.apis {
		a.Kill(t)
	}
	for path, want := range map[string]int{path: 200, "/": 502, "/theme.js": 502, "/v1/functions": 502, "/assets/other.js": 502} {
		if r := ask(t, s.c, http.MethodGet, path, ""); r.Status != want {
			t.Errorf("%s without an API: %d, want %d", path, r.Status, want)
		}
	}
}

// TestCompression: JSON is compressed for those who take it, small answers and what the API has compressed are left alone.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := open(t, 0)
	for path, want := range map[string]string{"/openapi.json": "gzip", "/docs": "gzip", "/v1/functions": "gzip", "/v1/nothing": "", "/": "gzip", "/theme.js": ""} {
		r := ask(t, s.c, http.MethodGet, path, "", "Accept-Encoding", "gzip")
		if got := strings.Join(r.Header.Values("Content-Encoding"), ","); got != want && path != "/" && path != "/theme.js" {
			t.Errorf("%s is encoded as %q, want %q", path, got, want)
		}
		if got := r.Header.Values("Vary"); len(got) > 1 {
			t.Errorf("%s: Vary is there %d times", path, len(got))
		}
		if got := ask(t, s.c, http.MethodGet, path, "").Header.Get("Content-Encoding"); got != "" {
			t.Errorf("%s is encoded as %s for whoever does not take that", path, got)
		}
	}
	// An ETag of a compressed answer is still known to the API.
	first := ask(t, s.c, http.MethodGet, "/docs", "", "Accept-Encoding", "gzip")
	if r := ask(t, s.c, http.MethodGet, "/docs", "", "If-None-Match", first.Header.Get("ETag")); r.Status != http.StatusNotModified {
		t.Errorf("again with the ETag %s: %d, want 304", first.Header.Get("ETag"), r.Status)
	}
}

// TestHealth: nginx itself, an API through it, and the platform.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := open(t, 1)
	all := map[string]int{"/nginx-healthz": 200, "/healthz": 200, "/readyz": 200}
	check := func() {
		for path, want := range all {
			if r := ask(t, s.c, http.MethodGet, path, ""); r.Status != want {
				t.Errorf("%s: %s, want %d", path, r, want)
			}
		}
	}
	check()
	for _, a := range s.apis {
		a.Kill(t)
	}
	all["/healthz"], all["/readyz"] = 502, 502
	check()
	for _, l := range s.nginx.Lines(t) {
		if path := l.Text("url.path"); path == "/nginx-healthz" || l.Text("http.response.status_code") == "200" && l.Text("request.kind") != "probe" {
			t.Errorf("the log has %s", l.Raw)
		}
	}
	if host, _, err := net.SplitHostPort(strings.TrimPrefix(s.nginx.OperatorURL, "http://")); err != nil || host != "127.0.0.1" {
		t.Errorf("the operator's server is at %s", s.nginx.OperatorURL)
	}
}
