package server_test

import (
	"net/http"
	"regexp"
	"testing"

	"numbermill/api/internal/server"
	"numbermill/shared/redistest"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	slow := func(o *server.Options) { o.Rate = server.Rate{PerSecond: 1, Burst: 3} }
	h, other := startOn(t, s.URL(), slow), startOn(t, s.URL(), slow) // the same owner, through two processes
	remaining := regexp.MustCompile(`^"submissions";r=[0-2];t=[1-3]$`)
	for i, at := range []*harness{h, other, h} {
		r := at.want(at.submit(i+1, nil), http.StatusAccepted)
		if got := r.Header.Get("RateLimit-Policy"); got != `"submissions";q=3;w=3` {
			t.Errorf("RateLimit-Policy is %q", got)
		}
		if got := r.Header.Get("RateLimit"); !remaining.MatchString(got) {
			t.Errorf("RateLimit is %q", got)
		}
	}
	r := other.submit(9, nil)
	other.wantRefusal(r, refusal{http.StatusTooManyRequests, "quota-exceeded", nil, "batch"})
	if r.Header.Get("Retry-After") != "1" || r.Header.Get("RateLimit") == "" {
		t.Errorf("refused with %v", r.Header)
	}
	if r := h.want(h.get("/v1/jobs", nil), http.StatusOK); r.Header.Get("RateLimit") != "" {
		t.Errorf("reading counts: %v", r.Header)
	}
	s.Kill()
	h.wantRefusal(h.submit(10, nil), refusal{http.StatusServiceUnavailable, "temporary-reduced-capacity", nil, "Redis"})
}

func TestNoRateLimitNoHeaders(t *testing.T) {
	t.Parallel()
	h := start(t)
	for i := range 20 {
		r := h.want(h.submit(i+1, nil), http.StatusAccepted)
		if r.Header.Get("RateLimit") != "" || r.Header.Get("RateLimit-Policy") != "" {
			t.Fatalf("headers without a limit: %v", r.Header)
		}
	}
}
