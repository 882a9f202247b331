package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// logged is what an attempt logs in these tests.
var logged = job.LogLine{Message: "attempt succeeded", Attempt: 1, Worker: "worker"}

func TestAnAttemptThatIsRecordedWithItsEnd(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s := x.submit(fp(1))
		joined := x.submit(fp(1))
		a := store.Unrecorded(s.Run, "worker")
		if r := x.get(s); r.State != job.Queued || a.Recorded() {
			t.Errorf("before its end: got %s, want the run still queued", r.State)
		}
		for range 2 { // the answer to the first may be lost
			if held, err := x.s.Complete(t.Context(), a, someResult, "144", logged); err != nil || !held {
				t.Fatalf("complete: got %v, %v", held, err)
			}
		}
		for _, sub := range []store.Submission{s, joined} {
			r := x.wantState(sub, job.Succeeded)
			if r.Attempt != 1 || !r.StartedAt.Equal(a.StartedAt.UTC().Truncate(1e6)) || r.FinishedAt.Before(r.StartedAt) || !r.Settled {
				t.Errorf("got attempt %d from %v to %v, want the first from %v on", r.Attempt, r.StartedAt, r.FinishedAt, a.StartedAt)
			}
		}
		attempts, err := x.s.Attempts(t.Context(), x.get(s))
		if err != nil || len(attempts) != 1 || attempts[0].Number != 1 || attempts[0].Worker != "worker" || attempts[0].State != job.AttemptSucceeded {
			t.Errorf("attempts: got %+v, %v, want one that has succeeded", attempts, err)
		}
		lines, next, err := x.s.Logs(t.Context(), x.get(s), 0)
		if diff := cmp.Diff([]job.LogLine{logged}, lines); diff != "" || next != 1 || err != nil {
			t.Errorf("log: next %d, %v (-want +got):\n%s", next, err, diff)
		}
		if got := x.open(); got != 0 {
			t.Errorf("%d jobs are open, want none", got)
		}
		x.wantFinished("afterwards", s, joined)
	})
}

func TestAnUnrecordedAttemptChangesNothingOnceTheRunIsNotAsItWas(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		run := func(f job.Fingerprint) (store.Submission, store.Attempt) {
			s := x.submit(f)
			return s, store.Unrecorded(s.Run, "worker")
		}
		want := func(what string, s store.Submission, a store.Attempt, state job.State, wanted error) {
			t.Helper()
			before := x.get(s)
			held, err := x.s.Complete(t.Context(), a, someResult, "144", logged)
			if held || !errors.Is(err, wanted) {
				t.Errorf("%s: got %v, %v, want it refused with %v", what, held, err, wanted)
			}
			if diff := cmp.Diff(before, x.wantState(s, state)); diff != "" {
				t.Errorf("%s: the record has changed (-before +after):\n%s", what, diff)
			}
		}
		claimed, a := run(fp(1))
		other := x.claim(claimed.Run)
		want("claimed by another", claimed, a, job.Running, nil)
		if _, err := x.s.Release(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		want("claimed and given back", claimed, a, job.Queued, store.ErrNotFirst)
		cancelled, b := run(fp(2))
		x.cancel(cancelled)
		want("cancelled", cancelled, b, job.Cancelled, nil)
		again, c := run(fp(3))
		x.cancel(again)
		anew := x.submit(fp(3))
		want("begun anew", anew, c, job.Queued, nil)
		done, d := run(fp(4))
		x.claim(done.Run)
		x.complete(x.claim(done.Run)) // the second attempt
		want("computed by another", done, d, job.Succeeded, nil)
	})
}
