package store_test

import (
	"maps"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// counted is what stands in the batch's own record: nobody has looked at its jobs for it.
func (x *fixture) counted(b job.BatchID) map[string]string {
	x.t.Helper()
	record, err := x.rdb.HGetAll(x.t.Context(), "nm:{o:local}:batch:"+string(b)).Result()
	x.must(err)
	maps.DeleteFunc(record, func(name, _ string) bool { return name == "created_ms" || name == "ended_ms" || name == "labels" })
	return record
}

// fill submits jobs of a batch in one go.
func (x *fixture) fillBatch(b job.BatchID, requests ...job.Request) []store.Submission {
	x.t.Helper()
	for i := range requests {
		requests[i].Batch = b
	}
	made, _, err := x.s.SubmitBatch(x.t.Context(), job.LocalOwner, b, requests)
	if err != nil || len(made) != len(requests) {
		x.t.Fatalf("submit a batch: got %d submissions, %v", len(made), err)
	}
	return made
}

func TestEndsCountThemselves(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	hit := x.submit(fp(1))
	x.compute(hit.Run)
	b, other := x.batch(8), x.batch(1)
	late := request(fp(7))
	late.RunAt = time.Now().Add(time.Hour)
	s := x.fillBatch(b, request(fp(1)), request(fp(2)), request(fp(2)), request(fp(3)), request(fp(4)), request(fp(5)), request(fp(6)), late)
	joined := x.fillBatch(other, request(fp(2)))
	for i, want := range []job.Cache{job.Hit, job.Miss, job.Joined, job.Miss, job.Miss, job.Miss, job.Miss, ""} {
		if s[i].Cache != want || s[i].Scheduled != (want == "") {
			t.Errorf("job %d: got %+v, want %q", i, s[i], want)
		}
	}
	if joined[0].Cache != job.Joined || joined[0].Run.ID != s[1].Run.ID {
		t.Errorf("the other batch's job: got %+v, want it joined", joined[0])
	}
	x.compute(s[1].Run)
	_, _, err := x.s.Fail(t.Context(), x.claim(s[3].Run), job.Failure{Code: "internal"}, true)
	x.must(err)
	x.cancel(s[4])
	_, err = x.s.Expire(t.Context(), job.LocalOwner, s[5].ID)
	x.must(err)
	x.cancel(s[7])
	x.cancel(s[7]) // again
	x.remove(s[4])
	x.must(x.s.Settle(t.Context(), fp(2)))
	want := map[string]string{"total": "8", "succeeded": "3", "failed": "1", "cancelled": "2", "expired": "1"}
	if diff := cmp.Diff(want, x.counted(b)); diff != "" {
		t.Errorf("the batch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"total": "1", "succeeded": "1"}, x.counted(other)); diff != "" {
		t.Errorf("the other batch (-want +got):\n%s", diff)
	}
	got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
	if diff := cmp.Diff(job.BatchCounts{Total: 8, Succeeded: 3, Failed: 1, Cancelled: 2, Expired: 1, Queued: 1}, got.Counts); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if open := x.open(); open != 1 {
		t.Errorf("%d jobs count as open, want the one that is queued", open)
	}
}

// Many ends at once are closed together; each is closed once its own call returns.
func TestManyEndsAtOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const jobs = 300
	b := x.batch(jobs)
	requests := make([]job.Request, jobs)
	for i := range requests {
		requests[i] = request(fp(i))
	}
	made := x.fillBatch(b, requests...)
	var all sync.WaitGroup
	for _, s := range made {
		all.Go(func() {
			a, ok, err := x.s.Claim(t.Context(), s.Run, "worker", true)
			if err != nil || !ok {
				t.Errorf("claim: %v, %v", ok, err)
				return
			}
			if _, err := x.s.Complete(t.Context(), a, someResult, "144"); err != nil {
				t.Error(err)
			}
			if err := x.rdb.ZScore(t.Context(), "nm:{o:local}:open", string(s.ID)).Err(); err == nil {
				t.Errorf("%s is open after its end", s.ID)
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(map[string]string{"total": strconv.Itoa(jobs), "succeeded": strconv.Itoa(jobs)}, x.counted(b)); diff != "" {
		t.Errorf("the batch (-want +got):\n%s", diff)
	}
	if n, err := x.rdb.ZCard(t.Context(), "nm:{o:local}:finished").Result(); err != nil || n != jobs {
		t.Errorf("%d jobs wait for the history, %v, want %d", n, err, jobs)
	}
}

// Whatever a crash has left uncounted is counted by who reads the batch, once.
func TestWhatIsMissedIsCountedLater(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	b := x.batch(700)
	requests := make([]job.Request, 700)
	for i := range requests {
		requests[i] = request(fp(i))
	}
	made := x.fillBatch(b, requests...)
	for _, s := range made[:2] { // as if the worker had died between the end of the computation and that of its job
		x.must(x.rdb.HSet(t.Context(), "nm:{s:"+string(s.ID.Shard())+"}:comp:"+string(s.Run.Fingerprint), "state", "stored", "finished_ms", "1").Err())
	}
	for range 2 {
		got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
		if diff := cmp.Diff(job.BatchCounts{Total: 700, Succeeded: 2, Queued: 698}, got.Counts); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	for _, s := range made[:2] {
		x.must(x.s.Settle(t.Context(), s.Run.Fingerprint))
	}
	if diff := cmp.Diff(map[string]string{"total": "700", "succeeded": "2"}, x.counted(b)); diff != "" {
		t.Errorf("settled later (-want +got):\n%s", diff)
	}
}

// Readers of a large batch share what it costs; its ends are exact all the same.
func TestReadersShareACount(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	b := x.batch(600)
	requests := make([]job.Request, 600)
	for i := range requests {
		requests[i] = request(fp(i))
	}
	made := x.fillBatch(b, requests...)
	x.claim(made[0].Run)
	counted := &trips{}
	x.rdb.AddHook(counted)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
			if diff := cmp.Diff(job.BatchCounts{Total: 600, Running: 1, Queued: 599}, got.Counts); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	all.Wait()
	if n := counted.n.Load(); n > 100 {
		t.Errorf("50 readers make %d round trips", n)
	}
	x.cancel(made[1])
	got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
	if c := got.Counts; err != nil || c.Cancelled != 1 || c.Running+c.Queued != 599 {
		t.Errorf("after a cancel: got %+v, %v", c, err)
	}
}

// A batch whose API was killed in the middle comes to what was written of it.
func TestABatchThatBreaksOff(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	b := x.batch(5)
	made := x.fillBatch(b, request(fp(1)), request(fp(2)), request(fp(3)))
	x.must(x.rdb.Del(t.Context(), "nm:{s:"+string(made[2].ID.Shard())+"}:job:"+string(made[2].ID)).Err()) // as if that had never come
	want := func(doing string, counts job.BatchCounts) {
		t.Helper()
		got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
		if diff := cmp.Diff(counts, got.Counts); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", doing, err, diff)
		}
	}
	x.compute(made[0].Run)
	want("while it is written", job.BatchCounts{Total: 5, Queued: 4, Succeeded: 1})
	x.must(x.rdb.HSet(t.Context(), "nm:{o:local}:batch:"+string(b), "created_ms", time.Now().Add(-time.Hour).UnixMilli()).Err())
	want("later", job.BatchCounts{Total: 3, Queued: 2, Succeeded: 1}) // one is thought to be written still
	keys := []string{"nm:{o:local}:batch:" + string(b) + ":open", "nm:{o:local}:batch:" + string(b) + ":jobs"}
	const old = "job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b" // an id of long ago, never written either
	x.must(x.rdb.SAdd(t.Context(), keys[0], old).Err())
	x.must(x.rdb.ZAdd(t.Context(), keys[1], redis.Z{Score: 1, Member: old}).Err())
	x.must(x.rdb.HIncrBy(t.Context(), "nm:{o:local}:batch:"+string(b), "total", 1).Err())
	for range 2 {
		want("a job that never came", job.BatchCounts{Total: 3, Queued: 2, Succeeded: 1})
	}
}

func TestABatchOfWhichOneIsPoisonous(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	run := x.submit(fp(5)).Run
	for lost := store.LossRequeued; lost == store.LossRequeued; {
		a := x.claim(run)
		var err error
		lost, err = x.s.Lose(t.Context(), a)
		x.must(err)
	}
	b := x.batch(10)
	requests := make([]job.Request, 8)
	for i := range requests {
		requests[i] = request(fp(i))
		requests[i].Batch = b
	}
	_, failed, err := x.s.SubmitBatch(t.Context(), job.LocalOwner, b, requests)
	wantCode(t, "a poisonous job", err, job.Poisoned)
	if failed != 5 {
		t.Errorf("job %d is said to be refused, want 5", failed)
	}
	open, err := x.s.BatchOpen(t.Context(), job.LocalOwner, b)
	x.must(err)
	abandoned, err := x.s.CancelAll(t.Context(), job.LocalOwner, open)
	x.must(err)
	if len(abandoned) != 7 {
		t.Errorf("%d runs are abandoned, want 7", len(abandoned))
	}
	x.must(x.s.CutBatch(t.Context(), job.LocalOwner, b))
	got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
	if diff := cmp.Diff(job.BatchCounts{Total: 8, Cancelled: 7, Queued: 1}, got.Counts); err != nil || diff != "" { // the last is missing, after a time
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestCancelAll(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	b := x.batch(5)
	queued := request(fp(1))
	queued.Queue = "small"
	late := request(fp(6))
	late.RunAt = time.Now().Add(time.Hour)
	s := x.fillBatch(b, queued, request(fp(2)), request(fp(3)), request(fp(4)), late)
	other := x.submit(fp(4))
	x.compute(s[1].Run)
	a := x.claim(s[2].Run)
	ids := []job.ID{s[0].ID, s[1].ID, s[2].ID, s[3].ID, s[4].ID, "job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b"}
	for range 2 { // the second time it changes nothing
		abandoned, err := x.s.CancelAll(t.Context(), job.LocalOwner, ids)
		x.must(err)
		want := []store.Run{{Fingerprint: fp(1), ID: s[0].Run.ID, Queue: "small"}, {Fingerprint: fp(3), ID: s[2].Run.ID}}
		if diff := cmp.Diff(want, abandoned); len(abandoned) > 0 && diff != "" {
			t.Errorf("abandoned (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"total": "5", "succeeded": "1", "cancelled": "4"}, x.counted(b)); diff != "" {
			t.Errorf("the batch (-want +got):\n%s", diff)
		}
	}
	if held, err := x.s.Report(t.Context(), a, job.Progress{}); held || err != nil {
		t.Errorf("the worker still holds the attempt: %v", err)
	}
	x.wantState(other, job.Queued)
	if got, err := x.s.CancelAll(t.Context(), "somebody", []job.ID{other.ID}); len(got) != 0 || err != nil {
		t.Errorf("another owner cancels %v, %v", got, err)
	}
	x.wantState(other, job.Queued)
}
