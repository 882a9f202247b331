package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func TestSubmitMissJoinHit(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		before := time.Now().Truncate(time.Millisecond)
		miss := x.submit(fp(1))
		joined := x.submit(fp(1))
		if miss.Cache != job.Miss || joined.Cache != job.Joined || joined.Run.ID != miss.Run.ID || joined.ID == miss.ID {
			t.Errorf("got %s of run %s, then %s of run %s; want a miss, then a join of the same run", miss.Cache, miss.Run.ID, joined.Cache, joined.Run.ID)
		}
		x.compute(miss.Run)
		hit := x.submit(fp(1))
		if hit.Cache != job.Hit || hit.Run.ID != miss.Run.ID {
			t.Errorf("got %s of run %s, want a hit of run %s", hit.Cache, hit.Run.ID, miss.Run.ID)
		}
		if want := x.get(hit); hit.Record == nil || cmp.Diff(want, *hit.Record) != "" {
			t.Errorf("the hit comes with %+v, want the record %+v", hit.Record, want)
		}
		for _, s := range []store.Submission{miss, joined, hit} {
			got := x.get(s)
			r := request(fp(1))
			result := someResult
			want := job.Job{
				ID: s.ID, Owner: r.Owner, Spec: r.Spec, Fingerprint: r.Fingerprint, MaxAttempts: 3, EstimatedCost: 12, TraceID: r.TraceID,
				State: job.Succeeded, Cache: s.Cache, Attempt: 1, Result: &result,
			}
			if diff := cmp.Diff(want, got.Job, cmpopts.IgnoreFields(job.Job{}, "CreatedAt", "StartedAt", "FinishedAt", "Version")); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", s.Cache, diff)
			}
			if at, ok := s.ID.Time(); !ok || !at.Equal(got.CreatedAt) {
				t.Errorf("%s: created %v by its record, %v by its id", s.Cache, got.CreatedAt, at)
			}
			if got.CreatedAt.Before(before) || got.StartedAt.Before(before) || got.FinishedAt.Before(got.CreatedAt) || !got.Settled {
				t.Errorf("%s: created %v, started %v, finished %v, settled %v", s.Cache, got.CreatedAt, got.StartedAt, got.FinishedAt, got.Settled)
			}
		}
		if got := x.open(); got != 0 {
			t.Errorf("%d jobs count as open, want none: a hit has ended at once", got)
		}
	})
}

// TestSubmitTellsTheTraceOfTheRun: whoever joins or hits a run learns in which trace it was submitted.
func TestSubmitTellsTheTraceOfTheRun(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		first := request(fp(1))
		other := request(fp(1))
		other.Trace = map[string]string{"traceparent": "00-1111111111111111111111111111111a-222222222222222b-01"}
		miss, joined := x.submitAs(first), x.submitAs(other)
		x.compute(miss.Run)
		for _, s := range []store.Submission{miss, joined, x.submitAs(other)} {
			if diff := cmp.Diff(first.Trace, s.Run.Trace); diff != "" {
				t.Errorf("%s: the trace of the run differs (-want +got):\n%s", s.Cache, diff)
			}
		}
	})
}

func TestSubmitOfTheSameByMany(t *testing.T) {
	t.Parallel()
	const many = 200
	x := setUp(t)
	all := make([]store.Submission, many)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			var err error
			if all[i], err = x.s.Submit(t.Context(), request(fp(1)), manyOpen); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	runs, misses := map[string]bool{}, 0
	var first store.Run
	for _, s := range all {
		runs[s.Run.ID] = true
		if s.Cache == job.Miss {
			misses++
			first = s.Run
		}
	}
	if misses != 1 || len(runs) != 1 {
		t.Fatalf("got %d misses and %d runs, want one of each", misses, len(runs))
	}
	x.compute(first)
	for _, s := range all {
		x.wantState(s, job.Succeeded)
	}
	if got := x.open(); got != 0 {
		t.Errorf("%d jobs count as open, want none", got)
	}
}

