package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// Whatever has been answered with 202 is carried out, even if `up` is killed again and again in the middle of submissions, some for the
// same numbers; and no computation is left half done for those that come after.
func TestKilledWhileSubmitting(t *testing.T) {
	t.Parallel()
	const rounds, people = 5, 8
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	data := platformtest.Folder(t)
	var taken []api.Job
	for round := range rounds {
		up, c := platformtest.Up(t, data)
		enough, here := 1+random.IntN(60), 0
		for j := range submissions(t, c, people, 20_000+1000*round) {
			taken = append(taken, j)
			if here++; here == enough {
				up.Kill(t)
			}
		}
		if here < enough {
			t.Fatalf("in round %d only %d jobs were taken, want %d before the kill", round, here, enough)
		}
	}
	_, c := platformtest.Up(t, data)
	for _, j := range taken {
		await(t, c, j.ID, job.Succeeded, platformtest.Patience)
	}
	t.Logf("all %d jobs that were taken succeeded", len(taken))
}

// submissions are the jobs that a number of people submit, one after the other each, until the server does not answer any more.
func submissions(t *testing.T, c *platformtest.Client, people, from int) <-chan api.Job {
	t.Helper()
	taken := make(chan api.Job)
	ctx := within(t, platformtest.Patience)
	var all sync.WaitGroup
	for person := range people {
		all.Go(func() {
			for i := 0; ; i++ {
				a, err := c.Submit(ctx, asks("fibonacci", fmt.Sprintf("n=%d", from+i*(person%4))), 0)
				if err != nil {
					return
				}
				taken <- a.Job
			}
		})
	}
	go func() {
		all.Wait()
		close(taken)
	}()
	return taken
}
