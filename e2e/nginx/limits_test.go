package nginx_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"numbermill/api"
	"numbermill/e2e/platformtest"
)

// checkProblem checks that an answer is nginx's own problem document, with all that one has.
func checkProblem(t *testing.T, r platformtest.Reply, status int, kind, retryAfter string) {
	t.Helper()
	var p api.Problem
	err := json.Unmarshal(r.Body, &p)
	if err != nil || r.Status != status || p.Status != status || p.Type != "/problems/"+kind || p.Title == "" || p.Detail == "" {
		t.Errorf("got %s, want the problem %s with status %d (%v)", r, kind, status, err)
	}
	if got := r.Header.Get("Content-Type"); got != api.ProblemType {
		t.Errorf("%s: the type is %q", r, got)
	}
	if p.RequestID == "" || r.Header.Get("X-Request-Id") != p.RequestID {
		t.Errorf("%s: the request id is %q", r, r.Header.Get("X-Request-Id"))
	}
	if got := r.Header.Get("Retry-After"); got != retryAfter {
		t.Errorf("%s: Retry-After is %q, want %q", r, got, retryAfter)
	}
	if got := r.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s: Cache-Control is %q", r, got)
	}
}

// TestRate: beyond the rate there is 429, which does not count as a failure.
func TestRate(t *testing.T) {
	t.Parallel()
	n, c := front(t, map[string]string{"NB_RATE": "1r/m", "NB_BURST": "3"}, func(http.ResponseWriter, *http.Request) {})
	for i := range 8 {
		r := ask(t, c, http.MethodPost, "/v1/jobs", `{}`)
		if i < 4 && r.Status != http.StatusOK {
			t.Errorf("request %d: %s, want 200", i, r)
		}
		if i >= 4 {
			checkProblem(t, r, http.StatusTooManyRequests, "quota-exceeded", "1")
		}
	}
	if r := ask(t, c, http.MethodGet, "/jobs", ""); r.Status != http.StatusTooManyRequests || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		t.Errorf("a page beyond the rate: %s, want 429 as a page", r)
	}
	if r := ask(t, c, http.MethodGet, "/nginx-healthz", ""); r.Status != http.StatusOK || string(r.Body) != "ok\n" {
		t.Errorf("the health of nginx beyond the rate: %s, want 200", r)
	}
	line := n.Await(t, "the refusal", of("/v1/jobs", "429"))
	if line.Text("slo.failed") != "0" || line.Text("http.request.method") != "POST" || line.Text("request.kind") != "-" {
		t.Errorf("the line of 429 is %s", line.Raw)
	}
}

// TestConnections: beyond so many at a time there is 429.
func TestConnections(t *testing.T) {
	t.Parallel()
	const most = 3
	arrived, leave := make(chan struct{}, most), make(chan struct{})
	_, c := front(t, map[string]string{"NB_CONNECTIONS": "3"}, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-leave
	})
	var streams sync.WaitGroup
	for range most {
		streams.Go(func() {
			if r, err := c.Do(t.Context(), http.MethodGet, "/v1/jobs/job_1/events", ""); err != nil || r.Status != http.StatusOK {
				t.Errorf("a stream: %s (%v)", r, err)
			}
		})
	}
	for range most {
		<-arrived
	}
	checkProblem(t, ask(t, c, http.MethodGet, "/v1/jobs", ""), http.StatusTooManyRequests, "quota-exceeded", "1")
	close(leave)
	streams.Wait()
}

// TestBodies: what nginx takes is exactly what the API takes.
func TestBodies(t *testing.T) {
	t.Parallel()
	s := open(t, 0)
	for path, most := range map[string]int{"/v1/jobs": 1 << 20, "/v1/estimates": 1 << 20, "/v1/batches": 8 << 20} {
		const open, shut = `{"labels":{"x":"`, `"}}`
		body := open + strings.Repeat("y", most-len(open)-len(shut)) + shut
		if r := ask(t, s.c, http.MethodPost, path, body); r.Status != http.StatusUnprocessableEntity {
			t.Errorf("%d bytes to %s: %d %s, want the API's 422", len(body), path, r.Status, r)
		}
		checkProblem(t, ask(t, s.c, http.MethodPost, path, body+" "), http.StatusRequestEntityTooLarge, "body-too-large", "")
		direct := platformtest.NewClient(t, "http://"+s.addresses[0])
		if r := ask(t, direct, http.MethodPost, path, body+" "); r.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%d bytes to %s of the API itself: %d, want 413 there too", len(body)+1, path, r.Status)
		}
	}
}

// TestErrorPages: programs get problem documents and people pages, whatever the failure.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	_, c := front(t, nil)
	for _, path := range []string{"/v1/jobs", "/readyz", "/healthz", "/openapi.json", "/v1"} {
		checkProblem(t, ask(t, c, http.MethodGet, path, ""), http.StatusBadGateway, "temporary-reduced-capacity", "2")
	}
	for _, path := range []string{"/", "/jobs", "/docs", "/assets/x.js", "/v1beta"} {
		r := ask(t, c, http.MethodGet, path, "")
		if r.Status != http.StatusBadGateway || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || !strings.Contains(string(r.Body), "No API answers") {
			t.Errorf("%s: %s, want 502 as a page", path, r)
		}
		if strings.Contains(string(r.Body), "nginx") {
			t.Errorf("%s names nginx: %s", path, r)
		}
	}
	if r := ask(t, c, http.MethodHead, "/v1/jobs", ""); r.Status != http.StatusBadGateway || len(r.Body) != 0 {
		t.Errorf("HEAD: %s, want 502 without a body", r)
	}
}
