package e2e_test

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// The API takes jobs while there is no worker and says that they wait; a worker that comes carries them out, and one that is asked to
// end first finishes what it has.
func TestAPIBeforeWorker(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)
	j, r := post(t, c, "fibonacci/recursive", "n=40")
	if r.Status != http.StatusAccepted || j.State != job.Queued || r.Header.Get("Location") != j.Links.Self {
		t.Errorf("without a worker: got %s at %q, want 202 and queued", r, r.Header.Get("Location"))
	}
	if ready, status := readiness(t, c); status != http.StatusOK || ready.Status != api.StatusDegraded || ready.Checks["workers"].Status != api.StatusDegraded {
		t.Errorf("without a worker: readyz says %d %+v, want 200 and degraded for the sake of the workers", status, ready)
	}

	// Large work gives way to everything else on this machine, so it is given its time.
	worker := platformtest.Worker(t, redis, results, "--drain-timeout", "1m")
	worker.Err.Await(t, platformtest.Patience, "an attempt of the job", startedFor(j))
	worker.Signal(t, syscall.SIGTERM)
	if code := worker.Exit(t, time.Minute); code != 0 {
		t.Errorf("the worker ends with exit code %d, want 0", code)
	}
	if done := await(t, c, j.ID, job.Succeeded, time.Second); done.Attempt != 1 {
		t.Errorf("the job took %d attempts, want 1", done.Attempt)
	}
	if ready, _ := readiness(t, c); ready.Status != api.StatusDegraded {
		t.Errorf("after the worker's end: readyz says %+v, want degraded at once", ready)
	}
	platformtest.Worker(t, redis, results)
	if ready, status := readiness(t, c); status != http.StatusOK || ready.Status != api.StatusOK {
		t.Errorf("with a worker: readyz says %d %+v, want 200 and ok", status, ready)
	}
}

// An API and a worker that start before their Redis wait for it.
func TestPartsBeforeRedis(t *testing.T) {
	t.Parallel()
	redis, results := redistest.New(t), platformtest.Folder(t)
	redis.Kill()
	server := platformtest.Start(t, platformtest.APICommand(redis.URL(), results))
	worker := platformtest.Start(t, platformtest.WorkerCommand(redis.URL(), results))
	worker.Err.Await(t, platformtest.Patience, "that the worker waits", says("waiting for Redis"))
	server.Err.Await(t, platformtest.Patience, "that the API is not ready", says("not ready"))
	redis.Restart()
	worker.AwaitReady(t)
	c := platformtest.NewClient(t, server.AwaitReady(t))
	await(t, c, submit(t, c, "factorial", "n=20").ID, job.Succeeded, platformtest.Patience)
}

// readiness reads /readyz.
func readiness(t *testing.T, c *platformtest.Client) (ready api.Readiness, status int) {
	t.Helper()
	r := request(t, c, http.MethodGet, "/readyz", "")
	if err := r.Decode(&ready); err != nil {
		t.Fatal(err)
	}
	return ready, r.Status
}

// awaitReadiness asks /readyz again and again until it answers with the status.
func awaitReadiness(t *testing.T, c *platformtest.Client, want int) api.Readiness {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		ready, status := readiness(t, c)
		if status == want {
			return ready
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("readyz still says %d %+v, want %d", status, ready, want)
		}
	}
}
