// Package workertest is what the worker's tests have in common: everything around a worker, as the API would use it.
package workertest

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

	"numbermill/shared/elastictest"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// Patience is how long anything may take before a test gives up.
const Patience = 30 * time.Second

// silent keeps what the client library has to say of a Redis that is away out of the tests' output.
type silent struct{}

// Printf says nothing.
func (silent) Printf(context.Context, string, ...any) {}

// Main runs the tests of a package, and fails if one of them leaves a goroutine behind.
func Main(m *testing.M) {
	redis.SetLogger(silent{})
	// The client library's look for a Redis that is away ends up to a second after its pool has been closed.
	goleak.VerifyTestMain(elastictest.Ending{M: m}, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// Quiet is a logger that nobody hears.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Bench is a Redis with records and a queue, and a result store. Its methods fail its test.
type Bench struct {
	T       *testing.T
	Redis   redis.UniversalClient
	Records *store.Store
	Queue   *queue.Client
	Results *result.Store
	Dir     string // of the result store
}

// New returns a Bench with an empty Redis of its own.
func New(t *testing.T) *Bench {
	t.Helper()
	return On(t, redistest.Start(t))
}

// On returns a Bench on the Redis of that URL.
func On(t *testing.T, url string) *Bench {
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
	q := queue.New(rdb, queue.Repairs())
	if err := q.SelfTest(t.Context(), Quiet()); err != nil {
		t.Fatal(err)
	}
	return &Bench{T: t, Redis: rdb, Records: store.New(rdb), Queue: q, Results: results, Dir: dir}
}

// Must fails the test if there is an error.
func (b *Bench) Must(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// Submit records a job, but does not queue it. args are such as "m=3 n=10".
func (b *Bench) Submit(name, args, method string) store.Submission {
	b.T.Helper()
	f, ok := function.Lookup(name)
	if !ok {
		b.T.Fatalf("no function %s", name)
	}
	given := map[string]string{}
	for pair := range strings.FieldsSeq(args) {
		name, value, _ := strings.Cut(pair, "=")
		given[name] = value
	}
	a, err := f.ParseText(given)
	b.Must(err)
	return b.SubmitSpec(job.Spec{Function: name, Args: a.Canonical(), Method: method}, job.Fingerprint(f.Fingerprint(a, method)))
}

// SubmitSpec is Submit for what the catalogue may not know.
func (b *Bench) SubmitSpec(s job.Spec, f job.Fingerprint) store.Submission {
	b.T.Helper()
	sub, err := b.Records.Submit(b.T.Context(), job.Request{Owner: job.LocalOwner, Spec: s, Fingerprint: f, MaxAttempts: 3}, 1000)
	b.Must(err)
	return sub
}

// Some submits a computation that is done in no time, and has too many digits for a record.
func (b *Bench) Some() store.Submission {
	b.T.Helper()
	return b.Submit("fibonacci", "n=50000", function.DefaultMethod)
}

// Endless submits a computation that takes half an hour on a fast machine, and hardly any memory.
func (b *Bench) Endless() store.Submission {
	b.T.Helper()
	return b.Submit("fibonacci", "n=57", "recursive")
}

// Get reads the job as it stands.
func (b *Bench) Get(s store.Submission) store.Record {
	b.T.Helper()
	r, err := b.Records.Get(b.T.Context(), job.LocalOwner, s.ID)
	b.Must(err)
	return r
}

// WantState checks where the job stands, and returns it.
func (b *Bench) WantState(s store.Submission, want job.State) store.Record {
	b.T.Helper()
	r := b.Get(s)
	if r.State != want {
		b.T.Errorf("got state %s (%+v), want %s", r.State, r.Failure, want)
	}
	return r
}

// Claim begins an attempt in the worker's name.
func (b *Bench) Claim(r store.Run, worker string) store.Attempt {
	b.T.Helper()
	a, ok, err := b.Records.Claim(b.T.Context(), r, worker, true)
	if err != nil || !ok {
		b.T.Fatalf("claim: got %v, %v, want the attempt", ok, err)
	}
	return a
}

// Files are what lies in the result store, unfinished files included.
func (b *Bench) Files() (names []string) {
	b.T.Helper()
	b.Must(filepath.WalkDir(b.Dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, b.Dir))
		}
		return err
	}))
	return names
}

// WantFiles checks how many files there are in the result store.
func (b *Bench) WantFiles(want int) {
	b.T.Helper()
	if got := b.Files(); len(got) != want {
		b.T.Errorf("the result store holds %v, want %d files", got, want)
	}
}

// Eventually asks again and again, for what gives no signal.
func (b *Bench) Eventually(what string, ok func() bool) {
	b.T.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(Patience); !ok(); {
		select {
		case <-tick.C:
		case <-limit:
			b.T.Fatalf("it does not come about that %s", what)
		}
	}
}

// Receive waits for a value that should come soon.
func Receive[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(Patience):
		t.Fatalf("%s does not come", what)
		panic("unreachable")
	}
}
