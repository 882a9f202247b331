package main

import (
	"context"
	"net/http"
	"syscall"
	"testing"

	"numbermill/shared/redistest"
)

// TestParts runs the API and two workers as processes of their own; one of them is told to end in the middle.
func TestParts(t *testing.T) {
	t.Parallel()
	place := []string{"NUMBERMILL_REDIS=" + redistest.Start(t), "NUMBERMILL_RESULTS=" + t.TempDir()}
	server := launch(t, place, "api", "--listen", "127.0.0.1:0")
	url := server.ready()
	early := submit(t, url, "fibonacci", map[string]string{"n": "100"}).ID
	one := launch(t, place, "worker", "--concurrency", "1")
	two := launch(t, place, "worker")
	one.ready()
	two.ready()
	awaitSuccess(t, url, early)
	ids := submitMany(t, url, 20)
	one.stop()
	for _, id := range ids {
		awaitSuccess(t, url, id)
	}
	computesAll(t, url)
	two.stop()
	server.stop()
}

// TestWorkerWaitsForRedis starts the worker before its Redis, as happens among containers.
func TestWorkerWaitsForRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	redis.Kill()
	p := launch(t, []string{"NUMBERMILL_REDIS=" + redis.URL()}, "worker", "--results", t.TempDir())
	until(t.Context(), t, "the worker to say that it waits", func() bool { return contains(p, "waiting for Redis") })
	redis.Restart()
	p.ready()
	p.stop()

	redis.Kill()
	waiting := launch(t, []string{"NUMBERMILL_REDIS=" + redis.URL()}, "worker", "--results", t.TempDir())
	until(t.Context(), t, "the worker to say that it waits", func() bool { return contains(waiting, "waiting for Redis") })
	waiting.stop()
}

// TestComputeInterrupted ends at once and leaves no file.
func TestComputeInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, nil, "compute", "fibonacci", "n=52", "--method", "recursive", "-o", dir+"/f.txt")
	until(t.Context(), t, "the computation to begin", func() bool { return contains(p, "digits, about") })
	p.signal(syscall.SIGINT)
	code, _ := p.wait(stopLimit)
	if !contains(p, "numbermill: interrupted\n") || code != 1 {
		t.Errorf("it exits with %d and says %q, want 1 and that it was interrupted", code, p.err.String())
	}
	noFiles(t, dir)
}

// awaitRunning waits until a job runs.
func awaitRunning(t *testing.T, url, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), jobLimit)
	defer cancel()
	until(ctx, t, "job "+id+" to run", func() bool { return get(t, url, id).State == "running" })
}

func isReady(t *testing.T, url string) bool {
	t.Helper()
	return status(t, url+"/readyz") == http.StatusOK
}

// status returns what a GET answers.
func status(t *testing.T, url string) int {
	t.Helper()
	return request(t, http.MethodGet, url)
}

// request returns what a request without a body answers.
func request(t *testing.T, method, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
