package ready_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"numbermill/cli/internal/ready"
)

func TestURL(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		"0.0.0.0:8080":   "http://127.0.0.1:8080",
		"[::]:8080":      "http://127.0.0.1:8080",
		"[::1]:8080":     "http://[::1]:8080",
		"10.0.0.7:80":    "http://10.0.0.7:80",
	}
	for address, want := range tests {
		if got := ready.URL(address); got != want {
			t.Errorf("URL(%q) is %q, want %q", address, got, want)
		}
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" || asked.Add(1) < 3 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	if err := ready.Await(t.Context(), server.URL); err != nil {
		t.Fatal(err)
	}
	if got := asked.Load(); got != 3 {
		t.Errorf("it was asked %d times, want 3", got)
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Redis is away", http.StatusServiceUnavailable)
		cancel()
	}))
	t.Cleanup(server.Close)
	err := ready.Await(ctx, server.URL)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "readyz") {
		t.Errorf("got %v, want the end of the context and what was asked", err)
	}
}
