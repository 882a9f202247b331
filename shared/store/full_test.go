package store_test

import (
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// fill sets the limit of Redis's memory below what it uses already.
func (x *fixture) fill() {
	x.t.Helper()
	if err := x.rdb.ConfigSet(x.t.Context(), "maxmemory", "1").Err(); err != nil {
		x.t.Fatal(err)
	}
	if err := x.rdb.Set(x.t.Context(), "some key", "some value", 0).Err(); err == nil {
		x.t.Fatal("Redis still takes a value: the test tests nothing")
	}
}

func TestAFullRedisRefusesNewJobs(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	queued, stored, failed, gone := x.submit(fp(1)), x.submit(fp(2)), x.submit(fp(3)), x.submit(fp(4))
	x.compute(stored.Run)
	if _, _, err := x.s.Fail(t.Context(), x.claim(failed.Run), job.Failure{}, true); err != nil {
		t.Fatal(err)
	}
	x.cancel(gone)
	keys := x.keys()
	x.fill()
	for i := 1; i <= 5; i++ { // queued, stored, failed, abandoned, absent
		_, err := x.s.Submit(t.Context(), request(fp(i)), manyOpen)
		wantCode(t, "submit", err, job.Unavailable)
	}
	if got := x.keys(); got != keys {
		t.Errorf("refused submissions leave %d keys, want %d as before", got, keys)
	}
	x.wantState(queued, job.Queued)
	x.wantState(stored, job.Succeeded)
	x.wantState(failed, job.Failed)
}

func (x *fixture) keys() int64 {
	x.t.Helper()
	n, err := x.rdb.DBSize(x.t.Context()).Result()
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// Whatever has been admitted goes on to its end.
func TestAFullRedisStillFinishesWork(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	waiting, givenBack, failing, cancelled, ended := x.submit(fp(1)), x.submit(fp(2)), x.submit(fp(3)), x.submit(fp(4)), x.submit(fp(5))
	joined := x.submit(fp(4))
	x.compute(ended.Run)
	if err := x.s.Beat(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	x.fill()

	a := x.claim(waiting.Run)
	if held, err := x.s.Report(t.Context(), a, job.Progress{Percent: 50}); err != nil || !held {
		t.Errorf("report: got %v, %v, want it held", held, err)
	}
	x.complete(a)
	x.wantState(waiting, job.Succeeded)
	if held, err := x.s.Release(t.Context(), x.claim(givenBack.Run)); err != nil || !held {
		t.Errorf("release: got %v, %v, want it held", held, err)
	}
	x.wantState(givenBack, job.Queued)
	if lost, err := x.s.Lose(t.Context(), x.claim(givenBack.Run)); err != nil || lost != store.LossRequeued {
		t.Errorf("lose: got %v, %v, want it queued again", lost, err)
	}
	x.wantState(givenBack, job.Queued)
	for _, permanent := range []bool{false, true} {
		if o, _, err := x.s.Fail(t.Context(), x.claim(failing.Run), job.Failure{Code: "internal"}, permanent); err != nil || o == store.Stale {
			t.Errorf("fail: got outcome %v, %v", o, err)
		}
	}
	x.wantState(failing, job.Failed)
	if abandoned := x.cancel(cancelled); abandoned != nil {
		t.Error("cancel of one of two abandons the run")
	}
	if abandoned := x.cancel(joined); abandoned == nil {
		t.Error("cancel of the last does not abandon the run")
	}
	x.wantFinished("on a full Redis", waiting, failing, cancelled, joined, ended)
	if err := x.s.SetAside(t.Context(), job.LocalOwner, []job.ID{failing.ID}); err != nil {
		t.Errorf("set aside: %v", err)
	}
	if collected := x.remove(ended); collected == nil {
		t.Error("delete of the last job does not collect the result")
	} else if err := x.s.Forget(t.Context(), *collected); err != nil {
		t.Errorf("forget: %v", err)
	}
}

// The reconciler repairs and cleans up on a full Redis too: cleaning up is what makes room.
func TestAFullRedisIsStillLookedAfter(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.fill()
	if err := x.s.Beat(t.Context(), "w"); err != nil || !x.alive() {
		t.Errorf("beat: got %v: all workers would count as lost", err)
	}
	for range 2 {
		if held, err := x.s.Lease(t.Context(), "l", "w", time.Minute); err != nil || !held {
			t.Errorf("lease: got %v, %v, want it held", held, err)
		}
	}
	if err := x.s.Checked(t.Context(), job.LocalOwner, map[job.ID]time.Time{s.ID: time.Now()}); err != nil {
		t.Errorf("checked: %v", err)
	}
	if err := x.s.Settle(t.Context(), fp(1)); err != nil {
		t.Errorf("settle: %v", err)
	}
	if err := x.s.Close(t.Context(), job.LocalOwner, map[job.ID]time.Time{s.ID: time.Now()}); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, _, err := x.s.Trim(t.Context(), job.LocalOwner, time.Now().Add(-time.Hour), time.Now()); err != nil {
		t.Errorf("trim: %v", err)
	}
	if err := x.s.Disown(t.Context(), job.LocalOwner, []job.ID{s.ID}); err != nil {
		t.Errorf("disown: %v", err)
	}
}
