package e2e_test

import (
	"net/http"
	"testing"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// When Redis is killed under the API and a worker, requests are refused with 503 and /readyz says why; when it is back, so are they, and
// what had been submitted is carried out.
func TestRedisRestart(t *testing.T) {
	t.Parallel()
	redis, results := redistest.New(t, redistest.AppendOnly(t.TempDir())), platformtest.Folder(t)
	_, c := platformtest.API(t, redis.URL(), results)
	worker := platformtest.Worker(t, redis.URL(), results, "--concurrency", "1")
	running := submit(t, c, "fibonacci/recursive", "n=45")
	waiting := submit(t, c, "fibonacci", "n=2345")
	worker.Err.Await(t, platformtest.Patience, "an attempt of the job", startedFor(running))

	redis.Kill()
	if ready := awaitReadiness(t, c, http.StatusServiceUnavailable); ready.Status != api.StatusDown || ready.Checks["redis"].Status != api.StatusDown {
		t.Errorf("without Redis: readyz says %+v, want that redis is down", ready)
	}
	badInput{
		method: http.MethodPost, path: jobs, body: `{"function":"fibonacci","args":{"n":5}}`,
		status: http.StatusServiceUnavailable, problem: "temporary-reduced-capacity", says: "try again",
	}.check(t, c)

	redis.Restart()
	if ready := awaitReadiness(t, c, http.StatusOK); ready.Checks["redis"].Fsync != "always" {
		t.Errorf("with Redis: readyz says %+v, want the fsync policy always", ready)
	}
	for _, j := range []api.Job{running, waiting} {
		await(t, c, j.ID, job.Succeeded, platformtest.Patience)
	}
	await(t, c, submit(t, c, "fibonacci", "n=5").ID, job.Succeeded, platformtest.Patience)
}
