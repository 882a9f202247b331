package reconciler

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// age makes a job one that was submitted and ended long ago.
func (x *fixture) age(s store.Submission, by time.Duration) {
	x.t.Helper()
	at := time.Now().Add(-by).UnixMilli()
	x.must(x.rdb.ZAdd(x.t.Context(), "nm:{o:local}:jobs", redis.Z{Score: float64(at), Member: string(s.ID)}).Err())
	key := "nm:{s:" + string(s.ID.Shard()) + "}:job:" + string(s.ID)
	x.must(x.rdb.HSet(x.t.Context(), key, "finished_ms", at).Err())
}

func TestRetention(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const day = 24 * time.Hour
	young, old := x.submit(fp(1)), x.submit(fp(2))
	x.publish(x.claim(young.Run, "w"))
	path := x.publish(x.claim(old.Run, "w"))
	hit := x.submit(fp(2))
	active := x.submit(fp(3))
	x.age(young, 6*day)
	x.age(old, 8*day)
	x.must(x.rdb.ZAdd(t.Context(), "nm:{o:local}:jobs", redis.Z{Score: 1, Member: string(active.ID)}).Err())
	x.cleanUpNow()
	x.wantState(young, job.Succeeded)
	x.wantGone(old)
	x.wantState(active, job.Queued)
	if x.wantState(hit, job.Succeeded); !exists(path) {
		t.Error("the digits have gone though another job refers to them")
	}
	x.age(hit, 8*day)
	x.cleanUpNow()
	x.wantGone(hit)
	if exists(path) {
		t.Error("the digits are still there")
	}
	if n, err := x.rdb.Exists(t.Context(), "nm:{s:"+string(fp(2).Shard())+"}:comp:"+string(fp(2))).Result(); err != nil || n != 0 {
		t.Errorf("the computation's record is still there (%v)", err)
	}
}

func TestRetentionOfMany(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const day = 24 * time.Hour
	var stays []store.Submission
	for range batch + 10 { // older than all others, and not to be deleted
		s := x.submit(fp(1))
		x.must(x.rdb.ZAdd(t.Context(), "nm:{o:local}:jobs", redis.Z{Score: 1, Member: string(s.ID)}).Err())
		stays = append(stays, s)
	}
	x.publish(x.claim(x.submit(fp(9)).Run, "w"))
	var goes []store.Submission
	for range 2*batch + 100 {
		s := x.submit(fp(9))
		x.age(s, 8*day)
		goes = append(goes, s)
	}
	x.cleanUpNow()
	for _, s := range goes {
		x.wantGone(s)
	}
	for _, s := range stays {
		x.wantState(s, job.Queued)
	}
}

// What makes room must not wait for room.
func TestAFullRedisIsCleanedUp(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	old := x.submit(fp(1))
	path := x.publish(x.claim(old.Run, "w"))
	x.age(old, 8*24*time.Hour)
	x.must(x.rdb.ConfigSet(t.Context(), "maxmemory", "1").Err())
	x.nextCleanUp = time.Time{}
	_ = x.pass(t.Context()) // it may complain
	x.wantGone(old)
	if exists(path) {
		t.Error("the digits are still there")
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const old, young, ancient = 25 * time.Hour, 23 * time.Hour, 9 * 24 * time.Hour
	stored := x.submit(fp(1))
	first := x.claim(stored.Run, "w")
	second := x.claim(stored.Run, "w")
	x.publish(second)
	running := x.submit(fp(2))
	x.claim(running.Run, "w")
	cancelled := x.submit(fp(3))
	if _, err := x.records.Cancel(t.Context(), job.LocalOwner, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		key  string
		age  time.Duration
		want bool
	}{
		"published":                      {result.Key(fp(1), stored.Run.ID, second.Number), old, true},
		"of a stale attempt":             {result.Key(fp(1), stored.Run.ID, first.Number), old, false},
		"of a stale attempt, young":      {result.Key(fp(1), stored.Run.ID, 77), young, true},
		"of another run":                 {result.Key(fp(1), "0011223344556677", second.Number), old, false},
		"being written":                  {result.Key(fp(2), running.Run.ID, 1), old, true},
		"of the attempt before":          {result.Key(fp(2), running.Run.ID, 0), old, false},
		"of an abandoned run":            {result.Key(fp(3), cancelled.Run.ID, 1), old, false},
		"maybe of another Redis":         {result.Key(fp(4), "0011223344556677", 1), old, true},
		"of nobody for long":             {result.Key(fp(5), "0011223344556677", 1), ancient, false},
		"never finished":                 {result.Key(fp(6), "0011223344556677", 1) + ".18af.tmp", old, false},
		"not finished yet":               {result.Key(fp(6), "0011223344556677", 2) + ".18b0.tmp", young, true},
		"of a stale attempt, unfinished": {result.Key(fp(1), stored.Run.ID, 5) + ".18b1.tmp", old, false},
	} {
		path := x.write(c.key, c.age)
		defer func() {
			if got := exists(path); got != c.want {
				t.Errorf("%s: there %v, want %v", what, got, c.want)
			}
		}()
	}
	x.cleanUpNow()
}

// Every shard has its turn within the hour, however much lies in one.
func TestSweepGoesRound(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var paths []string
	for i := range blobsAtOnce + 100 {
		paths = append(paths, x.write(result.Key(fp(0), "0011223344556677", int64(i)), 9*24*time.Hour))
	}
	last := "fff" + fp(1)[3:]
	paths = append(paths, x.write(result.Key(last, "0011223344556677", 1), 9*24*time.Hour))
	x.must(x.sweepBlobs(t.Context()))
	left := 0
	for _, p := range paths {
		if exists(p) {
			left++
		}
	}
	if left != 101 {
		t.Errorf("%d files are left after one sweep, want 101", left)
	}
	for range 60 {
		x.must(x.sweepBlobs(t.Context()))
	}
	for _, p := range paths {
		if exists(p) {
			t.Errorf("%s is still there after an hour", p)
		}
	}
}

func TestRunEndsWithItsContextAndOutlivesRedis(t *testing.T) {
	t.Parallel()
	server := redistest.New(t, redistest.AppendOnly(t.TempDir()))
	x := on(t, server.URL())
	s := x.submit(fp(1))
	server.Kill()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { x.Run(ctx) })
	server.Restart()
	x.must(x.rdb.ZAdd(t.Context(), "nm:{o:local}:open", redis.Z{Score: 1, Member: string(s.ID)}).Err())
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := int64(0); n == 0; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("nothing is repaired after Redis is back")
		}
		var err error
		n, err = x.rdb.LLen(t.Context(), pendingKey).Result()
		x.must(err)
	}
	stop()
	wg.Wait()
}

