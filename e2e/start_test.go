package e2e_test

import (
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// `up` is ready within two seconds, and then the first request succeeds; all that standard output has is the line that says so.
func TestStart(t *testing.T) { //nolint:paralleltest // it measures
	const tries, limit = 3, 2 * time.Second
	fastest := time.Hour
	for range tries {
		began := time.Now()
		up, c := platformtest.Up(t, platformtest.Folder(t))
		fastest = min(fastest, time.Since(began))
		submit(t, c, "fibonacci", "n=10")
		if out := up.Out.Lines(); len(out) != 1 || out[0].Raw != "ready "+c.URL {
			t.Errorf("standard output has %v, want one line", out)
		}
		up.KillAll(t)
	}
	t.Logf("the fastest of %d starts took %v", tries, fastest.Round(time.Millisecond))
	if fastest > limit {
		t.Errorf("the fastest of %d starts took %v, want at most %v", tries, fastest, limit)
	}
}

// `up` uses the Redis that it is given, leaves it running, and starts none of its own.
func TestUpOnGivenRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	up, c := platformtest.Up(t, platformtest.Folder(t), "--redis", server)
	if children := up.Relatives(t); len(children) > 0 {
		t.Errorf("up has started %v", children)
	}
	await(t, c, submit(t, c, "ackermann", "m=3 n=3").ID, job.Succeeded, platformtest.Patience)
}
