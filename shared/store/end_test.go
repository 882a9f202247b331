package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func TestFailIsTriedAgainUntilTheAttemptsAreUsedUp(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s, joined := x.submit(fp(1)), x.submit(fp(1))
		why := job.Failure{Code: "internal", Detail: "The computation failed inside the worker."}
		for failures := int64(1); failures <= 2; failures++ {
			a := x.claim(s.Run)
			if a.Failures != failures-1 {
				t.Errorf("attempt %d knows of %d failures, want %d", a.Number, a.Failures, failures-1)
			}
			o, n, err := x.s.Fail(t.Context(), a, why, false)
			if err != nil || o != store.TryAgain || n != failures {
				t.Fatalf("failure %d: got outcome %v after %d, %v, want to try again", failures, o, n, err)
			}
			x.wantState(s, job.Queued)
		}
		if o, _, err := x.s.Fail(t.Context(), x.claim(s.Run), why, false); err != nil || o != store.Ended {
			t.Fatalf("the third failure: got outcome %v, %v, want the end", o, err)
		}
		for _, s := range []store.Submission{s, joined} {
			r := x.wantState(s, job.Failed)
			if diff := cmp.Diff(&why, r.Failure); diff != "" || r.Attempt != 3 || r.Result != nil {
				t.Errorf("got attempt %d, result %v, failure (-want +got):\n%s", r.Attempt, r.Result, diff)
			}
		}
		again := x.submit(fp(1))
		if again.Cache != job.Miss || again.Run.ID == s.Run.ID {
			t.Errorf("a submit after the failure: got %s of run %s, want a miss with a run of its own", again.Cache, again.Run.ID)
		}
		x.wantState(s, job.Failed)
	})
}

func TestGivingBackCostsNoFailure(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s := x.submit(fp(1))
		for range 10 {
			a := x.claim(s.Run)
			if held, err := x.s.Release(t.Context(), a); err != nil || !held {
				t.Fatalf("release: got %v, %v, want it held", held, err)
			}
			x.wantState(s, job.Queued)
		}
		if a := x.claim(s.Run); a.Failures != 0 || a.Number != 11 {
			t.Errorf("got attempt %d after %d failures, want 11 after none", a.Number, a.Failures)
		}
	})
}

func TestCancelOneOfTwo(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		one, two := x.submit(fp(1)), x.submit(fp(1))
		a := x.claim(one.Run)
		if abandoned := x.cancel(one); abandoned != nil {
			t.Errorf("run %s is abandoned though another job waits", abandoned.ID)
		}
		x.wantState(one, job.Cancelled)
		x.wantState(two, job.Running)
		x.complete(a)
		x.wantState(one, job.Cancelled)
		x.wantState(two, job.Succeeded)
		if collected := x.remove(two); collected == nil {
			t.Error("the cancelled job counts as a reference to the result")
		}
	})
}

func TestCancelTheLast(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		stops := x.rdb.Subscribe(t.Context(), "nm:stops")
		defer func() { _ = stops.Close() }()
		if _, err := stops.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := x.submit(fp(1))
		old := x.claim(s.Run)
		abandoned := x.cancel(s)
		if abandoned == nil || abandoned.ID != s.Run.ID || abandoned.Fingerprint != fp(1) {
			t.Fatalf("got abandoned run %+v, want %s", abandoned, s.Run.ID)
		}
		m, err := stops.ReceiveMessage(t.Context())
		if want := string(fp(1)) + " " + s.Run.ID; err != nil || m.Payload != want {
			t.Errorf("got stop message %v, %v, want %q", m, err, want)
		}
		if x.cancel(s) != nil {
			t.Error("a second cancel abandons a run again")
		}
		r := x.wantState(s, job.Cancelled)
		if r.FinishedAt.IsZero() || !r.Settled || x.open() != 0 {
			t.Errorf("the cancelled job: finished %v, settled %v, %d open", r.FinishedAt, r.Settled, x.open())
		}
		again := x.submit(fp(1)) // the old attempt still runs
		if again.Cache != job.Miss || again.Run.ID == s.Run.ID {
			t.Errorf("a submit right after: got %s of run %s, want a miss with a run of its own", again.Cache, again.Run.ID)
		}
		x.wantStale(old)
		x.compute(again.Run)
		x.wantState(again, job.Succeeded)
		x.wantState(s, job.Cancelled)
	})
}

func TestCancelOfAnEndedJob(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		succeeded := x.submit(fp(1))
		x.compute(succeeded.Run)
		failed := x.submit(fp(2))
		if _, _, err := x.s.Fail(t.Context(), x.claim(failed.Run), job.Failure{Code: "internal"}, true); err != nil {
			t.Fatal(err)
		}
		for _, s := range []store.Submission{succeeded, failed} {
			_, err := x.s.Cancel(t.Context(), job.LocalOwner, s.ID)
			wantCode(t, "cancel", err, job.NotCancellable)
		}
	})
}

func TestSomebodyElsesJobDoesNotExist(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s := x.submit(fp(1))
		for name, id := range map[string]job.ID{"other owner's": s.ID, "unknown": s.ID[:len(s.ID)-8] + "00000" + s.ID[len(s.ID)-3:], "no id at all": "x"} {
			_, err := x.s.Get(t.Context(), "stranger", id)
			wantCode(t, name+": get", err, job.NotFound)
			_, err = x.s.Cancel(t.Context(), "stranger", id)
			wantCode(t, name+": cancel", err, job.NotFound)
			_, err = x.s.Delete(t.Context(), "stranger", id)
			wantCode(t, name+": delete", err, job.NotFound)
		}
		x.wantState(s, job.Queued)
	})
}

func TestAnEndedJobNeverChanges(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		failed, cancelled := x.submit(fp(1)), x.submit(fp(1))
		x.cancel(cancelled)
		if _, _, err := x.s.Fail(t.Context(), x.claim(failed.Run), job.Failure{Code: "internal", Detail: "No."}, true); err != nil {
			t.Fatal(err)
		}
		want := []job.Job{x.get(failed).Job, x.get(cancelled).Job}
		check := func(when string) {
			t.Helper()
			got := []job.Job{x.get(failed).Job, x.get(cancelled).Job}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, ended jobs have changed (-want +got):\n%s", when, diff)
			}
		}
		later := x.submit(fp(1))
		check("after a new run has begun")
		a := x.claim(later.Run)
		if _, err := x.s.Report(t.Context(), a, job.Progress{Percent: 12}); err != nil {
			t.Fatal(err)
		}
		check("while it runs")
		x.complete(a)
		check("after it has succeeded")
		if err := x.s.Forget(t.Context(), *x.remove(later)); err != nil {
			t.Fatal(err)
		}
		check("after its result has gone")
	})
}
