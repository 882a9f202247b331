package app_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/cputime"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
	"numbermill/worker/app"
)

// tally counts the lines of attempts that have succeeded, and closes done with the last.
type tally struct {
	left atomic.Int64
	done chan struct{}
}

// Write takes one line.
func (y *tally) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("attempt succeeded")) && y.left.Add(-1) == 0 {
		close(y.done)
	}
	return len(line), nil
}

// BenchmarkSmallJobs has a worker that logs and measures as in a program carry out small jobs that all wait already. Run it with a -benchtime such as
// 3000x; a profile of it has the submitting too, which pprof's -focus 'Handle' leaves out.
func BenchmarkSmallJobs(b *testing.B) {
	ctx := b.Context()
	rdb, err := store.Dial(redistest.Start(b))
	must(b, err)
	defer func() { _ = rdb.Close() }()
	lines := &tally{done: make(chan struct{})}
	lines.left.Store(int64(b.N))
	stop, err := telemetry.Start(ctx, telemetry.Config{
		Service: "numbermill-worker", Log: telemetry.Log{Writer: lines, Format: telemetry.FormatJSON}, Metrics: prometheus.NewRegistry(),
	})
	must(b, err)
	enqueue(ctx, b, rdb)
	w, err := app.New(ctx, app.Config{Redis: rdb, Results: b.TempDir(), Uncalibrated: true})
	must(b, err)
	used, asked := redisUse(ctx, b, rdb)
	cpu := cputime.Process()
	b.ResetTimer()
	must(b, w.Start(ctx))
	<-lines.done
	b.StopTimer()
	perJob := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N) }
	b.ReportMetric(perJob(cputime.Process()-cpu), "cpu-µs/job")
	usedNow, askedNow := redisUse(ctx, b, rdb)
	b.ReportMetric(perJob(usedNow-used), "redis-µs/job")
	b.ReportMetric(float64(askedNow-asked)/float64(b.N), "commands/job")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	leaving, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	must(b, w.Stop(leaving))
	must(b, stop(leaving))
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// enqueue queues F(1000), F(1001) and so on, and then their sums: a record can hold the digits of 8,000 of them each.
func enqueue(ctx context.Context, b *testing.B, rdb redis.UniversalClient) {
	b.Helper()
	records, tasks := store.New(rdb), queue.New(rdb)
	const each = 8000
	for i := range b.N {
		f, _ := function.Lookup([]string{"fibonacci", "fibonacci-sum"}[i/each%2])
		args, err := f.ParseText(map[string]string{"n": strconv.Itoa(1000 + i%each)})
		must(b, err)
		s, err := records.Submit(ctx, job.Request{
			Owner: job.LocalOwner, Spec: job.Spec{Function: f.Name, Args: args.Canonical(), Method: function.DefaultMethod},
			Fingerprint: job.Fingerprint(f.Fingerprint(args, function.DefaultMethod)), MaxAttempts: 3,
		}, b.N)
		must(b, err)
		must(b, tasks.Enqueue(ctx, s.Run))
	}
}

// redisUse is the processor time that Redis has used, and how many commands it has been given.
func redisUse(ctx context.Context, b *testing.B, rdb redis.UniversalClient) (cpu time.Duration, commands int64) {
	b.Helper()
	info, err := rdb.Info(ctx, "cpu", "stats").Result()
	must(b, err)
	number := func(name string) float64 {
		_, rest, _ := strings.Cut(info, "\n"+name+":")
		text, _, _ := strings.Cut(rest, "\r")
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			b.Fatal(fmt.Errorf("%s of %q: %w", name, info, err))
		}
		return x
	}
	seconds := number("used_cpu_sys_main_thread") + number("used_cpu_user_main_thread")
	return time.Duration(seconds * float64(time.Second)), int64(number("total_commands_processed"))
}
