package app_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/worker/app"
	"numbermill/worker/internal/workertest"
)

// bench is everything around a worker, with signals for changes.
type bench struct {
	*workertest.Bench

	watcher *store.Watcher
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchOn(t, redistest.Start(t))
}

func newBenchOn(t *testing.T, url string) *bench {
	t.Helper()
	b := &bench{Bench: workertest.On(t, url)}
	b.watcher = store.NewWatcher(b.Records, workertest.Quiet())
	ctx, stop := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { b.watcher.Run(ctx) })
	t.Cleanup(func() {
		stop()
		watching.Wait()
	})
	return b
}

// startWorker runs a worker until the test ends, or until the returned function is called.
func (b *bench) startWorker(changes ...func(*app.Config)) (stop func()) {
	b.T.Helper()
	cfg := app.Config{Redis: b.Redis, Results: b.Dir, Concurrency: 2, Uncalibrated: true, Logger: workertest.Quiet()}
	for _, change := range changes {
		change(&cfg)
	}
	w, err := app.New(b.T.Context(), cfg)
	b.Must(err)
	b.Must(w.Start(b.T.Context()))
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.Stop(ctx); err != nil {
			b.T.Errorf("stop worker: %v", err)
		}
	})
	b.T.Cleanup(stop)
	return stop
}

// queued queues what has been submitted.
func (b *bench) queued(s store.Submission) store.Submission {
	b.T.Helper()
	if s.Cache == job.Miss {
		b.Must(b.Queue.Enqueue(b.T.Context(), s.Run))
	}
	return s
}

// reached waits until the client library finds a Redis that is back: after many calls in vain it looks for it once a second.
func (b *bench) reached() {
	b.T.Helper()
	b.Eventually("Redis is reached", func() bool { return b.Redis.Ping(b.T.Context()).Err() == nil })
}

func (b *bench) submit(name, args string) store.Submission {
	b.T.Helper()
	return b.queued(b.Submit(name, args, function.DefaultMethod))
}

// await waits until the job satisfies ok, by the watcher's signals.
func (b *bench) await(s store.Submission, what string, ok func(store.Record) bool) store.Record {
	b.T.Helper()
	changed, stop := b.watcher.Watch(s.Run.Fingerprint)
	defer stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		r, err := b.Records.Get(b.T.Context(), job.LocalOwner, s.ID)
		if err != nil {
			b.T.Fatal(err)
		}
		if ok(r) {
			return r
		}
		select {
		case <-changed:
		case <-limit.C:
			b.T.Fatalf("job %s is %s after a minute, want it %s", s.ID, r.State, what)
		}
	}
}

func ended(r store.Record) bool   { return r.State.Terminal() && r.Settled }
func running(r store.Record) bool { return r.State == job.Running }

func (b *bench) digitsSum(r store.Record) string {
	b.T.Helper()
	if r.Result == nil {
		b.T.Fatalf("job %s is %s and has no result: %+v", r.ID, r.State, r.Failure)
	}
	digits, err := b.Records.Digits(b.T.Context(), r.Fingerprint)
	if err != nil {
		b.T.Fatal(err)
	}
	if r.Result.Blob != "" {
		in, err := b.Results.Reader(b.T.Context(), r.Result.Blob, r.Result.Digits)
		if err != nil {
			b.T.Fatal(err)
		}
		all, err := io.ReadAll(in)
		if err != nil {
			b.T.Fatal(err)
		}
		if err := in.Close(); err != nil {
			b.T.Fatal(err)
		}
		digits = string(all)
	}
	sum := sha256.Sum256([]byte(digits))
	return hex.EncodeToString(sum[:])
}

