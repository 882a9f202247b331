package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/api/client"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// Everything that `up` has taken survives kill -9 of all its processes at once, its Redis included, one second after the last answer:
// that second is what the Redis may take to write to the disk.
func TestEverythingKilled(t *testing.T) {
	t.Parallel()
	data := platformtest.Folder(t)
	up, c := platformtest.Up(t, data)
	jobs := submitFifty(t, c)
	<-time.After(time.Second)
	open := countOpen(t, c, jobs)
	up.KillAll(t)

	_, c = platformtest.Up(t, data)
	t.Logf("%d of %d jobs were not done when everything was killed", open, len(jobs))
	awaitFifty(t, c, jobs)
}

// Everything that `up` has taken survives kill -9 of `up` alone, whenever that comes. Its Redis then ends by itself.
func TestParentKilled(t *testing.T) {
	t.Parallel()
	data := platformtest.Folder(t)
	up, c := platformtest.Up(t, data)
	jobs := submitFifty(t, c)
	children := up.Relatives(t)
	up.Kill(t)

	if len(children) != 1 {
		t.Errorf("up had started %v, want one redis-server", children)
	}
	if left := up.LeftOver(platformtest.Patience); len(left) > 0 {
		t.Errorf("these outlive up: %v", left)
	}
	_, c = platformtest.Up(t, data)
	awaitFifty(t, c, jobs)
}

// A start right after the kill may find the Redis of the one before still there, and gets along with it; in a folder so deep that the
// socket has to be elsewhere, too.
func TestParentKilledAndStartedAtOnce(t *testing.T) {
	t.Parallel()
	data := filepath.Join(platformtest.Folder(t), strings.Repeat("deep/", 40))
	up, c := platformtest.Up(t, data)
	first := submit(t, c, "fibonacci", "n=200001")
	for range 3 {
		up.Kill(t)
		up, c = platformtest.Up(t, data)
		await(t, c, first.ID, job.Succeeded, platformtest.Patience)
		await(t, c, submit(t, c, "fibonacci", "n=1001").ID, job.Succeeded, platformtest.Patience)
	}
}

// submitFifty submits 50 different computations at once: some small, most medium, some that take a good part of a second.
func submitFifty(t *testing.T, c *platformtest.Client) []api.Job {
	t.Helper()
	jobs, errs := make([]api.Job, 50), make([]error, 50)
	ctx := within(t, platformtest.Patience)
	var all sync.WaitGroup
	for i := range jobs {
		function, n := "fibonacci", 0
		switch i % 5 {
		case 0:
			n = 1000 + i
		case 1:
			function, n = "factorial/recursive", 20_000+i
		case 2:
			function, n = "factorial", 30_000+i
		default:
			n = 4_000_000 + i
		}
		all.Go(func() {
			a, err := c.Submit(ctx, asks(function, fmt.Sprintf("n=%d", n)), 0)
			jobs[i], errs[i] = a.Job, err
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("submit job %d: %v", i, err)
		}
	}
	return jobs
}

// countOpen is how many of the jobs have not ended.
func countOpen(t *testing.T, c *platformtest.Client, jobs []api.Job) (open int) {
	t.Helper()
	for _, j := range jobs {
		j, err := c.Get(within(t, platformtest.Patience), j.ID, client.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !j.State.Terminal() {
			open++
		}
	}
	return open
}

// awaitFifty waits until every job has succeeded, with digits that are right.
func awaitFifty(t *testing.T, c *platformtest.Client, jobs []api.Job) {
	t.Helper()
	for _, j := range jobs {
		j = await(t, c, j.ID, job.Succeeded, 2*time.Minute)
		var n uint64
		if _, err := fmt.Sscan(j.Args["n"], &n); err != nil {
			t.Fatal(err)
		}
		want := fibonacciResidue
		if j.Function == "factorial" {
			want = factorialResidue
		}
		if got := residue(digits(t, c, j.ID)); got != want(n) {
			t.Errorf("%s of %d: the digits are %d modulo %d, want %d", j.Function, n, got, prime, want(n))
		}
	}
}
