package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func (x *fixture) due(now time.Time) []job.ID {
	x.t.Helper()
	ids, err := x.s.Due(x.t.Context(), job.LocalOwner, now, 100)
	if err != nil {
		x.t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

// redisNow is the time by Redis's clock, which checks go by.
func (x *fixture) redisNow() time.Time {
	x.t.Helper()
	_, now, err := x.s.AliveWorkers(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	return now
}

func TestOpenJobsAreDueAndChecked(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	a, b := x.submit(fp(1)), x.submit(fp(2))
	now := x.redisNow()
	if got := x.due(now); len(got) != 0 {
		t.Errorf("%d jobs are due at once, want none: a submission may still be under way", len(got))
	}
	now = now.Add(6 * time.Second)
	want := []job.ID{a.ID, b.ID}
	slices.Sort(want)
	if diff := cmp.Diff(want, x.due(now)); diff != "" {
		t.Errorf("due after 6 s (-want +got):\n%s", diff)
	}
	later := now.Add(30 * time.Second)
	if err := x.s.Close(t.Context(), job.LocalOwner, map[job.ID]time.Time{b.ID: now}); err != nil {
		t.Fatal(err)
	}
	if err := x.s.Checked(t.Context(), job.LocalOwner, map[job.ID]time.Time{a.ID: later, b.ID: later, "job_unknown": later}); err != nil {
		t.Fatal(err)
	}
	if got := x.due(later.Add(-time.Millisecond)); len(got) != 0 {
		t.Errorf("%d jobs are due before their time, want none", len(got))
	}
	if diff := cmp.Diff([]job.ID{a.ID}, x.due(later)); diff != "" {
		t.Errorf("due later (-want +got):\n%s", diff)
	}
	if n, err := x.rdb.ZCard(t.Context(), "nm:{o:local}:open").Result(); err != nil || n != 1 {
		t.Errorf("%d jobs are on the list, %v, want 1: one that had left it must not come back", n, err)
	}
	if err := errors.Join(x.s.Checked(t.Context(), job.LocalOwner, nil), x.s.Close(t.Context(), job.LocalOwner, nil)); err != nil {
		t.Errorf("nothing to mark: got %v", err)
	}
}

func TestDueIsBounded(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for i := range 5 {
		x.submit(fp(i))
	}
	if ids, err := x.s.Due(t.Context(), job.LocalOwner, time.Now().Add(time.Hour), 3); err != nil || len(ids) != 3 {
		t.Errorf("got %d jobs, %v, want 3", len(ids), err)
	}
}

func TestDisown(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	kept := x.submit(fp(1))
	orphan, err := job.NewID(fp(2))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{localJobs, "nm:{o:local}:open"} {
		if err := x.rdb.ZAdd(t.Context(), key, redis.Z{Score: 1, Member: string(orphan)}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.s.Disown(t.Context(), job.LocalOwner, []job.ID{orphan}); err != nil {
		t.Fatal(err)
	}
	if err := x.s.Disown(t.Context(), job.LocalOwner, nil); err != nil {
		t.Errorf("nothing to disown: got %v", err)
	}
	if diff := cmp.Diff([]job.ID{kept.ID}, x.newestFirst()); diff != "" {
		t.Errorf("the owner's jobs (-want +got):\n%s", diff)
	}
	if got := x.open(); got != 1 {
		t.Errorf("%d jobs are open, want 1", got)
	}
}

func TestOldest(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var subs []store.Submission
	for i := range 5 {
		s := x.submit(fp(i))
		subs = append(subs, s)
		if err := x.rdb.ZAdd(t.Context(), localJobs, redis.Z{Score: float64(1000 + i), Member: string(s.ID)}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	ids, err := x.s.Oldest(t.Context(), job.LocalOwner, time.UnixMilli(1003), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]job.ID{subs[1].ID, subs[2].ID}, ids); diff != "" {
		t.Errorf("got (-want +got):\n%s", diff)
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.submit(fp(1))
	r := request(fp(1))
	r.Owner = "somebody"
	x.submitAs(r)
	owners, err := x.s.Owners(t.Context())
	slices.Sort(owners)
	if diff := cmp.Diff([]job.Owner{job.LocalOwner, "somebody"}, owners); err != nil || diff != "" {
		t.Errorf("got %v (-want +got):\n%s", err, diff)
	}
}

func TestPending(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	none := func(when string) {
		t.Helper()
		if p, ok, err := x.s.Pending(t.Context(), fp(1)); err != nil || ok {
			t.Errorf("%s: got %+v, %v, want nothing", when, p, err)
		}
	}
	none("no computation")
	s := x.submit(fp(1))
	a := x.claim(s.Run)
	p, ok, err := x.s.Pending(t.Context(), fp(1))
	if err != nil || !ok || p.State != job.ComputationRunning || p.Worker != "worker" || p.Attempt.Number != a.Number {
		t.Errorf("while running: got %+v, %v, %v", p, ok, err)
	}
	x.complete(a)
	none("stored")
}
