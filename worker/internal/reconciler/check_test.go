package reconciler

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func TestARecordWithoutATaskIsQueued(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.must(x.pass(t.Context()))
	x.wantTasks(pendingKey, 0) // the submission may still be under way
	x.work()
	x.wantTasks(pendingKey, 1)
	x.work()
	x.wantTasks(pendingKey, 1)
	x.deliver(s.Run)
}

// lose makes a run that a worker has which never beats.
func (x *fixture) lose(f job.Fingerprint) (store.Submission, store.Attempt) {
	x.t.Helper()
	s := x.submit(f)
	x.enqueue(s)
	x.deliver(s.Run)
	return s, x.claim(s.Run, "ghost")
}

// pause lets time pass for the absence of a worker.
func (x *fixture) pause(worker string) { x.absent[worker] = x.absent[worker].Add(-x.delays.lost) }

func TestALostWorkersRunIsQueuedAgain(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s, a := x.lose(fp(1))
	x.must(x.pass(t.Context()))
	x.wantState(s, job.Running) // it may be back in a moment
	x.pause("ghost")
	x.must(x.pass(t.Context()))
	x.wantState(s, job.Queued)
	x.wantTasks(activeKey, 0)
	x.wantTasks(pendingKey, 1)
	if held, err := x.records.Report(t.Context(), a, job.Progress{}); err != nil || held {
		t.Errorf("the lost attempt is held: %v, %v", held, err)
	}
	x.deliver(s.Run)
	if again := x.claim(s.Run, "other"); again.Number != 2 || again.Failures != 0 {
		t.Errorf("got attempt %d after %d failures, want 2 after none", again.Number, again.Failures)
	}
}

// Also where Asynq does not count the task as active any more.
func TestALostWorkersRunIsQueuedAgainWithoutATask(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.claim(s.Run, "ghost")
	x.work()
	x.wantState(s, job.Running)
	x.pause("ghost")
	x.work()
	x.wantState(s, job.Queued)
	x.wantTasks(pendingKey, 1)
}

func TestALivingWorkerKeepsItsRun(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.enqueue(s)
	x.deliver(s.Run)
	a := x.claim(s.Run, "living")
	for range 3 {
		x.must(x.records.Beat(t.Context(), "living"))
		x.work()
	}
	if held, err := x.records.Report(t.Context(), a, job.Progress{}); err != nil || !held {
		t.Errorf("the attempt is not held: %v, %v", held, err)
	}
	x.wantTasks(activeKey, 1)
	x.wantTasks(pendingKey, 0)
}

// After an absence of Redis all workers have last beaten long ago.
func TestAnAbsenceOfRedisLosesNobody(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.enqueue(s)
	x.deliver(s.Run)
	x.claim(s.Run, "living")
	for range 2 { // once now, and once long after
		x.must(x.rdb.ZAdd(t.Context(), "nm:workers", redis.Z{Score: 1, Member: "living"}).Err())
		x.work()
		x.wantState(s, job.Running)
		x.pause("living") // had it stayed away, it would be lost by now
		x.must(x.records.Beat(t.Context(), "living"))
		x.work()
		x.wantState(s, job.Running)
	}
	if len(x.absent) != 0 {
		t.Errorf("workers count as absent: %v", x.absent)
	}
}

// Somebody has deleted the task, or Asynq has ended it, while our record says that it runs: nobody would ever end it.
func TestARunningRecordWithoutATaskIsQueued(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.claim(s.Run, "living")
	x.must(x.records.Beat(t.Context(), "living"))
	x.work()
	x.wantTasks(pendingKey, 1)
	x.deliver(s.Run)
	x.claim(s.Run, "other")
}

func TestACrashBetweenReleaseAndReclaim(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s, a := x.lose(fp(1))
	if _, err := x.records.Lose(t.Context(), a); err != nil { // and then the reconciler dies
		t.Fatal(err)
	}
	x.work()
	x.wantTasks(activeKey, 1) // the worker might be about to claim it
	x.must(x.rdb.ZAdd(t.Context(), leaseKey, redis.Z{Score: float64(time.Now().Add(-time.Minute).Unix()), Member: taskID(s.Run)}).Err())
	x.work()
	x.wantTasks(activeKey, 0)
	x.wantTasks(pendingKey, 1)
}

