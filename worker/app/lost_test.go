package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/worker/app"
)

// silent keeps what the client library has to say of a Redis that is away out of the tests' output.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(silent{})
	// The client library's look for a Redis that is away ends up to a second after its pool has been closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// A worker that is killed leaves a claimed run and an active task, and never beats again.
func TestALostWorkersRunIsDoneByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.submit("fibonacci", map[string]string{"n": "50000"})
	const queue = "asynq:{standard}:"
	id, err := b.rdb.RPopLPush(t.Context(), queue+"pending", queue+"active").Result()
	if err != nil {
		t.Fatal(err)
	}
	pipe := b.rdb.Pipeline()
	pipe.HSet(t.Context(), queue+"t:"+id, "state", "active")
	pipe.ZAdd(t.Context(), queue+"lease", redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id})
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.records.Claim(t.Context(), s.Run, "killed"); err != nil || !ok {
		t.Fatal(ok, err)
	}
	begun := time.Now()
	b.startWorker()
	r := b.await(s, "ended", ended)
	if r.State != job.Succeeded || r.Attempt != 2 {
		t.Errorf("got state %s in attempt %d, want it succeeded in the second", r.State, r.Attempt)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("it took %v, want about 7 s", took)
	}
}

func TestRedisRestartsWhileAJobRuns(t *testing.T) {
	t.Parallel()
	server := redistest.New(t, redistest.AppendOnly(t.TempDir()))
	b := newBenchOn(t, server.URL())
	b.startWorker()
	s := b.submit("factorial", map[string]string{"n": "200000"})
	b.await(s, "running", func(r store.Record) bool { return r.State != job.Queued })
	server.Kill()
	server.Restart()
	if r := b.await(s, "ended", ended); r.State != job.Succeeded || r.Attempt != 1 {
		t.Errorf("got state %s in attempt %d (%+v), want it succeeded in the first", r.State, r.Attempt, r.Failure)
	}
	// The worker takes more work, too.
	if r := b.await(b.submit("fibonacci", map[string]string{"n": "1000"}), "ended", ended); r.State != job.Succeeded {
		t.Errorf("a job after the restart: got state %s", r.State)
	}
}

func TestStopWithoutRedis(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	b := newBenchOn(t, server.URL())
	w, err := app.New(t.Context(), app.Config{Redis: b.rdb, Results: b.dir, Concurrency: 1, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.await(b.submit("factorial", map[string]string{"n": "20000000"}), "running", running)
	server.Kill()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = w.Stop(ctx) // it may complain
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("the worker took %v to stop", took)
	}
}
