package main

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"numbermill/shared/redistest"
)

// TestDrainSignal takes an API out of service while it goes on.
func TestDrainSignal(t *testing.T) {
	t.Parallel()
	server := launch(t, []string{"NUMBERMILL_REDIS=" + redistest.Start(t), "NUMBERMILL_RESULTS=" + t.TempDir()}, "api", "--listen", "127.0.0.1:0")
	url := server.ready()
	if !isReady(t, url) {
		t.Fatal("it is not ready at the start")
	}
	server.signal(syscall.SIGUSR1)
	until(t.Context(), t, "/readyz to say no", func() bool { return !isReady(t, url) })
	if text := text(t, url+"/readyz"); !strings.Contains(text, "draining") {
		t.Errorf("/readyz says %s", text)
	}
	if got := status(t, url+"/healthz"); got != http.StatusOK {
		t.Errorf("/healthz answers %d", got)
	}
	submit(t, url, "fibonacci", map[string]string{"n": "100"})
	server.stop()
}

// TestMetricsOfAProcess reads what a process measures, as Prometheus would.
func TestMetricsOfAProcess(t *testing.T) {
	t.Parallel()
	server := launch(t, []string{"NUMBERMILL_REDIS=" + redistest.Start(t), "NUMBERMILL_RESULTS=" + t.TempDir()}, "api", "--listen", "127.0.0.1:0")
	url := server.ready()
	submit(t, url, "fibonacci", map[string]string{"n": "100"})
	got := text(t, url+"/metrics")
	for _, want := range []string{
		`http_server_request_duration_seconds_count{http_request_method="POST",http_response_status_code="202",http_route="/v1/jobs"} 1`,
		`numbermill_queue_tasks{queue="small",state="pending"} 1`, "numbermill_workers 0", "numbermill_redis_up 1", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(got, "server_address") {
		t.Error("the metrics hold the host that a client wrote")
	}
	server.stop()
}

// text is the body of what a GET answers.
func text(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
