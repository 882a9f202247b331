package runner

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// patience is how long anything may take before a test gives up.
const patience = 30 * time.Second

// silent keeps what the client library has to say of a Redis that is away out of the tests' output.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(silent{})
	// The client library's look for a Redis that is away ends up to a second after its pool has been closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// fixture is a runner on an empty Redis of its own, called as the queue would call it.
type fixture struct {
	t       *testing.T
	rdb     redis.UniversalClient
	records *store.Store
	results *result.Store
	dir     string
	runner  *Runner
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	return on(t, redistest.Start(t))
}

func on(t *testing.T, url string) *fixture {
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
	t.Cleanup(func() {
		_ = results.Close()
		_ = rdb.Close()
	})
	records := store.New(rdb)
	return &fixture{t, rdb, records, results, dir, New(records, results, "worker", slog.New(slog.DiscardHandler))}
}

func (x *fixture) submit(name string, args map[string]string) store.Submission {
	x.t.Helper()
	f, ok := function.Lookup(name)
	if !ok {
		x.t.Fatalf("no function %s", name)
	}
	a, err := f.ParseText(args)
	if err != nil {
		x.t.Fatal(err)
	}
	return x.submitSpec(job.Spec{Function: name, Args: a.Canonical(), Method: function.DefaultMethod}, job.Fingerprint(f.Fingerprint(a, "")))
}

func (x *fixture) submitSpec(s job.Spec, f job.Fingerprint) store.Submission {
	x.t.Helper()
	sub, err := x.records.Submit(x.t.Context(), job.Request{Owner: job.LocalOwner, Spec: s, Fingerprint: f, MaxAttempts: 3}, 1000)
	if err != nil {
		x.t.Fatal(err)
	}
	return sub
}

// some is a computation with a blob, done in no time.
func (x *fixture) some() store.Submission {
	x.t.Helper()
	return x.submit("fibonacci", map[string]string{"n": "50000"})
}

// endless is a computation that no test waits for.
func (x *fixture) endless() store.Submission {
	x.t.Helper()
	return x.submit("factorial", map[string]string{"n": "20000000"})
}

func (x *fixture) get(s store.Submission) store.Record {
	x.t.Helper()
	r, err := x.records.Get(x.t.Context(), job.LocalOwner, s.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	return r
}

func (x *fixture) wantState(s store.Submission, want job.State) store.Record {
	x.t.Helper()
	r := x.get(s)
	if r.State != want {
		x.t.Errorf("got state %s (%+v), want %s", r.State, r.Failure, want)
	}
	return r
}

// outcome is what Handle returned.
type outcome struct {
	summary string
	err     error
}

// handle begins a delivery and waits until its attempt is under way. cancel is what Asynq does when it has lost the task.
func (x *fixture) handle(s store.Submission) (ended <-chan outcome, cancel context.CancelFunc) {
	x.t.Helper()
	before := x.get(s).Attempt
	ctx, cancel := context.WithCancel(x.t.Context())
	ch := make(chan outcome, 1)
	go func() {
		summary, err := x.runner.Handle(ctx, s.Run)
		ch <- outcome{summary, err}
	}()
	x.eventually("an attempt begins", func() bool { r := x.get(s); return r.State == job.Running && r.Attempt > before })
	return ch, cancel
}

// eventually asks again and again, for what gives no signal.
func (x *fixture) eventually(what string, ok func() bool) {
	x.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(patience); !ok(); {
		select {
		case <-tick.C:
		case <-limit:
			x.t.Fatalf("it does not come about that %s", what)
		}
	}
}

func receive[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("%s does not come", what)
		panic("unreachable")
	}
}

// files are what lies in the result store, unfinished files included.
func (x *fixture) files() (names []string) {
	x.t.Helper()
	err := filepath.WalkDir(x.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, x.dir))
		}
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return names
}

func (x *fixture) wantFiles(want int) {
	x.t.Helper()
	if got := x.files(); len(got) != want {
		x.t.Errorf("the result store holds %v, want %d files", got, want)
	}
}

// beforePublish calls one function after the other, each when a result is about to be published.
type beforePublish struct{ do []func() }

func (*beforePublish) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*beforePublish) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h *beforePublish) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		for _, arg := range cmd.Args() {
			if text, ok := arg.([]byte); ok && strings.Contains(string(text), `"sha256"`) && len(h.do) > 0 {
				do := h.do[0]
				h.do = h.do[1:]
				do()
			}
		}
		return next(ctx, cmd)
	}
}
