package reconciler

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// submitWith submits a job that has to begin or end at a time.
func (x *fixture) submitWith(f job.Fingerprint, change func(*job.Request)) store.Submission {
	x.t.Helper()
	r := job.Request{
		Owner: job.LocalOwner, Fingerprint: f, MaxAttempts: 3, Queue: "small",
		Spec: job.Spec{Function: "fibonacci", Args: map[string]string{"n": "5"}, Method: "fast"},
	}
	change(&r)
	s, err := x.records.Submit(x.t.Context(), r, 100_000)
	x.must(err)
	return s
}

// bringForward lets the time of everything that begins or ends at one come.
func (x *fixture) bringForward(list string) {
	x.t.Helper()
	key := "nm:{o:local}:" + list
	ids, err := x.rdb.ZRangeWithScores(x.t.Context(), key, 0, -1).Result()
	x.must(err)
	for _, z := range ids {
		z.Score = 1
		x.must(x.rdb.ZAdd(x.t.Context(), key, z).Err())
	}
}

func (x *fixture) wantListed(list string, want int64) {
	x.t.Helper()
	if n, err := x.rdb.ZCard(x.t.Context(), "nm:{o:local}:"+list).Result(); err != nil || n != want {
		x.t.Errorf("%s: got %d, %v, want %d", list, n, err, want)
	}
}

func TestADeadlineEndsAJobAndItsRun(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submitWith(fp(1), func(r *job.Request) { r.Deadline = time.Hour })
	x.enqueue(s)
	x.must(x.actOnTimes(t.Context()))
	if rec := x.wantState(s, job.Queued); time.Until(rec.Deadline) < 50*time.Minute || !rec.Deadline.Equal(s.Record.Deadline) {
		t.Errorf("got deadline %v, and %v when it was submitted, want an hour from now", rec.Deadline, s.Record.Deadline)
	}
	x.bringForward("deadlines")
	x.must(x.actOnTimes(t.Context()))
	if rec := x.wantState(s, job.Expired); rec.FinishedAt.IsZero() || rec.ComputationState != job.ComputationAbandoned {
		t.Errorf("got %+v, want an end, and the computation abandoned", rec)
	}
	x.wantTasks(pendingKey, 0)
	x.wantListed("deadlines", 0)
	x.wantListed("open", 0)
}

func TestADeadlineLeavesOthersWaiting(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first := x.submitWith(fp(1), func(r *job.Request) { r.Deadline = time.Hour })
	second := x.submit(fp(1))
	x.enqueue(first)
	x.bringForward("deadlines")
	x.must(x.actOnTimes(t.Context()))
	x.wantState(first, job.Expired)
	x.wantState(second, job.Queued)
	x.wantTasks(pendingKey, 1)
}

func TestADeadlineOfAJobThatHasEnded(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submitWith(fp(1), func(r *job.Request) { r.Deadline = time.Hour })
	deadlines := "nm:{o:local}:deadlines"
	kept, err := x.rdb.ZRangeWithScores(t.Context(), deadlines, 0, -1).Result()
	x.must(err)
	x.publish(x.claim(s.Run, "w"))
	x.wantListed("deadlines", 0)
	x.must(x.rdb.ZAdd(t.Context(), deadlines, kept...).Err()) // as if a crash had left it
	x.bringForward("deadlines")
	x.must(x.actOnTimes(t.Context()))
	x.wantState(s, job.Succeeded)
	x.wantListed("deadlines", 0)
}

func TestAScheduledJobBegins(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	at := time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
	later := func(r *job.Request) { r.RunAt = at }
	s, joins, cancelled := x.submitWith(fp(1), later), x.submitWith(fp(1), later), x.submitWith(fp(2), later)
	if !s.Scheduled || s.Run.ID != "" {
		t.Errorf("got %+v, want it scheduled, without a run", s)
	}
	x.work()
	if rec := x.wantState(s, job.Scheduled); !rec.RunAt.Equal(at) || rec.Version != 1 {
		t.Errorf("got %+v, want version 1 that begins at %v", rec, at)
	}
	if _, err := x.records.Cancel(t.Context(), job.LocalOwner, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	x.wantListed("scheduled", 2)
	x.bringForward("scheduled")
	x.must(x.actOnTimes(t.Context()))
	x.wantTasks(pendingKey, 1)
	if rec := x.wantState(s, job.Queued); rec.Version != 2 {
		t.Errorf("got version %d, want 2", rec.Version)
	}
	x.wantState(joins, job.Queued)
	if rec := x.wantState(cancelled, job.Cancelled); rec.Version != 2 {
		t.Errorf("got version %d, want 2", rec.Version)
	}
	rec := x.wantState(s, job.Queued)
	x.publish(x.claim(store.Run{Fingerprint: fp(1), ID: rec.Run}, "w"))
	x.wantState(s, job.Succeeded)
	x.wantState(joins, job.Succeeded)
	x.wantListed("scheduled", 0)
	x.wantListed("open", 0)

	hit := x.submitWith(fp(1), later)
	x.bringForward("scheduled")
	x.must(x.actOnTimes(t.Context()))
	if rec := x.wantState(hit, job.Succeeded); rec.Cache != job.Hit || rec.Version != 2 || rec.StartedAt.Before(rec.CreatedAt) {
		t.Errorf("got %+v, want a hit in version 2", rec)
	}
}

// A submission that a crash cut short leaves an entry without a record.
func TestTimesOfAJobThatWasNeverWritten(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	id, err := job.NewID(fp(1))
	x.must(err)
	for _, list := range []string{"deadlines", "scheduled"} {
		x.must(x.rdb.ZAdd(t.Context(), "nm:{o:local}:"+list, redis.Z{Score: 1, Member: string(id)}).Err())
	}
	x.must(x.rdb.SAdd(t.Context(), "nm:owners", "local").Err())
	x.must(x.actOnTimes(t.Context()))
	x.wantListed("deadlines", 1)
	x.delays.orphan = 0
	x.must(x.actOnTimes(t.Context()))
	x.wantListed("deadlines", 0)
	x.wantListed("scheduled", 0)
}
