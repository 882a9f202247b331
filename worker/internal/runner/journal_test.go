package runner

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

// lines are what the job's own log says.
func (x *fixture) lines(s store.Submission) []job.LogLine {
	x.T.Helper()
	lines, _, err := x.Records.Logs(x.T.Context(), x.Get(s), 0)
	x.Must(err)
	return lines
}

func messages(lines []job.LogLine) (all []string) {
	for _, l := range lines {
		all = append(all, l.Message)
	}
	return all
}

func TestAJobHasALogOfItsOwn(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var appends atomic.Int64
	x.Redis.AddHook(&countAppends{&appends})
	for class, threads := range map[job.Class]string{job.Small: "1", job.Large: "2", job.Huge: "2"} {
		s := x.small(map[job.Class]string{job.Small: "1000", job.Large: "1001", job.Huge: "1002"}[class])
		s.Run.Queue = queue.Name(class, job.Low)
		appends.Store(0)
		if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
			t.Fatal(err)
		}
		lines := x.lines(s)
		want := []string{
			"attempt started", "computing", "writing the result",
			"verified: the digits and an independent computation agree modulo two primes", "attempt succeeded",
		}
		if diff := cmp.Diff(want, messages(lines)); diff != "" {
			t.Fatalf("%s: the log differs (-want +got):\n%s", class, diff)
		}
		for _, l := range lines {
			if l.Attempt != 1 || l.Worker != "worker" || l.Level != "info" || l.Time.IsZero() {
				t.Errorf("got the line %+v, want one of the worker's first attempt", l)
			}
		}
		if got := lines[1].Attributes["threads"]; got != threads {
			t.Errorf("%s: computed on %s threads, want %s", class, got, threads)
		}
		if got, want := lines[4].Attributes["digits"], strconv.FormatInt(x.Get(s).Result.Digits, 10); got != want {
			t.Errorf("%s: %s digits, want %s", class, got, want)
		}
		if got := appends.Load(); got > 1 {
			t.Errorf("%s: %d calls to append, want one at the end", class, got)
		}
	}
}

// countAppends counts the calls that append to logs.
type countAppends struct{ calls *atomic.Int64 }

func (*countAppends) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*countAppends) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *countAppends) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		for _, arg := range cmd.Args() {
			if b, ok := arg.([]byte); ok && bytes.Contains(b, []byte(`"message":"attempt started"`)) && err == nil {
				c.calls.Add(1)
			}
		}
		return err
	}
}

// Operators read what an error says, with the paths in it. Whoever has submitted the job does not.
func TestALogTellsPeopleNoDetailsOfErrors(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.small("100")
	a := x.Claim(s.Run, "worker")
	var said safeBuffer
	j := newJournal(t.Context(), x.Records, a, "worker", slog.New(slog.NewJSONHandler(&said, nil)))
	log, tell := j.loggers()
	log.With(slog.String("function", "fibonacci"), slog.String("password", "hidden")).
		ErrorContext(t.Context(), "attempt failed", slog.Any("error", errors.New("open /data/x")), slog.String("code", "result-not-written"))
	tell.InfoContext(t.Context(), "computing", slog.Int("threads", 2))
	log.DebugContext(t.Context(), "a detail")
	log.WithGroup("group").InfoContext(t.Context(), "for operators")
	j.close()
	log.InfoContext(t.Context(), "after its end")
	got := x.lines(s)
	for i := range got {
		got[i].Time = got[i].Time.Truncate(0)
	}
	want := []job.LogLine{
		{Level: "error", Message: "attempt failed", Attempt: 1, Worker: "worker", Attributes: map[string]string{"function": "fibonacci", "code": "result-not-written"}},
		{Level: "info", Message: "computing", Attempt: 1, Worker: "worker", Attributes: map[string]string{"threads": "2"}},
	}
	if diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Time" }, cmp.Ignore())); diff != "" {
		t.Errorf("the lines differ (-want +got):\n%s", diff)
	}
	for text, want := range map[string]bool{"open /data/x": true, "for operators": true, "after its end": true, "computing": false, "a detail": false} {
		if got := strings.Contains(said.String(), text); got != want {
			t.Errorf("operators read %q: %v, want %v in\n%s", text, got, want, said.String())
		}
	}
}

// safeBuffer is for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestALogOutlastsARestartOfRedis(t *testing.T) {
	t.Parallel()
	server := redistest.New(t, redistest.AppendOnly(t.TempDir()))
	x := on(t, server.URL())
	s := x.small("100")
	a := x.Claim(s.Run, "worker")
	j := newJournal(t.Context(), x.Records, a, "worker", workertest.Quiet())
	log, _ := j.loggers()
	server.Kill()
	log.InfoContext(t.Context(), "while Redis is away")
	j.onTime() // does not get through
	server.Restart()
	log.InfoContext(t.Context(), "when it is back")
	x.Eventually("what was kept is appended", func() bool { return len(x.lines(s)) == 2 })
	j.close()
	if diff := cmp.Diff([]string{"while Redis is away", "when it is back"}, messages(x.lines(s))); diff != "" {
		t.Errorf("the log differs (-want +got):\n%s", diff)
	}
}

func TestALogKeepsTheLatestLines(t *testing.T) {
	t.Parallel()
	j := &journal{}
	for i := range mostWaiting + 50 {
		j.lines = append(j.lines, job.LogLine{Attempt: int64(i)})
		j.bound()
	}
	if len(j.lines) != mostWaiting || j.lines[0].Attempt != 50 {
		t.Errorf("%d lines wait, from %d on, want %d from 50 on", len(j.lines), j.lines[0].Attempt, mostWaiting)
	}
}

// The lines of an attempt that ends well need no call of their own, and stand in the order in which they were logged.
func TestLinesGoWithTheResult(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.small("12")
	a := x.Claim(s.Run, "worker")
	j := newJournal(t.Context(), x.Records, a, "worker", workertest.Quiet())
	log, _ := j.loggers()
	log.InfoContext(t.Context(), "one")
	done := slog.NewRecord(time.Now(), slog.LevelInfo, "two", 0)
	lines := j.take(log, done)
	if got := messages(lines); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("taken were %q, want both", got)
	}
	j.giveBack(lines[:1])
	j.tell(t.Context(), log, done, false)
	j.close()
	if got := messages(x.lines(s)); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("given back, the log says %q, want both", got)
	}
	other := x.small("13")
	if _, err := x.runner.Handle(t.Context(), other.Run); err != nil {
		t.Fatal(err)
	}
	if got := messages(x.lines(other)); len(got) != 5 || got[0] != "attempt started" || got[4] != "attempt succeeded" {
		t.Errorf("the log of an attempt says %q", got)
	}
}