func TestAJobIsEndedThatItsComputationHasLeftBehind(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.publish(x.claim(s.Run, "living"))
	// As if Redis had been cut off before the job's own record was written.
	key := "nm:{s:" + string(fp(1).Shard()) + "}:"
	x.must(x.rdb.HSet(t.Context(), key+"job:"+string(s.ID), "state", "active").Err())
	x.must(x.rdb.SAdd(t.Context(), key+"comp:"+string(fp(1))+":waiters", string(s.ID)).Err())
	x.must(x.rdb.ZAdd(t.Context(), "nm:{o:local}:open", redis.Z{Score: 1, Member: string(s.ID)}).Err())
	if r := x.wantState(s, job.Succeeded); r.Settled {
		t.Fatal("the job is settled: the test tests nothing")
	}
	x.work()
	if r := x.wantState(s, job.Succeeded); !r.Settled {
		t.Error("the job is still not settled")
	}
	if n, err := x.rdb.ZCard(t.Context(), "nm:{o:local}:open").Result(); err != nil || n != 0 {
		t.Errorf("%d jobs count as open, %v, want none", n, err)
	}
}

func TestAnEntryWithoutARecordGoes(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.submit(fp(1))
	orphan, err := job.NewID(fp(2))
	x.must(err)
	for _, key := range []string{"nm:{o:local}:open", "nm:{o:local}:jobs"} {
		x.must(x.rdb.ZAdd(t.Context(), key, redis.Z{Score: 1, Member: string(orphan)}).Err())
	}
	left := func() int64 {
		t.Helper()
		n, err := x.rdb.ZCard(t.Context(), "nm:{o:local}:jobs").Result()
		x.must(err)
		return n
	}
	x.work()
	if got := left(); got != 2 {
		t.Fatalf("%d entries are left, want both: a submission may be under way, whatever the clocks say", got)
	}
	x.orphans[orphan] = x.orphans[orphan].Add(-x.delays.orphan)
	x.work()
	if got := left(); got != 1 || len(x.orphans) != 0 {
		t.Errorf("%d entries are left and %d orphans noted, want the one with a record, and none", got, len(x.orphans))
	}
}

func TestOneBadRecordDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	bad, good := x.submitAs("somebody", fp(1)), x.submit(fp(2))
	x.must(x.rdb.HSet(t.Context(), "nm:{s:"+string(fp(1).Shard())+"}:job:"+string(bad.ID), "doc", "{").Err())
	old := x.submit(fp(3))
	if _, err := x.records.Cancel(t.Context(), job.LocalOwner, old.ID); err != nil {
		t.Fatal(err)
	}
	x.age(old, time.Hour)
	x.retention = time.Minute
	for _, o := range []string{"somebody", "local"} {
		x.must(x.rdb.ZAddXX(t.Context(), "nm:{o:"+o+"}:open", redis.Z{Score: 1, Member: string(bad.ID)}, redis.Z{Score: 1, Member: string(good.ID)}).Err())
	}
	if err := x.pass(t.Context()); err == nil {
		t.Error("the bad record is not told of")
	}
	x.wantTasks(pendingKey, 1)
	x.wantGone(old)
}

func TestOneReconcilerAtATime(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.work()
	other := *x.Reconciler
	other.worker = "other"
	y := &fixture{&other, t, x.rdb, x.dir}
	x.submit(fp(1))
	y.work()
	x.wantTasks(pendingKey, 0)
	x.must(x.rdb.Del(t.Context(), "nm:lease:reconciler").Err()) // the first has died
	y.work()
	x.wantTasks(pendingKey, 1)
}

