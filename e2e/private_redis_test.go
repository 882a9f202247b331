package e2e_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// When the Redis of `up` dies, `up` starts it again, and what had been submitted a second before is carried out.
func TestPrivateRedisKilled(t *testing.T) {
	t.Parallel()
	up, c := platformtest.Up(t, platformtest.Folder(t), "--concurrency", "1")
	running, waiting := submit(t, c, "fibonacci/recursive", "n=45"), submit(t, c, "fibonacci", "n=4567")
	<-time.After(time.Second) // what its append-only file may be behind
	for _, child := range up.Relatives(t) {
		if err := child.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	for _, j := range []api.Job{running, waiting} {
		await(t, c, j.ID, job.Succeeded, platformtest.Patience)
	}
	if !up.Running() {
		t.Error("up has ended with its Redis")
	}
}

// An `up` that cannot listen where it should says so and how to go on, and leaves nothing behind.
func TestAddressTaken(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	address := c.URL[len("http://"):]
	second := platformtest.Start(t, platformtest.Command{Args: []string{"up", "--listen", address, "--data", platformtest.Folder(t), "--log-level", "debug"}})
	second.Err.Await(t, platformtest.Patience, "what redis-server says", says("redis-server says"))
	second.Relatives(t)
	if code := second.Exit(t, platformtest.Patience); code <= 0 {
		t.Errorf("up ends with exit code %d, want that of an error", code)
	}
	for _, want := range []string{"listen on " + address, "another address with --listen"} {
		second.Err.Await(t, platformtest.Patience, want, func(l platformtest.Line) bool { return strings.Contains(l.Raw, want) })
	}
	if left := second.LeftOver(0); len(left) > 0 {
		t.Errorf("these outlive up: %v", left)
	}
}

// An `up` that is asked to end while it starts ends in order, too.
func TestEndWhileStarting(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	up := platformtest.Start(t, platformtest.UpCommand(platformtest.Folder(t), "--log-level", "debug"))
	up.Err.Await(t, platformtest.Patience, "what redis-server says", says("redis-server says"))
	up.Signal(t, syscall.SIGTERM)
	if code := up.Exit(t, 10*time.Second); code != 0 {
		t.Errorf("up ends with exit code %d, want 0", code)
	}
	if left := up.LeftOver(0); len(left) > 0 {
		t.Errorf("these outlive up: %v", left)
	}
}
