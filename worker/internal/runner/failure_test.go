package runner

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// wantRetries delivers a run until it is not to come back, and checks the delays and the reason that people are told.
func (x *fixture) wantRetries(s store.Submission, code string, delays ...time.Duration) {
	x.T.Helper()
	for i, want := range delays {
		_, err := x.runner.Handle(x.T.Context(), s.Run)
		if retry, ok := errors.AsType[*queue.RetryError](err); !ok || retry.After != want {
			x.T.Errorf("attempt %d: got %v, want it to be tried again after %v", i+1, err, want)
		}
		x.WantState(s, job.Queued)
	}
	if _, err := x.runner.Handle(x.T.Context(), s.Run); err != nil {
		x.T.Errorf("the last attempt: got %v, want nil: it is not to come back", err)
	}
	r := x.WantState(s, job.Failed)
	if r.Failure == nil || r.Failure.Code != code || r.Failure.Detail == "" || r.Attempt != int64(len(delays))+1 {
		x.T.Errorf("got failure %+v in attempt %d, want %s in %d", r.Failure, r.Attempt, code, len(delays)+1)
	}
}

func TestAResultThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	// A file where the folder was: root may write to a folder that forbids it.
	if err := os.RemoveAll(x.Dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(x.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	x.wantRetries(x.Some(), "result-not-written", time.Second, 2*time.Second)
}

func TestAResultIsWrittenOnceItCanBe(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	if err := os.RemoveAll(x.Dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(x.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := x.runner.Handle(t.Context(), s.Run); err == nil {
		t.Fatal("a result is written to a file in place of a folder")
	}
	if err := os.Remove(x.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Fatal(err)
	}
	x.WantState(s, job.Succeeded)
	x.WantFiles(1)
}

func TestWhatTheWorkerDoesNotKnowFailsAtOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	n := map[string]string{"n": "5"}
	for i, c := range []struct {
		spec job.Spec
		code string
	}{
		{job.Spec{Function: "tetration", Args: n, Method: "fast"}, "unknown-function"},
		{job.Spec{Function: "fibonacci", Args: n, Method: "guess"}, "unknown-method"},
		{job.Spec{Function: "fibonacci", Args: map[string]string{"k": "5"}, Method: "fast"}, "unknown-arguments"},
		{job.Spec{Function: "fibonacci", Args: map[string]string{"n": "-5"}, Method: "fast"}, "unknown-arguments"},
		{job.Spec{Function: "ackermann", Args: map[string]string{"m": "5", "n": "5"}, Method: "fast"}, "not-representable"},
	} {
		f := job.Fingerprint("000000000000000000000000000000000000000" + string("0123456789"[i]))
		x.wantRetries(x.SubmitSpec(c.spec, f), c.code)
	}
}

func TestAPanicIsAFailureWhoseDetailsStayInTheLog(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var said bytes.Buffer
	x.runner = newRunner(x.Bench, nil, ample) // no result store: writing panics
	x.runner.logger = slog.New(slog.NewJSONHandler(&said, nil))
	s := x.Some()
	x.wantRetries(s, "internal", time.Second, 2*time.Second)
	if detail := x.Get(s).Failure.Detail; strings.Contains(detail, "nil pointer") || strings.Contains(detail, "goroutine") {
		t.Errorf("people are told %q", detail)
	}
	if !strings.Contains(said.String(), "nil pointer") || !strings.Contains(said.String(), "spill.go") {
		t.Errorf("the log does not say what has happened: %.500s", said.String())
	}
	if got := x.runner.Busy(); got != 0 {
		t.Errorf("%d attempts are under way, want none", got)
	}
}

func TestAnAttemptThatTakesTooLongFails(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Endless()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := x.runner.Handle(ctx, s.Run); err != nil {
		t.Errorf("got %v, want nil: the next attempt would take as long", err)
	}
	if r := x.WantState(s, job.Failed); r.Failure == nil || r.Failure.Code != "too-slow" {
		t.Errorf("got failure %+v, want too-slow", r.Failure)
	}
	x.WantFiles(0)
}

func TestARunThatCannotBeClaimedComesBack(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	if err := x.Redis.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := x.runner.Handle(t.Context(), s.Run)
	if retry, ok := errors.AsType[*queue.RetryError](err); !ok || retry.After != time.Second {
		t.Errorf("got %v, want it to be tried again after a second", err)
	}
}

func TestRetryDelaysGrowUpToAMinute(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int64]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 6: 32 * time.Second, 7: time.Minute, 100: time.Minute,
	} {
		if got := retryDelay(failures); got != want {
			t.Errorf("after %d failures: got %v, want %v", failures, got, want)
		}
	}
}
