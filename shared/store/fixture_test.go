package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// silent keeps what the client library has to say of a Redis that is away out of the tests' output.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(silent{})
	// The client library's look for a Redis that is away ends up to a second after its pool has been closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// fixture is a store on an empty Redis of its own.
type fixture struct {
	t   *testing.T
	rdb redis.UniversalClient
	s   *store.Store
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	return on(t, redistest.Start(t))
}

// bothWays runs a test with one call for what one Redis allows to do at once, and with a call for each slot.
func bothWays(t *testing.T, test func(x *fixture)) {
	t.Helper()
	for _, way := range []string{"together", "apart"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			x := setUp(t)
			if way == "apart" {
				x.s = x.s.Apart()
			}
			test(x)
		})
	}
}

// on is a store on a given Redis.
func on(t *testing.T, url string) *fixture {
	t.Helper()
	rdb, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rdb.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{t, rdb, store.New(rdb)}
}

func (x *fixture) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// fp is the n-th of many fingerprints, which share a few shards.
func fp(n int) job.Fingerprint { return job.Fingerprint(fmt.Sprintf("%03x%037x", n%7, n)) }

const manyOpen = 100_000

func request(f job.Fingerprint) job.Request {
	return job.Request{
		Owner: job.LocalOwner, Fingerprint: f, MaxAttempts: 3, EstimatedCost: 12, TraceID: "0af7651916cd43dd8448eb211c80319c",
		Spec:  job.Spec{Function: "fibonacci", Args: map[string]string{"n": "100"}, Method: "fast"},
		Trace: map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	}
}

func (x *fixture) submit(f job.Fingerprint) store.Submission {
	x.t.Helper()
	return x.submitAs(request(f))
}

func (x *fixture) submitAs(r job.Request) store.Submission {
	x.t.Helper()
	s, err := x.s.Submit(x.t.Context(), r, manyOpen)
	if err != nil {
		x.t.Fatalf("submit: %v", err)
	}
	return s
}

func (x *fixture) get(s store.Submission) store.Record {
	x.t.Helper()
	r, err := x.s.Get(x.t.Context(), job.LocalOwner, s.ID)
	if err != nil {
		x.t.Fatalf("get %s: %v", s.ID, err)
	}
	return r
}

func (x *fixture) claim(r store.Run) store.Attempt {
	x.t.Helper()
	a, ok, err := x.s.Claim(x.t.Context(), r, "worker", true)
	if err != nil || !ok {
		x.t.Fatalf("claim: got %v, %v, want the attempt", ok, err)
	}
	return a
}

var someResult = job.Result{
	Digits: 3, Leading: "144", Trailing: "144", SHA256: "5ec1a0c99d428601ce42b407ae9c675e0836a8ba591c8ca6e2a2cf5563d97ff0",
	Verification: job.Verification{Method: "residue", Moduli: []uint64{7}, Residues: []uint64{4}},
}

func (x *fixture) complete(a store.Attempt) {
	x.t.Helper()
	if held, err := x.s.Complete(x.t.Context(), a, someResult, "144"); err != nil || !held {
		x.t.Fatalf("complete: got %v, %v, want it held", held, err)
	}
}

// compute carries a run out.
func (x *fixture) compute(r store.Run) {
	x.t.Helper()
	x.complete(x.claim(r))
}

func (x *fixture) cancel(s store.Submission) *store.Run {
	x.t.Helper()
	abandoned, err := x.s.Cancel(x.t.Context(), job.LocalOwner, s.ID)
	if err != nil {
		x.t.Fatalf("cancel: %v", err)
	}
	return abandoned
}

func (x *fixture) remove(s store.Submission) *store.Collected {
	x.t.Helper()
	collected, err := x.s.Delete(x.t.Context(), job.LocalOwner, s.ID)
	if err != nil {
		x.t.Fatalf("delete: %v", err)
	}
	return collected
}

// open is how many jobs stand in the owner's index of open ones.
func (x *fixture) open() int {
	x.t.Helper()
	ids, err := x.s.Due(x.t.Context(), job.LocalOwner, time.Now().Add(time.Hour), manyOpen)
	if err != nil {
		x.t.Fatal(err)
	}
	return len(ids)
}

func (x *fixture) wantState(s store.Submission, want job.State) store.Record {
	x.t.Helper()
	r := x.get(s)
	if r.State != want {
		x.t.Errorf("job %s: got state %s, want %s", s.ID, r.State, want)
	}
	return r
}

func wantCode(t *testing.T, doing string, err error, want job.Code) {
	t.Helper()
	if got := job.CodeOf(err); err == nil || got != want {
		t.Errorf("%s: got %v with code %q, want code %q", doing, err, got, want)
	}
}

// trips counts the round trips of a client.
type trips struct{ n atomic.Int64 }

func (c *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}
