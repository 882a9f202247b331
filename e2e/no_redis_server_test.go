package e2e_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// Where there is no redis-server, `up` warns that jobs end with it, works all the same, and leaves no digits behind.
func TestWithoutRedisServer(t *testing.T) {
	t.Parallel()
	data := platformtest.Folder(t)
	c := platformtest.UpCommand(data)
	c.Env = []string{"PATH=" + platformtest.Folder(t)}
	up := platformtest.Start(t, c)
	client := platformtest.NewClient(t, up.AwaitReady(t))
	warning := func(l platformtest.Line) bool { return l.Text("log.level") == "warn" }
	up.Err.Await(t, platformtest.Patience, "a warning", warning)
	if children := up.Relatives(t); len(children) > 0 {
		t.Errorf("up has started %v", children)
	}

	j := await(t, client, submit(t, client, "fibonacci", "n=100000").ID, job.Succeeded, platformtest.Patience)
	if got, want := residue(digits(t, client, j.ID)), fibonacciResidue(100_000); got != want {
		t.Errorf("the digits are %d modulo %d, want %d", got, prime, want)
	}
	slow := submit(t, client, "fibonacci/recursive", "n=50")
	up.Err.Await(t, platformtest.Patience, "an attempt of the job", startedFor(slow))
	cancel(t, client, slow)

	up.Signal(t, syscall.SIGTERM)
	if code := up.Exit(t, 10*time.Second); code != 0 {
		t.Errorf("up ends with exit code %d, want 0", code)
	}
	if blobs := platformtest.Blobs(t, data); len(blobs) > 0 {
		t.Errorf("digits stay behind that no record knows of: %v", blobs)
	}
	if left, err := filepath.Glob(filepath.Join(up.Dir(), "*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files stay behind: %v (%v)", left, err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Error(err)
	}
}
