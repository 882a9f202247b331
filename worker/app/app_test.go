package app_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/worker/app"
)

// bench is everything around a worker: Redis, records, queue and result store, as the API would use them.
type bench struct {
	t       *testing.T
	rdb     redis.UniversalClient
	records *store.Store
	queue   *queue.Client
	results *result.Store
	dir     string
	watcher *store.Watcher
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchOn(t, redistest.Start(t))
}

func newBenchOn(t *testing.T, url string) *bench {
	t.Helper()
	rdb, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	results, err := result.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	records := store.New(rdb)
	b := &bench{t: t, rdb: rdb, records: records, queue: queue.New(rdb), results: results, dir: dir, watcher: store.NewWatcher(records, quiet())}
	ctx, stop := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { b.watcher.Run(ctx) })
	t.Cleanup(func() {
		stop()
		watching.Wait()
		if err := results.Close(); err != nil {
			t.Error(err)
		}
		if err := rdb.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// startWorker runs a worker until the test ends, or until the returned function is called.
func (b *bench) startWorker() (stop func()) {
	b.t.Helper()
	w, err := app.New(b.t.Context(), app.Config{Redis: b.rdb, Results: b.dir, Concurrency: 2, Logger: quiet()})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := w.Start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.Stop(ctx); err != nil {
			b.t.Errorf("stop worker: %v", err)
		}
	})
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) submit(name string, args map[string]string) store.Submission {
	b.t.Helper()
	s := b.submitUnqueued(name, args)
	if s.Cache == job.Miss {
		if err := b.queue.Enqueue(b.t.Context(), s.Run); err != nil {
			b.t.Fatal(err)
		}
	}
	return s
}

func (b *bench) submitUnqueued(name string, args map[string]string) store.Submission {
	b.t.Helper()
	f, ok := function.Lookup(name)
	if !ok {
		b.t.Fatalf("no function %s", name)
	}
	a, err := f.ParseText(args)
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := b.records.Submit(b.t.Context(), job.Request{
		Owner: job.LocalOwner, Spec: job.Spec{Function: name, Args: a.Canonical(), Method: function.DefaultMethod},
		Fingerprint: job.Fingerprint(f.Fingerprint(a, function.DefaultMethod)), MaxAttempts: 3,
	}, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// await waits until the job satisfies ok, by the watcher's signals.
func (b *bench) await(s store.Submission, what string, ok func(store.Record) bool) store.Record {
	b.t.Helper()
	changed, stop := b.watcher.Watch(s.Run.Fingerprint)
	defer stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		r, err := b.records.Get(b.t.Context(), job.LocalOwner, s.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		if ok(r) {
			return r
		}
		select {
		case <-changed:
		case <-limit.C:
			b.t.Fatalf("job %s is %s after a minute, want it %s", s.ID, r.State, what)
		}
	}
}

func ended(r store.Record) bool   { return r.State.Terminal() && r.Settled }
func running(r store.Record) bool { return r.State == job.Running }

func (b *bench) digitsSum(r store.Record) string {
	b.t.Helper()
	if r.Result == nil {
		b.t.Fatalf("job %s is %s and has no result: %+v", r.ID, r.State, r.Failure)
	}
	digits, err := b.records.Digits(b.t.Context(), r.Fingerprint)
	if err != nil {
		b.t.Fatal(err)
	}
	if r.Result.Blob != "" {
		in, err := b.results.Reader(b.t.Context(), r.Result.Blob, r.Result.Digits)
		if err != nil {
			b.t.Fatal(err)
		}
		all, err := io.ReadAll(in)
		if err != nil {
			b.t.Fatal(err)
		}
		if err := in.Close(); err != nil {
			b.t.Fatal(err)
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
		args      map[string]string
		sum, blob string
	}{
		{"fibonacci", map[string]string{"n": "100000"}, "", "a blob"},
		{"ackermann", map[string]string{"m": "4", "n": "2"}, "daeafdfae592d817", "a blob"},
		{"factorial", map[string]string{"n": "20"}, "", ""},
	} {
		r := b.await(b.submit(c.name, c.args), "ended", ended)
		if r.State != job.Succeeded {
			t.Fatalf("%s%v: got state %s (%+v), want succeeded", c.name, c.args, r.State, r.Failure)
		}
		sum := b.digitsSum(r)
		if sum != r.Result.SHA256 || sum[:len(c.sum)] != c.sum {
			t.Errorf("%s%v: digits sum to %s, record says %s, want %s…", c.name, c.args, sum, r.Result.SHA256, c.sum)
		}
		if got := r.Result.Blob != ""; got != (c.blob != "") {
			t.Errorf("%s%v: got blob %q, want %q", c.name, c.args, r.Result.Blob, c.blob)
		}
		if len(r.Result.Verification.Residues) != 2 {
			t.Errorf("%s%v: got %d residues, want 2", c.name, c.args, len(r.Result.Verification.Residues))
		}
	}
}

func TestCancelStopsTheWorkAndASubmitStartsItAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.startWorker()
	first := b.submit("factorial", map[string]string{"n": "3000000"})
	b.await(first, "running", running)
	abandoned, err := b.records.Cancel(t.Context(), job.LocalOwner, first.ID)
	if err != nil || abandoned == nil {
		t.Fatalf("cancel: got %v, %v; want the abandoned run", abandoned, err)
	}
	second := b.submit("factorial", map[string]string{"n": "3000000"})
	if second.Cache != job.Miss || second.Run.ID == first.Run.ID {
		t.Errorf("submit after cancel: got %s of run %s, want a miss with a run of its own", second.Cache, second.Run.ID)
	}
	b.await(second, "running", running)
	stop() // drains: the second is given back
	r, err := b.records.Get(t.Context(), job.LocalOwner, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != job.Queued {
		t.Errorf("after the drain: got %s, want queued", r.State)
	}
	if r, err = b.records.Get(t.Context(), job.LocalOwner, first.ID); err != nil || r.State != job.Cancelled {
		t.Errorf("cancelled job: got %s, %v", r.State, err)
	}
}

func TestARecordWithoutATaskIsQueuedByTheReconciler(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.submitUnqueued("fibonacci", map[string]string{"n": "1000"})
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
		all = append(all, b.submit("fibonacci", map[string]string{"n": "50000"}))
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
	if hit := b.submit("fibonacci", map[string]string{"n": "50000"}); hit.Cache != job.Hit {
		t.Errorf("a later submit: got %s, want a hit", hit.Cache)
	}
}