// The sums are of Python's integers, written in decimal.
func TestWorkerComputesAndPublishes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.startWorker()
	for _, c := range []struct {
		name      string
		args      string
		sum, blob string
	}{
		{"fibonacci", "n=100000", "", "a blob"},
		{"ackermann", "m=4 n=2", "daeafdfae592d817", "a blob"},
		{"factorial", "n=20", "", ""},
	} {
		r := b.await(b.submit(c.name, c.args), "ended", ended)
		if r.State != job.Succeeded {
			t.Fatalf("%s %s: got state %s (%+v), want succeeded", c.name, c.args, r.State, r.Failure)
		}
		sum := b.digitsSum(r)
		if sum != r.Result.SHA256 || sum[:len(c.sum)] != c.sum {
			t.Errorf("%s %s: digits sum to %s, record says %s, want %s…", c.name, c.args, sum, r.Result.SHA256, c.sum)
		}
		if got := r.Result.Blob != ""; got != (c.blob != "") {
			t.Errorf("%s %s: got blob %q, want %q", c.name, c.args, r.Result.Blob, c.blob)
		}
		if len(r.Result.Verification.Residues) != 2 {
			t.Errorf("%s %s: got %d residues, want 2", c.name, c.args, len(r.Result.Verification.Residues))
		}
	}
}

func TestCancelStopsTheWorkAndASubmitStartsItAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.startWorker()
	first := b.queued(b.Endless())
	b.await(first, "running", running)
	abandoned, err := b.Records.Cancel(t.Context(), job.LocalOwner, first.ID)
	if err != nil || abandoned == nil {
		t.Fatalf("cancel: got %v, %v; want the abandoned run", abandoned, err)
	}
	second := b.queued(b.Endless())
	if second.Cache != job.Miss || second.Run.ID == first.Run.ID {
		t.Errorf("submit after cancel: got %s of run %s, want a miss with a run of its own", second.Cache, second.Run.ID)
	}
	b.await(second, "running", running)
	stop() // drains: the second is given back
	r, err := b.Records.Get(t.Context(), job.LocalOwner, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != job.Queued {
		t.Errorf("after the drain: got %s, want queued", r.State)
	}
	if r, err = b.Records.Get(t.Context(), job.LocalOwner, first.ID); err != nil || r.State != job.Cancelled {
		t.Errorf("cancelled job: got %s, %v", r.State, err)
	}
}

func TestARecordWithoutATaskIsQueuedByTheReconciler(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.Submit("fibonacci", "n=1000", function.DefaultMethod)
	b.startWorker()
	if r := b.await(s, "ended", ended); r.State != job.Succeeded {
		t.Errorf("got %s, want succeeded", r.State)
	}
}

func TestJoinedJobsEndTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var all []store.Submission
	for range 20 {
		all = append(all, b.queued(b.Some()))
	}
	b.startWorker()
	for i, s := range all {
		r := b.await(s, "ended", ended)
		want := job.Joined
		if i == 0 {
			want = job.Miss
		}
		if r.State != job.Succeeded || r.Cache != want || r.Attempt != 1 {
			t.Errorf("job %d: got %s by %s in attempt %d, want succeeded by %s in attempt 1", i, r.State, r.Cache, r.Attempt, want)
		}
	}
	if hit := b.queued(b.Some()); hit.Cache != job.Hit {
		t.Errorf("a later submit: got %s, want a hit", hit.Cache)
	}
}

func TestAWorkerWithoutItsHistoryWorks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.startWorker(func(c *app.Config) { c.Elasticsearch = "http://user:secret@127.0.0.1:1" })
	b.await(b.submit("fibonacci", "n=1000"), "ended", ended)
	stop()
	if n, err := b.Records.Waiting(t.Context(), job.LocalOwner); err != nil || n != 1 {
		t.Errorf("%d jobs wait for the history, %v, want 1", n, err)
	}
}

func TestAnElasticsearchThatIsNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := app.New(t.Context(), app.Config{Redis: b.Redis, Results: b.Dir, Elasticsearch: "http://user:secret@%zz", Logger: workertest.Quiet()})
	if err == nil || !strings.Contains(err.Error(), "Elasticsearch") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want it to name the setting, and no password", err)
	}
}
