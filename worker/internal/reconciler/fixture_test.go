package reconciler

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

func TestMain(m *testing.M) { workertest.Main(m) }

// fixture is a reconciler on an empty Redis of its own. Its passes are made one by one, and time is moved where it is kept.
type fixture struct {
	*Reconciler
	t   *testing.T
	rdb redis.UniversalClient
	dir string
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	return on(t, redistest.Start(t))
}

func on(t *testing.T, url string) *fixture {
	t.Helper()
	b := workertest.On(t, url)
	return &fixture{New(Config{
		Records: b.Records, Queue: b.Queue, Results: b.Results, Worker: "me", Retention: 7 * 24 * time.Hour, ResultsMax: 1 << 40, Logger: workertest.Quiet(),
	}), t, b.Redis, b.Dir}
}

func (x *fixture) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// work makes a pass in which every open job is due.
func (x *fixture) work() {
	x.t.Helper()
	owners, err := x.records.Owners(x.t.Context())
	x.must(err)
	for _, o := range owners {
		key := "nm:{o:" + string(o) + "}:open"
		ids, err := x.rdb.ZRange(x.t.Context(), key, 0, -1).Result()
		x.must(err)
		for _, id := range ids {
			x.must(x.rdb.ZAdd(x.t.Context(), key, redis.Z{Score: 1, Member: id}).Err())
		}
	}
	x.must(x.pass(x.t.Context()))
}

// cleanUpNow makes a pass that cleans up.
func (x *fixture) cleanUpNow() {
	x.t.Helper()
	x.nextCleanUp = time.Time{}
	x.must(x.pass(x.t.Context()))
}

func fp(n int) job.Fingerprint { return job.Fingerprint(fmt.Sprintf("%03x%037x", n%7, n)) }

func (x *fixture) submitAs(o job.Owner, f job.Fingerprint) store.Submission {
	x.t.Helper()
	s, err := x.records.Submit(x.t.Context(), job.Request{
		Owner: o, Fingerprint: f, MaxAttempts: 3, Spec: job.Spec{Function: "fibonacci", Args: map[string]string{"n": "5"}, Method: "fast"},
	}, 100_000)
	x.must(err)
	return s
}

func (x *fixture) submit(f job.Fingerprint) store.Submission {
	x.t.Helper()
	return x.submitAs(job.LocalOwner, f)
}

func (x *fixture) enqueue(s store.Submission) {
	x.t.Helper()
	x.must(x.queue.Enqueue(x.t.Context(), s.Run))
}

const (
	pendingKey = "asynq:{small}:pending"
	activeKey  = "asynq:{small}:active"
	leaseKey   = "asynq:{small}:lease"
)

func taskID(r store.Run) string { return string(r.Fingerprint) + "-" + r.ID }

// deliver does what Asynq does when a worker takes the next task.
func (x *fixture) deliver(r store.Run) {
	x.t.Helper()
	ctx := x.t.Context()
	id, err := x.rdb.RPopLPush(ctx, pendingKey, activeKey).Result()
	x.must(err)
	if id != taskID(r) {
		x.t.Fatalf("the next task is %s, want %s", id, taskID(r))
	}
	x.must(x.rdb.HSet(ctx, "asynq:{small}:t:"+id, "state", "active").Err())
	x.must(x.rdb.ZAdd(ctx, leaseKey, redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id}).Err())
}

func (x *fixture) claim(r store.Run, worker string) store.Attempt {
	x.t.Helper()
	a, ok, err := x.records.Claim(x.t.Context(), r, worker, true)
	if err != nil || !ok {
		x.t.Fatalf("claim: got %v, %v, want the attempt", ok, err)
	}
	return a
}

// publish ends an attempt with a blob that lies in the result store.
func (x *fixture) publish(a store.Attempt) (path string) {
	x.t.Helper()
	key := result.Key(a.Run.Fingerprint, a.Run.ID, a.Number)
	path = x.write(key, 0)
	held, err := x.records.Complete(x.t.Context(), a, job.Result{Digits: 1, Blob: key}, "")
	if err != nil || !held {
		x.t.Fatalf("complete: got %v, %v, want it held", held, err)
	}
	return path
}

// write puts a file into the result store that was last written to some time ago.
func (x *fixture) write(key string, age time.Duration) (path string) {
	x.t.Helper()
	path = filepath.Join(x.dir, filepath.FromSlash(key))
	x.must(os.MkdirAll(filepath.Dir(path), 0o700))
	x.must(os.WriteFile(path, []byte("5"), 0o600))
	at := time.Now().Add(-age)
	x.must(os.Chtimes(path, at, at))
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (x *fixture) wantTasks(key string, want int64) {
	x.t.Helper()
	if got, err := x.rdb.LLen(x.t.Context(), key).Result(); err != nil || got != want {
		x.t.Errorf("%s: got %d tasks, %v, want %d", key, got, err, want)
	}
}

func (x *fixture) wantState(s store.Submission, want job.State) store.Record {
	x.t.Helper()
	r, err := x.records.Get(x.t.Context(), job.LocalOwner, s.ID)
	x.must(err)
	if r.State != want {
		x.t.Errorf("got state %s, want %s", r.State, want)
	}
	return r
}

func (x *fixture) wantGone(s store.Submission) {
	x.t.Helper()
	if r, err := x.records.Get(x.t.Context(), job.LocalOwner, s.ID); job.CodeOf(err) != job.NotFound {
		x.t.Errorf("the job is %s, %v, want it gone", r.State, err)
	}
}
