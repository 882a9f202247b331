package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/api/internal/server"
	"numbermill/shared/function"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// benchmarkJobs is how many jobs the batches of the benchmarks have.
const benchmarkJobs = 10_000

// batchBench is a server without a worker, whose answers are only looked at as far as they have to be.
type batchBench struct {
	*testing.B

	handler     http.Handler
	redis       redis.UniversalClient
	first       int
	own, others float64 // CPU time in milliseconds
}

// cpu is how many milliseconds of CPU time this process and Redis have had so far.
func (b *batchBench) cpu() (own, redis float64) {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	info, err := b.redis.InfoMap(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"used_cpu_user", "used_cpu_sys"} {
		seconds, err := strconv.ParseFloat(info["CPU"][name], 64)
		if err != nil {
			b.Fatal(err)
		}
		redis += 1000 * seconds
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e6, redis
}

// measured does something while the clock runs, and notes what it takes.
func (b *batchBench) measured(do func()) {
	b.Helper()
	own, redis := b.cpu()
	b.StartTimer()
	do()
	b.StopTimer()
	ownAfter, redisAfter := b.cpu()
	b.own, b.others = b.own+ownAfter-own, b.others+redisAfter-redis
	b.ReportMetric(b.own/float64(b.N), "own-cpu-ms/op")
	b.ReportMetric(b.others/float64(b.N), "redis-cpu-ms/op")
}

func newBatchBench(b *testing.B) *batchBench {
	b.Helper()
	rdb, err := store.Dial(redistest.Start(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rdb.Close() })
	results, err := result.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = results.Close() })
	records, tasks, logger := store.New(rdb), queue.New(rdb), slog.New(slog.DiscardHandler)
	if err := tasks.SelfTest(b.Context(), logger); err != nil {
		b.Fatal(err)
	}
	return &batchBench{B: b, redis: rdb, first: 1000, handler: server.New(server.Options{
		Records: records, Watcher: store.NewWatcher(records, logger), Fleet: server.NewFleet(records, tasks, logger), Queue: tasks,
		Results: results, Redis: rdb, Limits: function.Limits{CostMillis: 60_000, Digits: 10_000_000, PeakBytes: 1 << 30},
		MaxActive: 10_000_000, MaxBody: 64 << 10, Retention: time.Hour, Logger: logger,
	}).Handler(true)}
}

// ask makes a request that has to have this status.
func (b *batchBench) ask(method, path, body string, status int) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if b.handler.ServeHTTP(w, r); w.Code != status {
		text, _ := io.ReadAll(w.Body)
		b.Fatalf("%s %s: got %d, want %d\n%s", method, path, w.Code, status, text)
	}
	return w
}

// body is a batch of computations that nobody has asked for before.
func (b *batchBench) body() string {
	var body strings.Builder
	body.WriteString(`{"jobs":[`)
	for i := range benchmarkJobs {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"function":"fibonacci","args":{"n":"%d"}}`, b.first+i)
	}
	b.first += benchmarkJobs
	body.WriteString(`]}`)
	return body.String()
}

// submit submits a batch and returns where it is.
func (b *batchBench) submit(body string) string {
	b.Helper()
	return b.ask(http.MethodPost, "/v1/batches", body, http.StatusAccepted).Header().Get("Location")
}

func BenchmarkBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	x.submit(x.body()) // Redis learns the scripts
	b.ResetTimer()
	for range b.N {
		body := x.body()
		x.measured(func() { x.submit(body) })
	}
}

func BenchmarkJoinBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	body := x.body()
	x.submit(body)
	b.ResetTimer()
	for range b.N {
		x.measured(func() { x.submit(body) })
	}
}

func BenchmarkReadBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	at := x.submit(x.body())
	b.ResetTimer()
	x.measured(func() {
		for range b.N {
			x.ask(http.MethodGet, at, "", http.StatusOK)
		}
	})
}

func BenchmarkCancelBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	for range b.N {
		at := x.submit(x.body())
		x.measured(func() { x.ask(http.MethodPost, at+"/cancel", "", http.StatusOK) })
	}
}
