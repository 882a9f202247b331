package server_test

import (
	"net/http"
	"strings"
	"testing"

	"numbermill/api/internal/server"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
)

func TestMonitorWithoutRedis(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	h := startOn(t, s.URL(), func(o *server.Options) {
		monitor, closer, err := queue.Monitor(o.Redis, server.MonitorPath, true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = closer.Close() })
		o.Monitor = monitor
	})
	h.want(h.get("/monitor/api/queues", nil), http.StatusOK)
	s.Kill()
	r := h.want(h.plainly(http.MethodGet, "/monitor/api/queues", nil), http.StatusServiceUnavailable)
	if text := string(r.body); !strings.Contains(text, "Redis does not answer") || strings.Contains(text, "dial") || r.Header.Get("Retry-After") == "" {
		t.Errorf("without Redis: %v\n%s", r.Header, text)
	}
	h.want(h.get("/monitor/", nil), http.StatusOK)
	if len(h.lines("web monitor failed")) != 1 {
		t.Error("nothing in the log")
	}
}

func TestMonitorThatFailsByItself(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) {
		o.Monitor = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "a secret of programmers", http.StatusInternalServerError)
		})
	})
	r := h.want(h.plainly(http.MethodGet, "/monitor/api/x", nil), http.StatusInternalServerError)
	if strings.Contains(string(r.body), "secret") || !strings.Contains(string(r.body), r.Header.Get("X-Request-Id")) {
		t.Errorf("it says %s", r.body)
	}
	if got := h.lines("web monitor failed"); len(got) != 1 || got[0]["error"] != "a secret of programmers" {
		t.Errorf("the log has %v", got)
	}
}
