package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/worker/app"
	"numbermill/worker/internal/workertest"
)

func TestMain(m *testing.M) { workertest.Main(m) }

// A worker that is killed leaves a claimed run and an active task, and never beats again.
func TestALostWorkersRunIsDoneByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.queued(b.Some())
	const queue = "asynq:{small}:"
	id, err := b.Redis.RPopLPush(t.Context(), queue+"pending", queue+"active").Result()
	if err != nil {
		t.Fatal(err)
	}
	pipe := b.Redis.Pipeline()
	pipe.HSet(t.Context(), queue+"t:"+id, "state", "active")
	pipe.ZAdd(t.Context(), queue+"lease", redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id})
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.Records.Claim(t.Context(), s.Run, "killed", false); err != nil || !ok {
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
	s := b.queued(b.Submit("fibonacci", "n=41", "recursive")) // takes a second
	b.await(s, "running", func(r store.Record) bool { return r.State != job.Queued })
	server.Kill()
	server.Restart()
	b.reached()
	if r := b.await(s, "ended", ended); r.State != job.Succeeded || r.Attempt != 1 {
		t.Errorf("got state %s in attempt %d (%+v), want it succeeded in the first", r.State, r.Attempt, r.Failure)
	}
	// The worker takes more work, too.
	if r := b.await(b.submit("fibonacci", "n=1000"), "ended", ended); r.State != job.Succeeded {
		t.Errorf("a job after the restart: got state %s", r.State)
	}
}

func TestStopWithoutRedis(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	b := newBenchOn(t, server.URL())
	w, err := app.New(t.Context(), app.Config{Redis: b.Redis, Results: b.Dir, Concurrency: 1, Logger: workertest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.await(b.queued(b.Endless()), "running", running)
	server.Kill()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = w.Stop(ctx) // it may complain
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("the worker took %v to stop", took)
	}
}
