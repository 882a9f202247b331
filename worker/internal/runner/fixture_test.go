package runner

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/worker/internal/memory"
	"numbermill/worker/internal/workertest"
)

func TestMain(m *testing.M) { workertest.Main(m) }

// fixture is a runner on an empty Redis of its own, called as the queue would call it.
type fixture struct {
	*workertest.Bench

	runner *Runner
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	return on(t, redistest.Start(t))
}

func on(t *testing.T, url string) *fixture {
	t.Helper()
	b := workertest.On(t, url)
	return &fixture{b, newRunner(b, b.Results, ample)}
}

// ample is more memory than any test needs.
const ample = 1 << 40

// newRunner returns a runner with so much memory.
func newRunner(b *workertest.Bench, results *result.Store, bytes int64) *Runner {
	r := New(b.Records, results, Options{Worker: "worker", Slots: 16, Threads: 2, Memory: memory.NewBudget(bytes), Logger: workertest.Quiet()})
	r.alonePatience = time.Hour // so that no test depends on how fast the machine is
	return r
}

// outcome is what Handle returned.
type outcome struct {
	summary string
	err     error
}

// deliver begins a delivery. cancel is what Asynq does when it has lost the task.
func (x *fixture) deliver(s store.Submission) (ended <-chan outcome, cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(x.T.Context())
	ch := make(chan outcome, 1)
	go func() {
		summary, err := x.runner.Handle(ctx, s.Run)
		ch <- outcome{summary, err}
	}()
	return ch, cancel
}

// handle begins a delivery and waits until its attempt is under way.
func (x *fixture) handle(s store.Submission) (ended <-chan outcome, cancel context.CancelFunc) {
	x.T.Helper()
	before := x.Get(s).Attempt
	ch, cancel := x.deliver(s)
	x.Eventually("an attempt begins", func() bool { r := x.Get(s); return r.State == job.Running && r.Attempt > before })
	return ch, cancel
}

// small submits F(n), which a record can hold.
func (x *fixture) small(n string) store.Submission {
	x.T.Helper()
	return x.Submit("fibonacci", "n="+n, function.DefaultMethod)
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
