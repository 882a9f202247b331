package runner

import (
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/worker/internal/workertest"
)

func TestARunThatWasLostOnceDoesNotWaitForLong(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.runner.alonePatience = 10 * time.Millisecond
	endless := x.Endless()
	_, cancel := x.handle(endless)
	defer cancel()
	s := x.small("50")
	x.lost(s)
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Errorf("got %v, want it done beside the other", err)
	}
	x.WantState(s, job.Succeeded)
	x.WantState(endless, job.Running)
}

func TestARunThatWasLostTwiceIsAlone(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.runner.alonePatience = time.Millisecond
	endless := x.Endless()
	other, cancel := x.handle(endless)
	defer cancel()
	s := x.small("50")
	x.lost(s)
	x.lost(s)
	handled, _ := x.deliver(s)
	x.aloneWaits(1)
	x.WantState(s, job.Queued)
	x.runner.Stop(endless.Run.Fingerprint, endless.Run.ID)
	workertest.Receive(t, "the end of the other", other)
	if got := workertest.Receive(t, "the end", handled); got.err != nil {
		t.Errorf("got %v, want it done", got.err)
	}
	if rec := x.WantState(s, job.Succeeded); rec.Attempt != 3 {
		t.Errorf("got attempt %d, want the third", rec.Attempt)
	}
}
