package e2e_test

import (
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// When one of two workers is killed in the middle of a job, the other one finishes it: once, with one result, within 3 minutes.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)
	workers := []*platformtest.Process{platformtest.Worker(t, redis, results), platformtest.Worker(t, redis, results)}

	const n = 70_000 // some seconds
	j := submit(t, c, "factorial/recursive", "n=70000")
	busy, _ := platformtest.AwaitAny(t, platformtest.Patience, "an attempt of the job", startedFor(j), workers[0].Err, workers[1].Err)
	follow(t, c, j.ID, "is under way", func(j api.Job) bool {
		return j.Progress != nil && j.Progress.Percent != nil && *j.Progress.Percent > 5
	})
	killed := time.Now()
	workers[busy].Kill(t)

	j = await(t, c, j.ID, job.Succeeded, 3*time.Minute)
	t.Logf("the job succeeded %v after its worker was killed", time.Since(killed).Round(time.Millisecond))
	if j.Attempt != 2 {
		t.Errorf("it took %d attempts, want 2", j.Attempt)
	}
	if got := residue(digits(t, c, j.ID)); got != factorialResidue(n) {
		t.Errorf("the digits are %d modulo %d, want %d", got, prime, factorialResidue(n))
	}
	if blobs := platformtest.Blobs(t, results); len(blobs) != 1 {
		t.Errorf("there are %d files of digits, want 1: %v", len(blobs), blobs)
	}
	if got := len(workers[1-busy].Err.Find(says("attempt started"))); got != 1 {
		t.Errorf("the worker that is left started %d attempts, want 1", got)
	}
	if again := await(t, c, j.ID, job.Succeeded, platformtest.Patience); again.Version != j.Version {
		t.Errorf("the job went on from version %s to %s after it had ended", j.Version, again.Version)
	}
}