func TestSubmitTakesOneRoundTrip(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.compute(x.submit(fp(1)).Run) // Redis knows the scripts from here on
	x.submit(fp(2))
	late := request(fp(5))
	late.Deadline = time.Hour
	x.compute(x.submitAs(late).Run)
	x.submitAs(late)
	counted := &trips{}
	x.rdb.AddHook(counted)
	for _, c := range []struct {
		f        job.Fingerprint
		deadline time.Duration // one needs Redis's clock first, and so a call more
		want     int64
		how      job.Cache
	}{
		{fp(3), 0, 1, job.Miss},
		{fp(2), 0, 1, job.Joined},
		{fp(1), 0, 1, job.Hit},
		{fp(4), time.Hour, 2, job.Miss},
		{fp(2), time.Hour, 2, job.Joined},
		{fp(1), time.Hour, 3, job.Hit},
	} {
		counted.n.Store(0)
		r := request(c.f)
		r.Deadline = c.deadline
		if s, err := x.s.Submit(t.Context(), r, 100); err != nil || s.Cache != c.how {
			t.Errorf("got %s, %v, want %s", s.Cache, err, c.how)
		}
		if got := counted.n.Load(); got != c.want {
			t.Errorf("%s, deadline in %v: got %d round trips, want %d", c.how, c.deadline, got, c.want)
		}
	}
}

func TestSubmitCarriesEverythingToTheWorker(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		r := request(fp(1))
		r.Labels = map[string]string{"run": "a", "empty": ""}
		r.Queue = "small"
		s := x.submitAs(r)
		if diff := cmp.Diff(r.Labels, x.get(s).Labels); diff != "" {
			t.Errorf("labels differ (-want +got):\n%s", diff)
		}
		p, ok, err := x.s.Pending(t.Context(), fp(1))
		if err != nil || !ok || p.State != job.ComputationQueued || p.Worker != "" {
			t.Fatalf("pending: got %+v, %v, %v, want it queued", p, ok, err)
		}
		want := store.Run{Fingerprint: fp(1), ID: s.Run.ID, Spec: r.Spec, Trace: r.Trace, Queue: "small", Job: s.ID}
		if diff := cmp.Diff(want, p.Attempt.Run); diff != "" {
			t.Errorf("the run to queue differs (-want +got):\n%s", diff)
		}
		a := x.claim(store.Run{Fingerprint: fp(1), ID: s.Run.ID})
		if diff := cmp.Diff(r.Spec, a.Run.Spec); diff != "" {
			t.Errorf("the claimed spec differs (-want +got):\n%s", diff)
		}
		if a.Number != 1 || a.MaxAttempts != 3 || a.Failures != 0 || a.QueuedAt.IsZero() {
			t.Errorf("got attempt %+v, want the first of three", a)
		}
	})
}

func TestQuota(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		first := x.submit(fp(1))
		x.submit(fp(2))
		for range 2 { // a refusal leaves nothing behind
			_, err := x.s.Submit(t.Context(), request(fp(3)), 2)
			wantCode(t, "a third job", err, job.QuotaExceeded)
		}
		other := request(fp(3))
		other.Owner = "somebody"
		if _, err := x.s.Submit(t.Context(), other, 2); err != nil {
			t.Errorf("another owner is refused: %v", err)
		}
		x.cancel(first)
		hit := x.submit(fp(4))
		x.compute(hit.Run)
		for range 3 { // hits end at once, so they do not use the quota up
			if _, err := x.s.Submit(t.Context(), request(fp(4)), 2); err != nil {
				t.Fatalf("a hit is refused: %v", err)
			}
		}
		if _, err := x.s.Submit(t.Context(), request(fp(5)), 2); err != nil {
			t.Errorf("a job after a cancel is refused: %v", err)
		}
	})
}

func TestSubmitNeedsAFingerprint(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		if _, err := x.s.Submit(t.Context(), request("not one"), manyOpen); err == nil {
			t.Error("a request without a fingerprint is taken")
		}
	})
}
