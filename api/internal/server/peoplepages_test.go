package server_test

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/internal/server"
)

// plainly fetches a page as a browser would, which knows no contract.
func (h *harness) plainly(method, path string, headers header) reply {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return reply{res, body}
}

func TestEveryProblemHasAPage(t *testing.T) {
	t.Parallel()
	h := start(t)
	names := server.ProblemNames()
	if len(names) < 20 || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Fatalf("the problems are %v", names)
	}
	index := string(h.want(h.get("/problems", nil), http.StatusOK).body)
	for _, name := range names {
		r := h.want(h.get("/problems/"+name, header{"Accept": "application/json"}), http.StatusOK)
		text := string(r.body)
		for _, want := range []string{"<h1>", "What it means", "What to do", name} {
			if !strings.Contains(text, want) {
				t.Errorf("the page of %s lacks %q", name, want)
			}
		}
		if !strings.Contains(index, `href="/problems/`+name+`"`) {
			t.Errorf("/problems does not lead to %s", name)
		}
	}
	r := h.plainly(http.MethodGet, "/problems/nope%3Cscript%3E", nil)
	if text := string(r.body); r.StatusCode != http.StatusNotFound || !strings.Contains(text, "nope&lt;script&gt;") ||
		!strings.Contains(text, "/problems/not-found") || r.Header.Get("X-Request-Id") == "" {
		t.Errorf("an unknown problem: %d\n%s", r.StatusCode, text)
	}
}

// TestRefusalsLeadToTheirPages follows the type of what is refused.
func TestRefusalsLeadToTheirPages(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, r := range []reply{
		h.get("/v1/nothing", nil), h.do(http.MethodPut, "/v1/jobs", "", nil), h.do(http.MethodPost, "/v1/jobs", "{", nil), h.submit(-1, nil),
	} {
		p := decode[api.Problem](t, r)
		h.want(h.get(p.Type, nil), http.StatusOK)
	}
}

var unsafeMarkup = regexp.MustCompile(`(?i) style=|<style|<script>| on[a-z]+=|javascript:|https?://[^1]`)

func TestPagesForPeople(t *testing.T) {
	t.Parallel()
	for _, web := range []http.Handler{nil, page("web")} {
		h := start(t, func(o *server.Options) { o.Web = web })
		for path, says := range map[string]string{"/docs": "/v1/jobs/{id}/result", "/problems": "not-representable", "/problems/not-found": "Not found"} {
			for _, accept := range []string{"", "application/json", "text/html"} {
				r := h.want(h.get(path, header{"Accept": accept}), http.StatusOK)
				want := header{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
				for name, value := range want {
					if got := r.Header.Get(name); got != value {
						t.Errorf("%s: %s is %q, want %q", path, name, got, value)
					}
				}
				if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self'") || strings.Contains(policy, "unsafe") {
					t.Errorf("%s: the policy is %q", path, policy)
				}
				text := string(r.body)
				if !strings.Contains(text, says) || strings.Contains(text, "<no value>") {
					t.Errorf("%s does not say %q", path, says)
				}
				if found := unsafeMarkup.FindString(text); found != "" {
					t.Errorf("%s contains %q, which its policy forbids", path, found)
				}
				if got := strings.Contains(text, `href="/jobs"`); got != (web != nil) {
					t.Errorf("%s leads to the web app: %v, want %v", path, got, web != nil)
				}
				h.want(h.get(path, header{"If-None-Match": r.Header.Get("ETag")}), http.StatusNotModified)
			}
		}
		if r := h.want(h.get("/docs/style.css", nil), http.StatusOK); r.Header.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("the stylesheet is %s", r.Header.Get("Content-Type"))
		}
	}
}

func TestUnusualMethodsAndRoutesInTheLog(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Web = page("web") })
	h.do(http.MethodPut, "/v1/jobs/"+strangeID, "", nil)
	h.get("/anything", nil)
	var got []string
	for _, line := range h.lines("request") {
		got = append(got, line["route"].(string)) //nolint:forcetypeassert // or the test fails
	}
	if diff := cmp.Diff([]string{"/v1/jobs/{id}", "web"}, got); diff != "" {
		t.Errorf("routes in the log (-want +got):\n%s", diff)
	}
}

// TestAnEmptyBodyIsEnough sends what some clients send with every POST.
func TestAnEmptyBodyIsEnough(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID)
	empty := header{"Content-Type": "application/json"}
	h.want(h.do(http.MethodPost, path+"/cancel", "", empty), http.StatusOK)
	h.want(h.do(http.MethodPost, path+"/retry", "", empty), http.StatusAccepted)
}
