package runner

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

func TestHandlePublishes(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	small, large := x.small("12"), x.Some()
	for _, s := range []store.Submission{small, large} {
		summary, err := x.runner.Handle(t.Context(), s.Run)
		if err != nil {
			t.Fatal(err)
		}
		r := x.WantState(s, job.Succeeded)
		var got map[string]string
		if err := json.Unmarshal([]byte(summary), &got); err != nil || got["sha256"] != r.Result.SHA256 {
			t.Errorf("got summary %q, %v, want one with the result's sum", summary, err)
		}
		if len(r.Result.Verification.Residues) != 2 || r.Result.Timing.Compute < 0 || r.Result.CPUMillis < 0 {
			t.Errorf("got result %+v, want it verified and timed", r.Result)
		}
	}
	if digits, err := x.Records.Digits(t.Context(), small.Run.Fingerprint); err != nil || digits != "144" {
		t.Errorf("got digits %q, %v, want 144 in the record itself", digits, err)
	}
	r := x.Get(large)
	if diff := cmp.Diff([]string{"/" + r.Result.Blob}, x.Files()); diff != "" {
		t.Errorf("the result store holds (-want +got):\n%s", diff)
	}
	if summary, err := x.runner.Handle(t.Context(), large.Run); err != nil || summary != "" {
		t.Errorf("delivered once more: got %q, %v, want nothing to be done", summary, err)
	}
	if got := x.Get(large).Attempt; got != 1 {
		t.Errorf("got %d attempts, want 1", got)
	}
}

func TestAnAttemptThatIsOvertakenStops(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	handled, cancel := x.handle(s)
	defer cancel()
	other, ok, err := x.Records.Claim(t.Context(), s.Run, "another worker", true)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if got := workertest.Receive(t, "the end", handled); got.err != nil {
		t.Errorf("got %v, want nil: the run is another attempt's", got.err)
	}
	if r := x.WantState(s, job.Running); r.Attempt != other.Number || r.Worker != "another worker" {
		t.Errorf("attempt %d of %s is under way, want %d of the other", r.Attempt, r.Worker, other.Number)
	}
	x.WantFiles(0)
}

func TestAnAttemptOvertakenAtTheLastMomentLeavesNothing(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	written := 0
	x.Redis.AddHook(&beforePublish{[]func(){func() {
		written = len(x.Files())
		if _, ok, err := x.Records.Claim(t.Context(), s.Run, "another worker", true); err != nil || !ok {
			t.Error(ok, err)
		}
	}}})
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if written != 1 {
		t.Errorf("%d files were written before, want 1: the test tests nothing", written)
	}
	x.WantState(s, job.Running)
	x.WantFiles(0)
}

// As after a pause of the process: the queue delivers the run to the same worker again while the first attempt goes on.
func TestTwoDeliveriesInOneWorker(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	first, cancelFirst := x.handle(s)
	defer cancelFirst()
	second, cancelSecond := x.handle(s)
	defer cancelSecond()
	if got := workertest.Receive(t, "the end of the first", first); got.err != nil {
		t.Errorf("the first: got %v, want nil", got.err)
	}
	if got := x.runner.Busy(); got != 1 {
		t.Errorf("%d attempts are under way, want the second alone", got)
	}
	r := x.WantState(s, job.Running)
	if r.Attempt != 2 {
		t.Errorf("got attempt %d, want 2", r.Attempt)
	}
	x.Eventually("the second reports on", func() bool { return x.Get(s).Reports > r.Reports+2 })
	x.runner.Stop(s.Run.Fingerprint, s.Run.ID)
	if got := workertest.Receive(t, "the end of the second", second); got.err != nil {
		t.Errorf("the second: got %v, want nil", got.err)
	}
}

func TestStopEndsAnAbandonedRun(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	handled, cancel := x.handle(s)
	defer cancel()
	x.runner.Stop(s.Run.Fingerprint, "another run")
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, s.ID); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	x.runner.Stop(s.Run.Fingerprint, s.Run.ID)
	if got := workertest.Receive(t, "the end", handled); got.err != nil {
		t.Errorf("got %v, want nil: nobody waits for it any more", got.err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	x.WantState(s, job.Cancelled)
	x.WantFiles(0)
}

// Where the message is lost, the next report of progress tells.
func TestAnAbandonedRunEndsWithoutAMessage(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	handled, cancel := x.handle(s)
	defer cancel()
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, s.ID); err != nil {
		t.Fatal(err)
	}
	if got := workertest.Receive(t, "the end", handled); got.err != nil {
		t.Errorf("got %v, want nil", got.err)
	}
}

func TestDrainGivesBack(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	handled, cancel := x.handle(s)
	defer cancel()
	x.runner.Drain()
	if got := workertest.Receive(t, "the end", handled); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
	x.WantState(s, job.Queued)
	if _, err := x.runner.Handle(t.Context(), s.Run); !errors.Is(err, queue.ErrReleased) {
		t.Errorf("while draining: got %v, want the run given back", err)
	}
	x.WantFiles(0)
	if a, ok, err := x.Records.Claim(t.Context(), s.Run, "another worker", true); err != nil || !ok || a.Failures != 0 || a.Number != 2 {
		t.Errorf("got %+v, %v, %v, want the second attempt after no failure", a, ok, err)
	}
}

func TestDrainDoesNotDisturbWhoHasTakenOver(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	handled, cancel := x.handle(s)
	defer cancel()
	if _, ok, err := x.Records.Claim(t.Context(), s.Run, "another worker", true); err != nil || !ok {
		t.Fatal(ok, err)
	}
	x.runner.Drain()
	if got := workertest.Receive(t, "the end", handled); got.err != nil {
		t.Errorf("got %v, want nil: bringing the task back would start a third attempt", got.err)
	}
	x.WantState(s, job.Running)
}

func TestACancelledDeliveryIsGivenBack(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	handled, cancel := x.handle(s)
	cancel()
	if got := workertest.Receive(t, "the end", handled); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
	x.WantState(s, job.Queued)
}

func TestPublishOutlastsARestartOfRedis(t *testing.T) {
	t.Parallel()
	server := redistest.New(t, redistest.AppendOnly(t.TempDir()))
	x := on(t, server.URL())
	s := x.Some()
	arrived, goOn, again := make(chan struct{}), make(chan struct{}), make(chan struct{})
	x.Redis.AddHook(&beforePublish{[]func(){
		func() {
			close(arrived)
			<-goOn
		},
		func() { close(again) },
	}})
	handled := make(chan outcome, 1)
	go func() {
		summary, err := x.runner.Handle(t.Context(), s.Run)
		handled <- outcome{summary, err}
	}()
	workertest.Receive(t, "the publication", arrived)
	server.Kill()
	close(goOn)
	workertest.Receive(t, "the next try", again) // the client library has given up by then
	server.Restart()
	if got := workertest.Receive(t, "the end", handled); got.err != nil {
		t.Errorf("got %v, want it published", got.err)
	}
	if r := x.WantState(s, job.Succeeded); r.Attempt != 1 {
		t.Errorf("it took %d attempts, want 1", r.Attempt)
	}
	x.WantFiles(1)
}
