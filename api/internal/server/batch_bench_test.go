package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

	handler http.Handler
	first   int
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
	return &batchBench{B: b, first: 1000, handler: server.New(server.Options{
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

// batch submits a batch of computations that nobody has asked for before, and returns where it is.
func (b *batchBench) batch() string {
	b.Helper()
	var body strings.Builder
	body.WriteString(`{"jobs":[`)
	for i := range benchmarkJobs {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"function":"fibonacci","args":{"n":"%d"}}`, b.first+i)
	}
	body.WriteString(`]}`)
	b.first += benchmarkJobs
	b.StartTimer()
	defer b.StopTimer()
	return b.ask(http.MethodPost, "/v1/batches", body.String(), http.StatusAccepted).Header().Get("Location")
}

func BenchmarkBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	for range b.N {
		x.batch()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/batch")
}

func BenchmarkReadBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	at := x.batch()
	b.ResetTimer()
	b.StartTimer()
	for range b.N {
		x.ask(http.MethodGet, at, "", http.StatusOK)
	}
}

func BenchmarkCancelBatch(b *testing.B) {
	x := newBatchBench(b)
	b.StopTimer()
	for range b.N {
		at := x.batch()
		b.StartTimer()
		x.ask(http.MethodPost, at+"/cancel", "", http.StatusOK)
		b.StopTimer()
	}
}