// Whoever leads may die with the worker: the next one is to act at once, not to begin to watch.
func TestWhoDoesNotLeadWatches(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s, _ := x.lose(fp(1))
	if held, err := x.records.Lease(t.Context(), leaseName, "another", leaseTime); err != nil || !held {
		t.Fatal(held, err)
	}
	x.must(x.pass(t.Context()))
	x.pause("ghost")
	x.must(x.pass(t.Context()))
	x.wantState(s, job.Running) // that is for whoever leads
	x.must(x.rdb.Del(t.Context(), "nm:lease:"+leaseName).Err())
	x.must(x.pass(t.Context()))
	x.wantState(s, job.Queued)
	x.wantTasks(pendingKey, 1)
}

// A worker that dies between taking a task and claiming its run leaves no trace in the record.
func TestATakenTaskThatNobodyHasIsQueuedAgain(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.enqueue(s)
	x.deliver(s.Run)
	x.must(x.records.Beat(t.Context(), "waits"))
	held := []store.Holding{{Fingerprint: fp(1), Run: s.Run.ID}}
	x.must(x.records.Describe(t.Context(), "waits", store.Description{Held: held}))
	x.work()
	x.must(x.pass(t.Context()))
	x.wantTasks(activeKey, 1) // it waits for memory
	x.must(x.records.Leave(t.Context(), "waits"))
	x.work()
	x.wantTasks(activeKey, 1) // it may have been taken this very moment
	for task, since := range x.unheld {
		x.unheld[task] = since.Add(-x.delays.mute)
	}
	x.work()
	x.wantTasks(activeKey, 0)
	x.wantTasks(pendingKey, 1)
	x.deliver(s.Run)
	if a := x.claim(s.Run, "other"); a.Number != 1 {
		t.Errorf("got attempt %d, want the first", a.Number)
	}
}

// The answer to a claim was lost with Redis, and so was what Asynq was told of it.
func TestARunningAttemptThatItsWorkerDoesNotHave(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.enqueue(s)
	x.deliver(s.Run)
	a := x.claim(s.Run, "living")
	x.must(x.records.Beat(t.Context(), "living"))
	x.must(x.records.Describe(t.Context(), "living", store.Description{}))
	x.work()
	x.wantState(s, job.Running) // it may have been claimed this very moment
	for task, since := range x.unheld {
		x.unheld[task] = since.Add(-x.delays.mute)
	}
	x.work()
	x.wantState(s, job.Queued)
	x.wantTasks(pendingKey, 1)
	x.deliver(s.Run)
	if b, ok, err := x.records.Claim(t.Context(), s.Run, "living", false); err != nil || !ok || b.Number != a.Number+1 {
		t.Errorf("got %+v, %v, %v, want the next attempt, which need not be alone", b, ok, err)
	}
}

func TestThreeLossesAloneArePoison(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	for i := range 4 {
		x.work()
		x.deliver(s.Run)
		a, ok, err := x.records.Claim(t.Context(), s.Run, "ghost", i > 0)
		if err != nil || !ok || a.Number != int64(i+1) || a.Failures != 0 {
			t.Fatalf("claim %d: got %+v, %v, %v", i, a, ok, err)
		}
		x.must(x.pass(t.Context()))
		x.pause("ghost")
		x.must(x.pass(t.Context()))
		delete(x.absent, "ghost")
	}
	rec := x.wantState(s, job.Failed)
	if rec.Failure == nil || rec.Failure.Code != "poisoned" {
		t.Errorf("got failure %+v, want that it is poisoned", rec.Failure)
	}
	attempts, err := x.records.Attempts(t.Context(), rec)
	x.must(err)
	if len(attempts) != 4 || attempts[3].State != job.AttemptLost {
		t.Errorf("got attempts %+v, want four that were lost", attempts)
	}
	_, err = x.records.Submit(t.Context(), job.Request{Owner: job.LocalOwner, Fingerprint: fp(1), MaxAttempts: 3}, 10)
	if job.CodeOf(err) != job.Poisoned {
		t.Errorf("submit: got %v, want it refused", err)
	}
	x.wantListed("open", 0)
}
