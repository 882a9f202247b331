package e2e_test

import (
	"syscall"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
)

// A worker that is asked to end gives back, within 10 seconds, what it cannot finish, and another one goes on at once. Nothing has failed.
func TestHandOver(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)
	workers := []*platformtest.Process{platformtest.Worker(t, redis, results), platformtest.Worker(t, redis, results)}
	j := submit(t, c, "fibonacci/recursive", "n=51")
	busy, _ := platformtest.AwaitAny(t, platformtest.Patience, "an attempt of the job", startedFor(j), workers[0].Err, workers[1].Err)

	workers[busy].Signal(t, syscall.SIGTERM)
	if code := workers[busy].Exit(t, 10*time.Second); code != 0 {
		t.Errorf("the worker ends with exit code %d, want 0", code)
	}
	ended := time.Now()
	workers[1-busy].Err.Await(t, 10*time.Second, "an attempt of the other worker", startedFor(j))
	t.Logf("the other worker had started %v after the first was gone", time.Since(ended).Round(time.Millisecond))
	j = follow(t, c, j.ID, "is in its second attempt", func(j api.Job) bool { return j.Attempt == 2 })
	if j.Error != nil {
		t.Errorf("the job has the error %+v, want none", j.Error)
	}
	cancel(t, c, j)
}
