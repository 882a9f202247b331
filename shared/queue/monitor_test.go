package queue_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue"
)

// monitor is the web monitor under /monitor.
func (x *fixture) monitor(readOnly bool) func(method, path string) (status int, body string) {
	x.t.Helper()
	h, closer, err := queue.Monitor(x.rdb, "/monitor", readOnly)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() {
		if err := closer.Close(); err != nil {
			x.t.Error(err)
		}
	})
	return func(method, path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/monitor"+path, http.NoBody))
		return w.Code, w.Body.String()
	}
}

func TestMonitorShowsTasks(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.enqueue(run(1))
	ask := x.monitor(true)
	if status, body := ask(http.MethodGet, "/"); status != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("the page: got status %d and %.100q, want a page", status, body)
	}
	if status, body := ask(http.MethodGet, "/api/queues"); status != http.StatusOK || !strings.Contains(body, `"small"`) {
		t.Errorf("the queues: got status %d and %.200q, want the queue's name", status, body)
	}
	status, body := ask(http.MethodGet, "/api/queues/small/pending_tasks")
	if status != http.StatusOK || !strings.Contains(body, string(run(1).Fingerprint)) || !strings.Contains(body, "ackermann") {
		t.Errorf("the tasks: got status %d and %.500q, want the payload", status, body)
	}
	if strings.Contains(body, "non-printable") {
		t.Errorf("the payload cannot be shown: %.500q", body)
	}
}

func TestMonitorReadOnly(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.enqueue(run(1))
	path := "/api/queues/small/pending_tasks/" + taskID(run(1))
	ask := x.monitor(true)
	for _, c := range []struct{ method, path string }{
		{http.MethodDelete, path},
		{http.MethodDelete, "/api/queues/small"},
		{http.MethodDelete, "/api/queues/small/pending_tasks:delete_all"},
		{http.MethodPost, path + ":archive"},
		{http.MethodPost, "/api/queues/small:pause"},
	} {
		if status, _ := ask(c.method, c.path); status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: got status %d, want %d", c.method, c.path, status, http.StatusMethodNotAllowed)
		}
	}
	x.wantState(run(1), asynq.TaskStatePending)
	if status, _ := x.monitor(false)(http.MethodDelete, path); status != http.StatusNoContent {
		t.Errorf("with leave to write: got status %d, want %d", status, http.StatusNoContent)
	}
	x.wantState(run(1), 0)
}

func TestMonitorNeedsAnOrdinaryClient(t *testing.T) {
	t.Parallel()
	ring := redis.NewRing(&redis.RingOptions{})
	defer func() { _ = ring.Close() }()
	if _, _, err := queue.Monitor(ring, "/monitor", true); err == nil {
		t.Error("a client that the monitor cannot use is taken")
	}
}
