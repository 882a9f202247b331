package runner

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

// peak is what one of the endless computations takes.
func (x *fixture) peak(s store.Submission) int64 {
	x.T.Helper()
	peak := prepare(x.Get(s).Spec).peak()
	if peak <= 0 {
		x.T.Fatalf("%+v takes %d bytes", x.Get(s).Spec, peak)
	}
	return peak
}

// tight makes the runner one with memory for one computation such as s, but not for two.
func (x *fixture) tight(s store.Submission) {
	x.T.Helper()
	x.runner = newRunner(x.Bench, x.Results, x.peak(s)*3/2)
}

// wait begins a delivery that finds no memory.
func (x *fixture) wait(s store.Submission) (ended <-chan outcome) {
	x.T.Helper()
	before := x.runner.memory.Waiting()
	ch, _ := x.deliver(s)
	x.Eventually("a run waits for memory", func() bool { return x.runner.memory.Waiting() > before })
	x.WantState(s, job.Queued)
	return ch
}

// other is another endless computation.
func (x *fixture) other() store.Submission {
	x.T.Helper()
	return x.Submit("fibonacci", "n=56", "recursive")
}

func TestWhatDoesNotFitWaitsItsTurn(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, second := x.Endless(), x.Some()
	x.tight(first)
	running, cancel := x.handle(first)
	defer cancel()
	waiting := x.wait(second)
	if got := x.runner.Busy(); got != 2 {
		t.Errorf("%d runs are under way, want both: a worker that stops waits for neither otherwise", got)
	}
	x.runner.Stop(first.Run.Fingerprint, first.Run.ID)
	workertest.Receive(t, "the end of the first", running)
	if got := workertest.Receive(t, "the end of the second", waiting); got.err != nil {
		t.Errorf("got %v, want it done", got.err)
	}
	x.WantState(second, job.Succeeded)
}

// However many are delivered at the same time, those under way never take more than there is.
func TestJobsThatTogetherTakeTooMuchRunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var all []store.Submission
	for _, n := range []string{"50000", "50001", "50002", "50003", "50004", "50005"} {
		all = append(all, x.small(n))
	}
	x.tight(all[0])
	var said bytes.Buffer
	x.runner.logger = slog.New(slog.NewTextHandler(&said, nil))
	var ends []<-chan outcome
	for _, s := range all {
		ch, _ := x.deliver(s)
		ends = append(ends, ch)
	}
	for _, ch := range ends {
		if got := workertest.Receive(t, "the end", ch); got.err != nil {
			t.Error(got.err)
		}
	}
	var order []string
	for _, event := range regexp.MustCompile(`attempt (started|succeeded)`).FindAllStringSubmatch(said.String(), -1) {
		order = append(order, event[1])
	}
	if want := slices.Repeat([]string{"started", "succeeded"}, len(all)); !slices.Equal(order, want) {
		t.Errorf("the attempts %v, want each to end before the next is started", order)
	}
	for _, s := range all {
		x.WantState(s, job.Succeeded)
	}
}

func TestACancelledJobWaitsNoLonger(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, second := x.Endless(), x.other()
	x.tight(first)
	running, cancel := x.handle(first)
	defer cancel()
	waiting := x.wait(second)
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, second.ID); err != nil {
		t.Fatal(err)
	}
	x.runner.Stop(second.Run.Fingerprint, second.Run.ID)
	if got := workertest.Receive(t, "the end", waiting); got.err != nil {
		t.Errorf("got %v, want nil: nobody waits for it any more", got.err)
	}
	if r := x.WantState(second, job.Cancelled); r.Attempt != 0 {
		t.Errorf("it was begun %d times, want never", r.Attempt)
	}
	x.runner.Stop(first.Run.Fingerprint, first.Run.ID)
	workertest.Receive(t, "the end of the first", running)
}

func TestWhatWaitsIsGivenBackFirst(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, second := x.Endless(), x.other()
	x.tight(first)
	running, cancel := x.handle(first)
	defer cancel()
	waiting := x.wait(second)
	x.runner.Decline()
	if got := workertest.Receive(t, "the end of the second", waiting); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
	if r := x.WantState(second, job.Queued); r.Attempt != 0 {
		t.Errorf("it was begun %d times, want never", r.Attempt)
	}
	x.WantState(first, job.Running)
	if _, err := x.runner.Handle(t.Context(), second.Run); !errors.Is(err, queue.ErrReleased) {
		t.Errorf("delivered again: got %v, want the run given back", err)
	}
	x.runner.Drain()
	if got := workertest.Receive(t, "the end of the first", running); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
}

func TestADeliveryThatEndsWhileItWaits(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, second := x.Endless(), x.other()
	x.tight(first)
	running, stop := x.handle(first)
	waiting, cancel := x.deliver(second)
	x.Eventually("a run waits for memory", func() bool { return x.runner.memory.Waiting() == 1 })
	cancel()
	if got := workertest.Receive(t, "the end of the second", waiting); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
	stop()
	workertest.Receive(t, "the end of the first", running)
	x.WantState(second, job.Queued)
}

// A job that is too large for every worker fails at once, and says so.
func TestAJobTooLargeForEveryWorker(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	x.runner = newRunner(x.Bench, x.Results, x.peak(s)-1)
	for _, name := range []string{"worker", "small"} {
		x.Must(x.Records.Beat(t.Context(), name))
		x.Must(x.Records.Describe(t.Context(), name, store.Description{Capacity: store.Capacity{MemoryBytes: x.peak(s) - 1}}))
	}
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Errorf("got %v, want nil: it would be the same again", err)
	}
	if r := x.WantState(s, job.Failed); r.Failure == nil || r.Failure.Code != "memory-exceeded" {
		t.Errorf("got failure %+v, want memory-exceeded", r.Failure)
	}
}

func TestAJobTooLargeForThisWorkerIsLeftToALargerOne(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	x.runner = newRunner(x.Bench, x.Results, x.peak(s)-1)
	x.Must(x.Records.Beat(t.Context(), "large"))
	x.Must(x.Records.Describe(t.Context(), "large", store.Description{Capacity: store.Capacity{MemoryBytes: x.peak(s)}}))
	_, err := x.runner.Handle(t.Context(), s.Run)
	if retry, ok := errors.AsType[*queue.RetryError](err); !ok || retry.After < 100*time.Millisecond || !errors.Is(err, queue.ErrReleased) {
		t.Errorf("got %v, want it given back for a while, which is no failure", err)
	}
	if r := x.WantState(s, job.Queued); r.Attempt != 0 {
		t.Errorf("it was begun %d times, want never", r.Attempt)
	}
}
