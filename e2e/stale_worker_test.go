package e2e_test

import (
	"syscall"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// A worker that stands still for so long that another one takes its job over changes nothing when it goes on: its attempt is stale, and
// the result that people have seen stays.
func TestStaleWorker(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)
	workers := []*platformtest.Process{platformtest.Worker(t, redis, results), platformtest.Worker(t, redis, results)}

	const n = 70_001 // some seconds
	j := submit(t, c, "factorial/recursive", "n=70001")
	busy, _ := platformtest.AwaitAny(t, platformtest.Patience, "an attempt of the job", startedFor(j), workers[0].Err, workers[1].Err)
	workers[busy].Signal(t, syscall.SIGSTOP)
	j = await(t, c, j.ID, job.Succeeded, 3*time.Minute)
	if j.Attempt != 2 {
		t.Errorf("it took %d attempts, want 2", j.Attempt)
	}
	blobs := platformtest.Blobs(t, results)

	workers[busy].Signal(t, syscall.SIGCONT)
	line := workers[busy].Err.Await(t, platformtest.Patience, "the end of the stale attempt", func(l platformtest.Line) bool {
		return l.Message() == "attempt stopped" || l.Message() == "attempt was stale" || l.Message() == "attempt given back"
	})
	t.Logf("the stale worker says: %s", line.Raw)
	workers[busy].Signal(t, syscall.SIGTERM)
	workers[busy].Exit(t, 10*time.Second)
	if again := await(t, c, j.ID, job.Succeeded, platformtest.Patience); again.Version != j.Version || again.Attempt != j.Attempt {
		t.Errorf("the job went on from version %s to %s after it had ended", j.Version, again.Version)
	}
	if now := platformtest.Blobs(t, results); len(now) != 1 || now[0] != blobs[0] {
		t.Errorf("the files of digits were %v and are %v, want one that stays", blobs, now)
	}
	if got := residue(digits(t, c, j.ID)); got != factorialResidue(n) {
		t.Errorf("the digits are %d modulo %d, want %d", got, prime, factorialResidue(n))
	}
}
