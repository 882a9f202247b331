package queue_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/hibiken/asynq"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// of is the n-th of many runs, of a class.
func of(n int, c job.Class) store.Run {
	r := run(n)
	r.Queue = queue.Name(c, job.Standard)
	return r
}

// While a large and a huge one run and more of them wait, small ones come and go, side by side, and never two large ones run at once.
func TestSmallRunsNeverWaitForLargeOnes(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var large atomic.Int64
	entered, leave, meet, done := make(chan struct{}, 4), make(chan struct{}), make(chan struct{}), make(chan struct{}, 4)
	x.serve(func(ctx context.Context, r store.Run) (string, error) {
		switch r.Queue {
		case "large":
			if n := large.Add(1); n > 1 {
				t.Errorf("%d large ones run at once", n)
			}
			defer large.Add(-1)
			fallthrough
		case "huge":
			entered <- struct{}{}
			select {
			case <-leave:
			case <-ctx.Done():
			}
			return "", nil
		}
		select { // ends once the other is here
		case meet <- struct{}{}:
		case <-meet:
		case <-ctx.Done():
		}
		done <- struct{}{}
		return "", nil
	})
	waiting := []store.Run{of(1, job.Large), of(2, job.Huge), of(3, job.Large), of(4, job.Huge)}
	for i, r := range waiting {
		x.enqueue(r)
		if i < 2 {
			receive(t, "the handler", entered)
		}
	}
	for i := 11; i <= 14; i++ {
		x.enqueue(of(i, job.Small))
	}
	for range 4 {
		receive(t, "the end of a small one", done)
	}
	if n := len(entered); n != 0 {
		t.Errorf("%d more large ones run", n)
	}
	for _, r := range waiting[2:] {
		if info, err := x.inspector.GetTaskInfo(r.Queue, taskID(r)); err != nil || info.State != asynq.TaskStatePending {
			t.Errorf("the second %s one: got %v, %v, want it to wait", r.Queue, info.State, err)
		}
	}
	close(leave)
	receive(t, "the second large one", entered)
	receive(t, "the second huge one", entered)
}

// While all have work, the higher priorities are mostly taken first, and the lowest is not left out.
func TestPrioritiesShareTheirPlaces(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const each = 60
	handled := make(chan string, 3*each)
	for i := range each {
		for j, p := range job.Priorities() {
			r := run(3*i + j)
			r.Queue = queue.Name(job.Large, p)
			x.enqueue(r)
		}
	}
	x.serve(func(_ context.Context, r store.Run) (string, error) {
		handled <- r.Queue
		return "", nil
	})
	taken := map[string]int{}
	for range each { // no queue can be empty yet
		taken[receive(t, "a run", handled)]++
	}
	// Of 60 draws at 6, 3 and 1 in ten.
	if taken["large-high"] <= taken["large-low"] || taken["large-high"] < each/4 || taken["large"]+taken["large-low"] == 0 {
		t.Errorf("got %v, want most of the highest priority and some of the others", taken)
	}
}

func TestAClassWithoutPlacesIsNotServed(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	handled := make(chan string, 2)
	handle := func(_ context.Context, r store.Run) (string, error) {
		handled <- r.Queue
		return "", nil
	}
	s, err := queue.NewServer(x.rdb, queue.ServerOptions{Places: map[job.Class]int{job.Large: 0, job.Huge: 0}, Logger: quiet()}, handle)
	if err != nil {
		t.Fatal(err)
	}
	x.enqueue(of(1, job.Large))
	x.enqueue(of(2, job.Small))
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, "a run", handled); got != small {
		t.Errorf("got a run of %s, want the small one", got)
	}
	s.Shutdown()
	if len(handled) != 0 {
		t.Error("the large one is handled too")
	}
	none := queue.ServerOptions{Places: map[job.Class]int{job.Small: 0, job.Large: 0, job.Huge: 0}, Logger: quiet()}
	if _, err := queue.NewServer(x.rdb, none, handle); err == nil {
		t.Error("a server without a place is made")
	}
}
