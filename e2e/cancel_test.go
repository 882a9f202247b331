package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// A cancelled job ends at once: one that runs gives its worker free, one that waits never starts.
func TestCancel(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)
	worker := platformtest.Worker(t, redis, results, "--concurrency", "1")

	running := submit(t, c, "fibonacci/recursive", "n=50")
	worker.Err.Await(t, platformtest.Patience, "an attempt of the job", startedFor(running))
	waiting := submit(t, c, "fibonacci/recursive", "n=49")
	next := submit(t, c, "fibonacci/recursive", "n=40")
	if waiting.State != job.Queued {
		t.Errorf("the second job is %s, want queued: one large job runs at a time", waiting.State)
	}
	cancel(t, c, waiting)
	cancelled := time.Now()
	cancel(t, c, running)

	await(t, c, next.ID, job.Succeeded, 10*time.Second)
	t.Logf("the job behind it succeeded %v after the one before it was cancelled", time.Since(cancelled).Round(time.Millisecond))
	if got := worker.Err.Find(startedFor(waiting)); len(got) > 0 {
		t.Errorf("the job that was cancelled in the queue was started: %v", got)
	}
	for _, j := range []api.Job{running, waiting} {
		j = await(t, c, j.ID, job.Cancelled, platformtest.Patience)
		cancel(t, c, j) // once more is no error
		badInput{
			method: http.MethodGet, path: j.Links.Self + "/result",
			status: http.StatusConflict, problem: "result-not-ready", says: "Submit it again",
		}.check(t, c)
	}
	if blobs := platformtest.Blobs(t, results); len(blobs) > 0 {
		t.Errorf("there are files of digits: %v", blobs)
	}
}

// What was cancelled can be asked for again.
func TestSubmitAfterCancel(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	for range 3 {
		j := submit(t, c, "fibonacci/recursive", "n=41")
		cancel(t, c, j)
	}
	await(t, c, submit(t, c, "fibonacci/recursive", "n=41").ID, job.Succeeded, platformtest.Patience)
}

// cancel cancels a job and checks that it is cancelled from then on.
func cancel(t *testing.T, c *platformtest.Client, j api.Job) {
	t.Helper()
	j, err := c.Cancel(within(t, platformtest.Patience), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if j.State != job.Cancelled || j.FinishedAt == nil {
		t.Errorf("after the cancel the job is %s, finished at %v", j.State, j.FinishedAt)
	}
}