func TestTheOldestResultsMakeRoom(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var subs []store.Submission
	var paths []string
	for i := range 4 { // of one byte each
		s := x.submit(fp(i))
		subs, paths = append(subs, s), append(paths, x.publish(x.claim(s.Run, "w")))
		key := result.Key(fp(i), s.Run.ID, 1)
		x.must(x.records.KeepResult(t.Context(), key, 1, time.Now().Add(time.Duration(i-10)*time.Minute)))
	}
	x.resultsMax = 4
	x.must(x.evict(t.Context()))
	if total, err := x.records.ResultBytes(t.Context()); err != nil || total != 4 {
		t.Fatalf("got %d bytes, %v, want 4 as long as there is room", total, err)
	}
	x.resultsMax = 2
	x.must(x.evict(t.Context()))
	for i, s := range subs {
		rec := x.wantState(s, job.Succeeded)
		if kept := i >= 2; exists(paths[i]) != kept || (rec.Result != nil) != kept {
			t.Errorf("result %d: its file is there: %v, its record: %v, want %v", i, exists(paths[i]), rec.Result != nil, kept)
		}
	}
	if again := x.submit(fp(0)); again.Cache != job.Miss {
		t.Errorf("got a %s, want the digits computed anew", again.Cache)
	}
	if total, err := x.records.ResultBytes(t.Context()); err != nil || total != 2 {
		t.Errorf("got %d bytes, %v, want 2", total, err)
	}
	if _, err := x.records.Delete(t.Context(), job.LocalOwner, subs[3].ID); err != nil {
		t.Fatal(err)
	}
}

func TestRetentionWaitsForTheHistory(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.history = true
	const day = 24 * time.Hour
	shipped, waiting, given := x.submit(fp(1)), x.submit(fp(2)), x.submit(fp(3))
	for _, s := range []store.Submission{shipped, waiting, given} {
		x.publish(x.claim(s.Run, "w"))
	}
	ended := func(s store.Submission, by time.Duration) {
		t.Helper()
		x.age(s, by)
		x.must(x.rdb.ZAdd(t.Context(), "nm:{o:local}:finished", redis.Z{Score: float64(time.Now().Add(-by).UnixMilli()), Member: string(s.ID)}).Err())
	}
	ended(waiting, 8*day)
	ended(given, 15*day) // the history has had its time
	x.age(shipped, 8*day)
	x.must(x.records.Shipped(t.Context(), job.LocalOwner, []job.ID{shipped.ID}))
	x.cleanUpNow()
	x.wantGone(shipped)
	x.wantGone(given)
	x.wantState(waiting, job.Succeeded)
	if ids, err := x.records.Erasures(t.Context(), job.LocalOwner, 10); err != nil || len(ids) != 0 {
		t.Errorf("the history is to erase %v, %v, want nothing: nobody has deleted a job", ids, err)
	}
	x.must(x.records.Shipped(t.Context(), job.LocalOwner, []job.ID{waiting.ID}))
	x.cleanUpNow()
	x.wantGone(waiting)

	// Work goes before history: little memory is left.
	pressed := x.submit(fp(4))
	x.publish(x.claim(pressed.Run, "w"))
	ended(pressed, 8*day)
	used, _, err := x.records.Memory(t.Context())
	x.must(err)
	x.must(x.rdb.ConfigSet(t.Context(), "maxmemory", strconv.FormatInt(used*10/9, 10)).Err())
	x.cleanUpNow()
	x.wantGone(pressed)
}
