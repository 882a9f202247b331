package runner

import (
	"errors"
	"slices"
	"testing"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

// lost makes s a run with which a worker was lost.
func (x *fixture) lost(s store.Submission) {
	x.T.Helper()
	a := x.Claim(s.Run, "gone")
	if loss, err := x.Records.Lose(x.T.Context(), a); err != nil || loss != store.LossRequeued {
		x.T.Fatalf("got %v, %v, want the run queued again", loss, err)
	}
}

// refused delivers s where something else is or will be alone.
func (x *fixture) refused(s store.Submission) {
	x.T.Helper()
	_, err := x.runner.Handle(x.T.Context(), s.Run)
	if busy, ok := errors.AsType[*queue.BusyError](err); !ok || busy.After != busyPause {
		x.T.Errorf("got %v, want it to come back after a while", err)
	}
	if r := x.WantState(s, job.Queued); r.Attempt != 0 {
		x.T.Errorf("it was begun %d times, want never", r.Attempt)
	}
}

func (x *fixture) aloneWaits(count int) {
	x.T.Helper()
	x.Eventually("it waits to be alone", func() bool {
		x.runner.gate.mu.Lock()
		defer x.runner.gate.mu.Unlock()
		return len(x.runner.gate.line) == count
	})
}

func TestWhatLostAWorkerRunsAlone(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, suspect, third := x.Endless(), x.other(), x.small("12")
	x.lost(suspect)
	running, cancel := x.handle(first)
	defer cancel()
	waiting, stopSuspect := x.deliver(suspect)
	defer stopSuspect()
	x.aloneWaits(1)
	x.WantState(suspect, job.Queued)
	x.refused(third)
	held := x.runner.Held()
	if len(held) != 2 || held[1].Run != suspect.Run.ID || held[1].Attempt != 0 || held[0].Attempt != 1 {
		t.Errorf("the runner says that it has %+v, want both, one of which waits", held)
	}
	x.runner.Stop(first.Run.Fingerprint, first.Run.ID)
	workertest.Receive(t, "the end of the first", running)
	x.Eventually("the other begins", func() bool { return x.Get(suspect).State == job.Running })
	x.refused(third)
	x.runner.Stop(suspect.Run.Fingerprint, suspect.Run.ID)
	workertest.Receive(t, "the end of the other", waiting)
	if _, err := x.runner.Handle(t.Context(), third.Run); err != nil {
		t.Errorf("afterwards: got %v, want it done", err)
	}
	x.WantState(third, job.Succeeded)
	if got := messages(x.lines(suspect)); !slices.Contains(got, "computed alone in its worker, since one was lost with it before") {
		t.Errorf("the job's log says %q, and not that it was alone", got)
	}
}

// Neither waits for what the other has.
func TestWhoWaitsForMemoryMakesRoom(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	second, suspect := x.Some(), x.other()
	x.tight(second)
	x.lost(suspect)
	giveBack, err := x.runner.memory.Take(t.Context(), x.runner.memory.Total()-x.peak(suspect))
	x.Must(err)
	waiting := x.wait(second)
	alone, cancel := x.handle(suspect)
	defer cancel()
	got := workertest.Receive(t, "the end of the second", waiting)
	if _, ok := errors.AsType[*queue.BusyError](got.err); !ok {
		t.Errorf("got %v, want it to come back after a while", got.err)
	}
	giveBack()
	x.refused(second)
	x.runner.Stop(suspect.Run.Fingerprint, suspect.Run.ID)
	workertest.Receive(t, "the end of the lone one", alone)
	if _, err := x.runner.Handle(t.Context(), second.Run); err != nil {
		t.Errorf("afterwards: got %v, want it done", err)
	}
}

func TestWhatWaitsToBeAloneIsGivenBack(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, suspect, cancelled := x.Endless(), x.other(), x.Some()
	x.lost(suspect)
	x.lost(cancelled)
	running, cancel := x.handle(first)
	defer cancel()
	// Both find out before one of them waits.
	suspects, _ := x.deliver(suspect)
	x.aloneWaits(1)
	x.refusedAlone(cancelled)
	x.runner.Decline()
	if got := workertest.Receive(t, "the end of its wait", suspects); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
	x.WantState(first, job.Running)
	x.runner.Drain()
	workertest.Receive(t, "the end of the first", running)
}

// refusedAlone is refused for a run with an attempt behind it.
func (x *fixture) refusedAlone(s store.Submission) {
	x.T.Helper()
	_, err := x.runner.Handle(x.T.Context(), s.Run)
	if _, ok := errors.AsType[*queue.BusyError](err); !ok {
		x.T.Errorf("got %v, want it to come back after a while", err)
	}
}
