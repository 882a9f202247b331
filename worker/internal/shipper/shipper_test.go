package shipper

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"numbermill/shared/elastictest"
	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

func TestMain(m *testing.M) { workertest.Main(m) }

// notes are a history that keeps what it is told in memory, and fails as a test wants it to.
type notes struct {
	mu       sync.Mutex
	jobs     map[job.ID]job.Job
	erased   []job.ID
	writes   int
	visible  int
	checkErr error
	refuse   map[job.ID]string
	fail     int // so many writes fail, after half of each was taken
}

func newNotes() *notes { return &notes{jobs: map[job.ID]job.Job{}, refuse: map[job.ID]string{}} }

var errAway = job.Errorf(job.Unavailable, "away")

func (n *notes) Check(context.Context) error { return n.checkErr }

func (n *notes) Write(_ context.Context, jobs []job.Job, visible bool) (history.Written, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.writes++
	if visible {
		n.visible++
	}
	w := history.Written{Refused: map[job.ID]string{}}
	var err error
	if n.fail > 0 {
		n.fail--
		jobs, err = jobs[:len(jobs)/2], errAway
	}
	for _, j := range jobs {
		if reason, no := n.refuse[j.ID]; no {
			w.Refused[j.ID] = reason
			continue
		}
		n.jobs[j.ID] = j
		w.Done = append(w.Done, j.ID)
	}
	return w, err
}

func (n *notes) Erase(_ context.Context, ids []job.ID) ([]job.ID, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.erased = append(n.erased, ids...)
	return ids, nil
}

// fixture is a shipper on an empty Redis of its own.
type fixture struct {
	*Shipper
	*workertest.Bench
	records *store.Store
	notes   *notes
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	b, n := workertest.New(t), newNotes()
	return &fixture{New(Config{Records: b.Records, History: n, Worker: "me", Retention: time.Hour, Logger: workertest.Quiet()}), b, b.Records, n}
}

func fp(n int) job.Fingerprint { return job.Fingerprint(fmt.Sprintf("%03x%037x", n%7, n)) }

// ended makes jobs that have ended: all wait for one computation.
func (x *fixture) ended(n int) []job.ID {
	x.T.Helper()
	r := job.Request{
		Owner: job.LocalOwner, Fingerprint: fp(1), MaxAttempts: 3, Queue: "small", TraceID: "0af7651916cd43dd8448eb211c80319c",
		Spec: job.Spec{Function: "fibonacci", Args: map[string]string{"n": "12"}, Method: "fast"},
	}
	var ids []job.ID
	for range n {
		s, err := x.records.Submit(x.T.Context(), r, 1_000_000)
		x.Must(err)
		ids = append(ids, s.ID)
		if s.Cache == job.Miss {
			a, ok, err := x.records.Claim(x.T.Context(), s.Run, "worker", true)
			x.Must(err)
			if !ok {
				x.T.Fatal("the run cannot be claimed")
			}
			_, err = x.records.Complete(x.T.Context(), a, job.Result{Digits: 3, SHA256: "ab"}, "144")
			x.Must(err)
		}
	}
	return ids
}

func (x *fixture) waiting() int64 {
	x.T.Helper()
	n, err := x.records.Waiting(x.T.Context(), job.LocalOwner)
	x.Must(err)
	return n
}

func TestAllIsShippedOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	ids := x.ended(2*bulkSize + 7)
	_, err := x.records.Delete(t.Context(), job.LocalOwner, ids[3])
	x.Must(err)
	x.Must(x.pass(t.Context()))
	if len(x.notes.jobs) != len(ids)-1 || x.waiting() != 0 {
		t.Fatalf("%d jobs are in the history and %d wait, want all but one, and none", len(x.notes.jobs), x.waiting())
	}
	if diff := cmp.Diff([]job.ID{ids[3]}, x.notes.erased); diff != "" {
		t.Errorf("erased (-want +got):\n%s", diff)
	}
	got := x.notes.jobs[ids[5]]
	if got.State != job.Succeeded || got.Queue != "small" || got.Result == nil || got.Result.Digits != 3 || got.Cache != job.Hit || got.FinishedAt.IsZero() {
		t.Errorf("a job as it was shipped: %+v", got)
	}
	if x.notes.visible != 0 {
		t.Error("new jobs are made visible at once, which costs")
	}
	writes := x.notes.writes
	x.Must(x.pass(t.Context()))
	if x.notes.writes != writes {
		t.Error("with nothing to do something is written")
	}
}

func TestWhatIsLateIsVisibleAtOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.Retention = time.Nanosecond // it is over
	x.ended(3)
	x.Must(x.pass(t.Context()))
	if x.notes.visible != 1 {
		t.Error("jobs that Redis is about to forget are not visible when they are shipped")
	}
}

func TestOnlyWhatWasAcknowledgedIsTakenOffTheList(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.ended(100)
	x.notes.fail = 2
	for _, want := range []int64{50, 25} {
		if err := x.pass(t.Context()); !errors.Is(err, errAway) {
			t.Fatalf("got %v, want the error of the history", err)
		}
		if got := x.waiting(); got != want {
			t.Errorf("%d wait, want %d", got, want)
		}
	}
	x.Must(x.pass(t.Context()))
	if len(x.notes.jobs) != 100 || x.waiting() != 0 {
		t.Errorf("%d are in the history and %d wait, want 100 and none", len(x.notes.jobs), x.waiting())
	}
}

func TestNothingIsWrittenBeforeTheIndexIsInPlace(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.ended(3)
	x.notes.checkErr = history.ErrNotReady
	if err := x.pass(t.Context()); !errors.Is(err, history.ErrNotReady) || x.notes.writes != 0 || x.waiting() != 3 {
		t.Errorf("got %v after %d writes, want it to wait", err, x.notes.writes)
	}
	x.notes.checkErr = nil
	x.Must(x.pass(t.Context()))
	if len(x.notes.jobs) != 3 {
		t.Errorf("%d are in the history, want 3", len(x.notes.jobs))
	}
}

func TestPoisonIsSetAside(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	ids := x.ended(20)
	x.notes.refuse[ids[4]] = "mapper_parsing_exception"
	// One record that cannot be read, one that is gone, one that has not ended.
	key := func(id job.ID) string { return "nm:{s:" + string(id.Shard()) + "}:job:" + string(id) }
	x.Must(x.Redis.HSet(t.Context(), key(ids[5]), "doc", "{").Err())
	x.Must(x.Redis.Del(t.Context(), key(ids[6])).Err())
	x.Must(x.Redis.HSet(t.Context(), key(ids[7]), "state", "scheduled").Err())
	x.Must(x.pass(t.Context()))
	if len(x.notes.jobs) != 16 {
		t.Errorf("%d are in the history, want 16", len(x.notes.jobs))
	}
	aside, err := x.Redis.ZRange(t.Context(), "nm:{o:local}:refused", 0, -1).Result()
	slices.Sort(aside)
	if diff := cmp.Diff([]string{string(ids[4]), string(ids[5])}, aside); diff != "" || err != nil {
		t.Errorf("set aside: %v (-want +got):\n%s", err, diff)
	}
	if x.waiting() != 1 {
		t.Errorf("%d wait, want the one that has not ended", x.waiting())
	}
}

func TestOneWorkerShips(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.ended(1)
	held, err := x.records.Lease(t.Context(), leaseName, "another", leaseTime)
	if err != nil || !held {
		t.Fatalf("lease: %v, %v", held, err)
	}
	x.Must(x.pass(t.Context()))
	if x.notes.writes != 0 {
		t.Error("two workers ship at a time")
	}
}

// TestPausesGrow lets minutes pass.
func TestPausesGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rdb, err := store.Dial("redis://127.0.0.1:1")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rdb.Close() }()
		counted := &counter{}
		rdb.AddHook(counted)
		s := New(Config{Records: store.New(rdb), History: newNotes(), Worker: "me", Retention: time.Hour, Logger: workertest.Quiet()})
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		s.Run(ctx)
		if counted.n < 15 || counted.n > 60 {
			t.Errorf("in ten minutes without Redis it tries %d times", counted.n)
		}
	})
}

