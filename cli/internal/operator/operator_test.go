package operator_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"numbermill/cli/internal/operator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a server for the test. Redis answers while up says so.
func serve(t *testing.T, up *atomic.Bool) *operator.Server {
	t.Helper()
	ping := func(context.Context) error {
		if up.Load() {
			return nil
		}
		return errors.New("connection refused")
	}
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "go_goroutines 7\n") })
	s, err := operator.Start(t.Context(), "127.0.0.1:0", ping, metrics, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *operator.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	up.Store(true)
	s := serve(t, &up)
	for _, tt := range []struct {
		method, path, host string
		status             int
		want               string
	}{
		{"GET", "/healthz", "", 200, "ok\n"},
		{"GET", "/healthz", "localhost:99", 200, "ok\n"},
		{"GET", "/healthz", "[::1]", 200, "ok\n"},
		{"GET", "/metrics", "", 200, "go_goroutines 7\n"},
		{"GET", "/metrics", "evil.example", 421, "not served here"},
		{"POST", "/metrics", "", 405, ""},
		{"GET", "/", "", 404, ""},
	} {
		if status, body := ask(t, s, tt.method, tt.path, tt.host); status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s for %q: got %d %q, want %d %q", tt.method, tt.path, tt.host, status, body, tt.status, tt.want)
		}
	}
}

// TestHealthWithoutRedis: it is not well before Redis has answered, and stays well for a moment after it has.
func TestHealthWithoutRedis(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	s := serve(t, &up)
	if status, body := ask(t, s, "GET", "/healthz", ""); status != 503 || !strings.Contains(body, "Redis") {
		t.Errorf("before Redis answers: got %d %q, want 503", status, body)
	}
	up.Store(true)
	if status, _ := ask(t, s, "GET", "/healthz", ""); status != 200 {
		t.Errorf("Redis answers: got %d, want 200", status)
	}
	up.Store(false)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for began := time.Now(); ; <-again.C {
		status, _ := ask(t, s, "GET", "/healthz", "")
		if status == 503 {
			if after := time.Since(began); after < 4*time.Second {
				t.Errorf("it is not well %v after Redis has answered last, want a moment's patience", after)
			}
			return
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal("it is still well without Redis")
		}
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	s := serve(t, &up)
	if _, err := operator.Start(t.Context(), s.Addr(), nil, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), s.Addr()) {
		t.Errorf("got %v, want that the address is in use", err)
	}
}

func ask(t *testing.T, s *operator.Server, method, path, host string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	s, err := operator.StartProfiles(t.Context(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	for _, tt := range []struct {
		path, host string
		status     int
		want       string
	}{
		{"/debug/pprof/", "", 200, "goroutine"},
		{"/debug/pprof/goroutine?debug=1", "", 200, "TestProfiles"},
		{"/debug/pprof/heap", "evil.example", 421, "not served here"},
		{"/debug/pprof/cmdline", "", 404, ""}, // it would tell what is in the command line
		{"/healthz", "", 404, ""},
	} {
		if status, body := ask(t, s, "GET", tt.path, tt.host); status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s for %q: got %d, want %d and %q", tt.path, tt.host, status, tt.status, tt.want)
		}
	}
}
