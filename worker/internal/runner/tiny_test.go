package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

// scripts counts calls of scripts.
type scripts struct{ calls int }

func (*scripts) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*scripts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *scripts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if name := cmd.Name(); name == "evalsha" {
			c.calls++
		}
		return next(ctx, cmd)
	}
}

// tiny submits F(n), as it is delivered for the first time.
func (x *fixture) tiny(n string) store.Submission {
	s := x.small(n)
	s.Run.FirstQueued = time.Now()
	return s
}

func TestATinyRunTakesOneCall(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	warm := x.tiny("100")
	if _, err := x.runner.Handle(t.Context(), warm.Run); err != nil {
		t.Fatal(err)
	}
	s := x.tiny("1000")
	counted := new(scripts)
	x.Redis.AddHook(counted)
	if summary, err := x.runner.Handle(t.Context(), s.Run); err != nil || summary == "" {
		t.Errorf("got %q, %v, want a summary", summary, err)
	}
	if counted.calls != 1 {
		t.Errorf("%d calls, want 1", counted.calls)
	}
	r := x.WantState(s, job.Succeeded)
	if r.Attempt != 1 || r.Result.Digits != 209 {
		t.Errorf("got attempt %d with %d digits, want the first with 209", r.Attempt, r.Result.Digits)
	}
	lines := x.lines(s)
	if len(lines) != 3 || lines[0].Message != "attempt started" || lines[2].Message != "attempt succeeded" {
		t.Errorf("the job's log has %+v, want three lines from its start to its end", lines)
	}
}

// What is not sure to be tiny is claimed before it begins.
func TestWhatIsNotTinyIsClaimed(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for what, s := range map[string]store.Submission{
		"too many digits for a record": x.Some(), "not priced as tiny": x.Endless(), "delivered before": x.small("500"),
	} {
		if what != "delivered before" {
			s.Run.FirstQueued = time.Now()
		}
		d := &delivery{prepared: prepare(s.Run.Spec), run: s.Run}
		if d.isTiny() {
			t.Errorf("%s: counts as tiny", what)
		}
	}
}

func TestATinyRunThatWasBegunBeforeComesBack(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.tiny("1000")
	a, ok, err := x.Records.Claim(t.Context(), s.Run, "another worker", false)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := x.Records.Release(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := x.runner.Handle(t.Context(), s.Run); !errors.Is(err, queue.ErrReleased) {
		t.Errorf("got %v, want it given back", err)
	}
	x.WantState(s, job.Queued)
	s.Run.FirstQueued = time.Time{} // as it comes back
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Error(err)
	}
	if r := x.WantState(s, job.Succeeded); r.Attempt != 2 {
		t.Errorf("got attempt %d, want the second", r.Attempt)
	}
}

func TestATinyRunThatNobodyWantsIsDropped(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.tiny("1000")
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, s.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	x.WantState(s, job.Cancelled)
}

// However a tiny attempt comes to nothing, nobody is told of it: the run is made again, unless nobody wants it.
func TestATinyAttemptThatComesToNothingComesBack(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.tiny("1000")
	a := store.Unrecorded(s.Run, "worker")
	for name, c := range map[string]struct {
		err, cause, want error
		how              ending
	}{
		"a failure":  {err: errBroken, want: queue.ErrReleased, how: released},
		"a drain":    {err: context.Canceled, cause: errDraining, want: queue.ErrReleased, how: released},
		"no demand":  {err: context.Canceled, cause: errAbandoned, how: stopped},
		"a deadline": {err: context.DeadlineExceeded, cause: context.DeadlineExceeded, want: queue.ErrReleased, how: released},
	} {
		how, err := x.runner.ended(t.Context(), workertest.Quiet(), a, &delivery{run: s.Run}, c.err, c.cause)
		if how != c.how || !errors.Is(err, c.want) {
			t.Errorf("%s: got %s, %v, want %s, %v", name, how, err, c.how, c.want)
		}
	}
	if r := x.WantState(s, job.Queued); r.Attempt != 0 {
		t.Errorf("got attempt %d, want none recorded", r.Attempt)
	}
}
