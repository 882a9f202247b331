package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"numbermill/api/internal/server"
	"numbermill/shared/cputime"
	"numbermill/shared/function"
	"numbermill/shared/heap"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

// benchConnections is how many connections send requests at the same time.
const benchConnections = 16

// bench is a server that logs and measures as a program's does, on a Redis of its own, behind a real listener.
type bench struct {
	address string
	records *store.Store
	runs    chan store.Run
}

func startBench(b *testing.B) bench {
	b.Helper()
	b.Cleanup(heap.Steady())
	devNull, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	stop, err := telemetry.Start(b.Context(), telemetry.Config{
		Service: "bench", Log: telemetry.Log{Writer: devNull, Format: telemetry.FormatJSON}, Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := stop(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
		_ = devNull.Close()
	})
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
	records, tasks, logger := store.New(rdb), queue.New(rdb), slog.Default()
	if err := tasks.SelfTest(b.Context(), logger); err != nil {
		b.Fatal(err)
	}
	x := bench{records: records, runs: make(chan store.Run, 10)}
	s := server.New(server.Options{
		Records: records, Watcher: store.NewWatcher(records, logger), Fleet: server.NewFleet(records, tasks, logger),
		Queue: recordingQueue{tasks, x.runs}, Results: results, Redis: rdb, MaxActive: 1 << 30, MaxBody: 64 << 10,
		Limits: function.Limits{CostMillis: 60_000, Digits: 10_000_000, PeakBytes: 1 << 30}, Retention: 7 * 24 * time.Hour, Logger: logger,
	})
	h := httptest.NewServer(s.Handler(true))
	b.Cleanup(h.Close)
	x.address = h.Listener.Addr().String()
	return x
}

// stored submits fibonacci(1000), and ends it as a worker would.
func (x bench) stored(b *testing.B) job.ID {
	b.Helper()
	res, err := http.Post("http://"+x.address+"/v1/jobs", "application/json", strings.NewReader(benchBody(1000)))
	if err != nil {
		b.Fatal(err)
	}
	_ = res.Body.Close()
	a, ok, err := x.records.Claim(b.Context(), <-x.runs, "worker-1", false)
	if err != nil || !ok {
		b.Fatalf("claim: %v, %v", ok, err)
	}
	digits := strings.Repeat("123456789", 23)
	if held, err := x.records.Complete(b.Context(), a, resultOf(digits), digits); err != nil || !held {
		b.Fatalf("complete: %v, %v", held, err)
	}
	return job.ID(strings.TrimPrefix(res.Header.Get("Location"), "/v1/jobs/"))
}

func benchBody(n int) string { return fmt.Sprintf(`{"function":"fibonacci","args":{"n":"%d"}}`, n) }

// drive sends b.N requests over several connections, and reports the processor time of this process for each: the client's is some microseconds.
func (x bench) drive(b *testing.B, want int, request func(n int) string) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	used := cputime.Process()
	for range benchConnections {
		all.Go(func() {
			c, err := net.Dial("tcp", x.address)
			if err != nil {
				b.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			from := bufio.NewReaderSize(c, 16<<10)
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := exchange(c, from, want, request(int(n))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64((cputime.Process()-used).Microseconds())/float64(b.N), "cpu-µs/op")
}

// exchange sends a request and reads its answer, with as little work as will do.
func exchange(to io.Writer, from *bufio.Reader, want int, request string) error {
	if _, err := io.WriteString(to, request); err != nil {
		return err
	}
	status, length := 0, 0
	for first := true; ; first = false {
		line, err := from.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case first:
			_, err = fmt.Sscanf(string(line[9:12]), "%d", &status)
		case strings.HasPrefix(string(line[:min(len(line), 16)]), "Content-Length: "):
			_, err = fmt.Sscanf(string(line[16:]), "%d", &length)
		}
		if err != nil {
			return err
		}
		if len(line) <= len("\r\n") {
			break
		}
	}
	if _, err := from.Discard(length); err != nil || status != want {
		return fmt.Errorf("got %d, want %d: %w", status, want, err)
	}
	return nil
}

func benchGet(path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n"
}

func benchPost(body, headers string) string {
	return fmt.Sprintf("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Type: application/json\r\n"+
		"User-Agent: bench\r\n%sContent-Length: %d\r\n\r\n%s", headers, len(body), body)
}

// What a request costs the API, where Redis answers at once: see cpu-µs/op.

func BenchmarkHealth(b *testing.B) {
	x, request := startBench(b), benchGet("/healthz")
	x.drive(b, http.StatusOK, func(int) string { return request })
}

func BenchmarkGetStored(b *testing.B) {
	x := startBench(b)
	request := benchGet("/v1/jobs/" + string(x.stored(b)))
	x.drive(b, http.StatusOK, func(int) string { return request })
}

func BenchmarkPostStored(b *testing.B) {
	x := startBench(b)
	x.stored(b)
	request := benchPost(benchBody(1000), "Prefer: wait=10\r\n")
	x.drive(b, http.StatusOK, func(int) string { return request })
}

func BenchmarkPostFresh(b *testing.B) {
	x := startBench(b)
	go func() {
		for range x.runs {
		}
	}()
	defer close(x.runs)
	x.drive(b, http.StatusAccepted, func(n int) string { return benchPost(benchBody(n), "") })
}
