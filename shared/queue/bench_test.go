package queue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

const (
	// places are those for small runs in benchmarks.
	places = 16
	// drained is how many tasks a server is to take off its queues, sent is how many senders put them there.
	drained, senders = 20_000, 8
)

// ways are how a server can be set up in a benchmark.
var ways = map[string][]queue.Option{"fast": nil, "plain": {queue.Plain()}}

// bench is a queue on an empty Redis of its own, served by a server for small runs.
func (x *fixture) bench(b *testing.B, handle queue.Handler) {
	b.Helper()
	s, err := queue.NewServer(x.rdb, queue.ServerOptions{Places: map[job.Class]int{job.Small: places}, Logger: quiet(), Client: x.queue}, handle)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Shutdown)
}

func benchSetUp(b *testing.B, options ...queue.Option) *fixture {
	b.Helper()
	url := redistest.Start(b)
	rdb, err := store.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rdb.Close() })
	q := queue.New(rdb, options...)
	if err := q.SelfTest(b.Context(), quiet()); err != nil {
		b.Fatal(err)
	}
	return &fixture{nil, url, rdb, q, asynq.NewInspectorFromRedisClient(rdb), len(options) == 0}
}

// BenchmarkIdle is how long a run takes from its enqueuing to its handler, on a server that has nothing else to do.
func BenchmarkIdle(b *testing.B) {
	for way, options := range ways {
		b.Run(way, func(b *testing.B) {
			x, begun := benchSetUp(b, options...), make(chan time.Time, 1)
			x.bench(b, func(context.Context, store.Run) (string, error) {
				begun <- time.Now()
				return "", nil
			})
			var took []time.Duration
			pause := time.NewTicker(5 * time.Millisecond)
			defer pause.Stop()
			n := 0
			for b.Loop() {
				n++
				<-pause.C
				since := time.Now()
				if err := x.queue.Enqueue(b.Context(), run(n)); err != nil {
					b.Fatal(err)
				}
				took = append(took, (<-begun).Sub(since))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkDrain is how many tasks a second are taken off full queues by handlers that do nothing: by plain Asynq with one queue, and by a
// server of nine queues in both ways.
func BenchmarkDrain(b *testing.B) {
	for way, options := range ways {
		b.Run(way, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				x := benchSetUp(b, options...)
				fill(b, func(i int) error { return x.queue.Enqueue(b.Context(), run(i)) })
				all, handle := countdown()
				b.StartTimer()
				x.bench(b, func(context.Context, store.Run) (string, error) {
					handle()
					return "", nil
				})
				<-all
			}
			b.ReportMetric(float64(drained*b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
	b.Run("asynq", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			x := benchSetUp(b, queue.Plain())
			client := asynq.NewClientFromRedisClient(x.rdb)
			fill(b, func(i int) error {
				_, err := client.Enqueue(asynq.NewTask("compute", fmt.Appendf(nil, "%0300d", i)), asynq.Queue(small))
				return err
			})
			all, handle := countdown()
			b.StartTimer()
			s := asynq.NewServerFromRedisClient(x.rdb, asynq.Config{
				Concurrency: places, Queues: map[string]int{small: 1}, LogLevel: asynq.FatalLevel, TaskCheckInterval: 20 * time.Millisecond,
			})
			b.Cleanup(s.Shutdown)
			if err := s.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
				handle()
				return nil
			})); err != nil {
				b.Fatal(err)
			}
			<-all
		}
		b.ReportMetric(float64(drained*b.N)/b.Elapsed().Seconds(), "tasks/s")
	})
}

// fill enqueues by several senders.
func fill(b *testing.B, enqueue func(i int) error) {
	b.Helper()
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := s; i < drained; i += senders {
				if err := enqueue(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// countdown returns a channel that is closed with the last of the tasks.
func countdown() (all <-chan struct{}, handle func()) {
	done := make(chan struct{})
	var left atomic.Int64
	left.Store(drained)
	return done, func() {
		if left.Add(-1) == 0 {
			close(done)
		}
	}
}
