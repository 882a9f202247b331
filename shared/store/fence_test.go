package store_test

import (
	"errors"
	"testing"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// wantStale checks that nothing an attempt writes has any effect.
func (x *fixture) wantStale(a store.Attempt) {
	x.t.Helper()
	ctx := x.t.Context()
	before, err := x.rdb.HGetAll(ctx, "nm:{s:"+string(a.Run.Fingerprint.Shard())+"}:comp:"+string(a.Run.Fingerprint)).Result()
	if err != nil {
		x.t.Fatal(err)
	}
	if held, err := x.s.Report(ctx, a, job.Progress{Percent: 50}); err != nil || held {
		x.t.Errorf("report: got %v, %v, want it stale", held, err)
	}
	if held, err := x.s.Complete(ctx, a, someResult, "144"); err != nil || held {
		x.t.Errorf("complete: got %v, %v, want it stale", held, err)
	}
	for _, permanent := range []bool{false, true} {
		if o, _, err := x.s.Fail(ctx, a, job.Failure{Code: "internal"}, permanent); err != nil || o != store.Stale {
			x.t.Errorf("fail: got outcome %v, %v, want it stale", o, err)
		}
	}
	if held, err := x.s.Release(ctx, a); err != nil || held {
		x.t.Errorf("release: got %v, %v, want it stale", held, err)
	}
	if lost, err := x.s.Lose(ctx, a); err != nil || lost != store.LossStale {
		x.t.Errorf("lose: got %v, %v, want it stale", lost, err)
	}
	after, err := x.rdb.HGetAll(ctx, "nm:{s:"+string(a.Run.Fingerprint.Shard())+"}:comp:"+string(a.Run.Fingerprint)).Result()
	if err != nil {
		x.t.Fatal(err)
	}
	if len(before) != len(after) {
		x.t.Errorf("the record has changed: got %v, want %v", after, before)
	}
	for k, v := range before {
		if after[k] != v {
			x.t.Errorf("the record's %s: got %q, want %q", k, after[k], v)
		}
	}
}

func TestALaterAttemptMakesTheFirstStale(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s := x.submit(fp(1))
		first := x.claim(s.Run)
		second := x.claim(s.Run)
		if first.Number != 1 || second.Number != 2 {
			t.Errorf("got attempts %d and %d, want 1 and 2", first.Number, second.Number)
		}
		x.wantStale(first)
		if r := x.wantState(s, job.Running); r.Attempt != 2 {
			t.Errorf("got attempt %d, want 2", r.Attempt)
		}
		x.complete(second)
		x.wantStale(first)
	})
}

func TestAnAttemptIsStaleOnceItsRunHasEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*fixture, store.Submission, store.Attempt) error{
		"abandoned": func(x *fixture, s store.Submission, _ store.Attempt) error {
			_, err := x.s.Cancel(x.t.Context(), job.LocalOwner, s.ID)
			return err
		},
		"failed by another attempt": func(x *fixture, s store.Submission, _ store.Attempt) error {
			_, _, err := x.s.Fail(x.t.Context(), x.claim(s.Run), job.Failure{Code: "internal"}, true)
			return err
		},
		"cancelled and begun anew": func(x *fixture, s store.Submission, _ store.Attempt) error {
			x.cancel(s)
			x.claim(x.submit(fp(1)).Run) // its first attempt, as the stale one is
			return nil
		},
		"deleted and forgotten": func(x *fixture, s store.Submission, _ store.Attempt) error {
			x.complete(x.claim(s.Run))
			return x.s.Forget(x.t.Context(), *x.remove(s))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := setUp(t)
			s := x.submit(fp(1))
			a := x.claim(s.Run)
			if err := end(x, s, a); err != nil {
				t.Fatal(err)
			}
			x.wantStale(a)
		})
	}
}

func TestClaimIsRefusedUnlessSomebodyWaits(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		refused := func(what string, r store.Run) {
			t.Helper()
			if a, ok, err := x.s.Claim(t.Context(), r, "worker", true); err != nil || ok {
				t.Errorf("%s: got attempt %d, %v, %v, want a refusal", what, a.Number, ok, err)
			}
		}
		refused("no computation", store.Run{Fingerprint: fp(1), ID: "0011223344556677"})
		s := x.submit(fp(1))
		refused("another run", store.Run{Fingerprint: fp(1), ID: "0011223344556677"})
		x.cancel(s)
		refused("abandoned", s.Run)
		again := x.submit(fp(1))
		refused("the run before", s.Run)
		x.compute(again.Run)
		refused("stored", again.Run)
	})
}

func TestProgressIsOfTheAttempt(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s := x.submit(fp(1))
		a := x.claim(s.Run)
		for i, percent := range []float64{10, 20} {
			if held, err := x.s.Report(t.Context(), a, job.Progress{Phase: job.PhaseCompute, Percent: percent}); err != nil || !held {
				t.Fatalf("report: got %v, %v, want it held", held, err)
			}
			r := x.get(s)
			if r.Progress == nil || r.Progress.Percent != percent || r.Reports != int64(i)+1 {
				t.Errorf("got progress %+v after %d reports, want %v after %d", r.Progress, r.Reports, percent, i+1)
			}
		}
		b := x.claim(s.Run)
		if r := x.get(s); r.Progress != nil {
			t.Errorf("a new attempt begins with progress %+v, want none", r.Progress)
		}
		x.complete(b)
		if r := x.get(s); r.Progress != nil || r.Reports != 0 {
			t.Errorf("a job that has ended has progress %+v and %d reports, want none", r.Progress, r.Reports)
		}
	})
}

func TestAfterALossARunIsAloneIfItCanBe(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		s := x.submit(fp(1))
		claim := func(alone bool) error {
			_, _, err := x.s.Claim(t.Context(), s.Run, "other", alone)
			return err
		}
		inCompany := func() error {
			_, _, err := x.s.ClaimInCompany(t.Context(), s.Run, "other")
			return err
		}
		x.must(claim(false))
		for losses, c := range []struct {
			refused []func() error
			claim   func() error
		}{
			{[]func() error{func() error { return claim(false) }}, inCompany},
			{[]func() error{func() error { return claim(false) }, inCompany}, func() error { return claim(true) }},
		} {
			rec := x.get(s)
			if lost, err := x.s.Lose(t.Context(), store.Attempt{Run: s.Run, Number: rec.Attempt}); err != nil || lost != store.LossRequeued {
				t.Fatalf("loss %d: got %v, %v, want it queued again", losses+1, lost, err)
			}
			for _, refused := range c.refused {
				if err := refused(); !errors.Is(err, store.ErrAlone) {
					t.Errorf("after %d losses: got %v, want that it has to run alone", losses+1, err)
				}
			}
			x.must(c.claim())
		}
		x.wantState(s, job.Running)
	})
}
