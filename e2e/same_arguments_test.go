package e2e_test

import (
	"sync"
	"testing"

	"numbermill/api/client"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// 200 people who ask for the same number at the same time get a job each, and it is computed once.
func TestSameArgumentsAtOnce(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)
	worker := platformtest.Worker(t, redis, results)

	const people = 200
	jobs, errs := make([]client.Answer, people), make([]error, people)
	ctx := within(t, platformtest.Patience)
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range people {
		all.Go(func() {
			<-begin
			jobs[i], errs[i] = c.Submit(ctx, asks("factorial/recursive", "n=30011"), 0)
		})
	}
	close(begin)
	all.Wait()

	ids, caches := map[job.ID]bool{}, map[job.Cache]int{}
	for i := range people {
		if errs[i] != nil {
			t.Fatalf("submission %d: %v", i, errs[i])
		}
		j := await(t, c, jobs[i].ID, job.Succeeded, platformtest.Patience)
		ids[j.ID] = true
		caches[j.Result.Cache]++
		if j.Attempt > 1 {
			t.Errorf("job %d took %d attempts, want 1", i, j.Attempt)
		}
	}
	t.Logf("how they were served: %v", caches)
	if len(ids) != people {
		t.Errorf("there are %d jobs, want %d", len(ids), people)
	}
	if got := caches[job.Miss]; got != 1 || caches[job.Joined]+caches[job.Hit] != people-1 {
		t.Errorf("%d were computed, %d joined and %d hit; want 1 computed and the others joined or hit", got, caches[job.Joined], caches[job.Hit])
	}
	if got := len(worker.Err.Find(says("attempt started"))); got != 1 {
		t.Errorf("the worker started %d attempts, want 1", got)
	}
	if blobs := platformtest.Blobs(t, results); len(blobs) != 1 {
		t.Errorf("there are %d files of digits, want 1: %v", len(blobs), blobs)
	}
	if got, want := residue(digits(t, c, jobs[0].ID)), factorialResidue(30_011); got != want {
		t.Errorf("the digits are %d modulo %d, want %d", got, prime, want)
	}
}