// counter counts calls, and fails them before they get anywhere.
type counter struct{ n int }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counter) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(_ context.Context, cmd redis.Cmder) error {
		c.n++
		cmd.SetErr(errAway)
		return errAway
	}
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestACrashLosesNothingAndDoublesNothing goes the whole way, with a crash in the middle of it.
func TestACrashLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	node := elastictest.Start(t)
	node.Apply(os.DirFS("../../../infra/elasticsearch"))
	index := history.DefaultIndex + "-" + elastictest.Name()
	node.Call(http.MethodPut, "/"+index, nil)
	t.Cleanup(func() { node.Ask(http.MethodDelete, "/"+index, nil) })
	h, err := history.Open(history.Config{URL: node.URL(), Index: index})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	x := setUp(t)
	x.History = h
	ids := x.ended(bulkSize + 50)

	// Redis goes away right after Elasticsearch has taken a bulk.
	client, ok := x.Redis.(*redis.Client)
	if !ok {
		t.Fatalf("the connection is a %T", x.Redis)
	}
	doomed := redis.NewClient(client.Options())
	t.Cleanup(func() { _ = doomed.Close() })
	doomed.AddHook(refusing{"zrem"})
	crashing := New(Config{Records: store.New(doomed), History: h, Worker: "me", Retention: time.Hour, Logger: workertest.Quiet()})
	if err := crashing.pass(t.Context()); !errors.Is(err, errCut) {
		t.Fatalf("got %v, want it cut off", err)
	}
	if x.waiting() != int64(len(ids)) {
		t.Errorf("%d wait after the crash, want all", x.waiting())
	}
	x.Must(x.pass(t.Context()))
	_, err = x.records.Delete(t.Context(), job.LocalOwner, ids[0])
	x.Must(err)
	x.Must(x.pass(t.Context()))
	node.Refresh(index)
	if got := node.Count(index, ""); got != len(ids)-1 || x.waiting() != 0 {
		t.Errorf("%d jobs are in the history and %d wait, want %d and none", got, x.waiting(), len(ids)-1)
	}
	if got := node.Count(index, "state:succeeded AND trace.id:0af7651916cd43dd8448eb211c80319c AND digits:3"); got != len(ids)-1 {
		t.Errorf("%d of them are as they should be, want %d", got, len(ids)-1)
	}
}

var errCut = errors.New("the process has crashed")

// refusing fails every call of a command.
type refusing struct{ command string }

func (r refusing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r refusing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.EqualFold(cmd.Name(), r.command) {
			cmd.SetErr(errCut)
			return errCut
		}
		return next(ctx, cmd)
	}
}

func (r refusing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestWhatWaitsIsMeasured(t *testing.T) { //nolint:paralleltest // it takes the place of the process's meters
	reader := metric.NewManualReader()
	before := otel.GetMeterProvider()
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	x := setUp(t)
	ids := x.ended(5)
	x.notes.refuse[ids[0]] = "no"
	x.notes.checkErr = history.ErrNotReady
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); x.Run(ctx) }()
	measured := func() map[string]int64 {
		t.Helper()
		var all metricdata.ResourceMetrics
		x.Must(reader.Collect(t.Context(), &all))
		values := map[string]int64{}
		for _, scope := range all.ScopeMetrics {
			for _, m := range scope.Metrics {
				switch data := m.Data.(type) {
				case metricdata.Sum[int64]:
					values[m.Name] = data.DataPoints[0].Value
				case metricdata.Gauge[int64]:
					values[m.Name] = data.DataPoints[0].Value
				}
			}
		}
		return values
	}
	for deadline := time.Now().Add(workertest.Patience); measured()["numbermill.history.waiting"] != 5; {
		if time.Now().After(deadline) {
			t.Fatalf("measured is %v, want 5 that wait", measured())
		}
	}
	stop()
	<-done
	x.notes.checkErr = nil
	x.Must(x.pass(t.Context()))
	got := measured()
	if got["numbermill.history.shipped"] != 4 || got["numbermill.history.refused"] != 1 {
		t.Errorf("measured is %v, want 4 shipped and 1 refused", got)
	}
}
