package app_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/worker/app"
)

// description is what the only worker says of itself.
func (b *bench) description() (d store.Description) {
	b.T.Helper()
	all, err := b.Records.Descriptions(b.T.Context())
	b.Must(err)
	for _, d = range all {
		return d
	}
	return d
}

func TestADrainingWorkerFinishesWhatItHas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	drain := make(chan os.Signal, 1)
	b.startWorker(func(c *app.Config) { c.Drain = drain })
	running := b.queued(b.Endless())
	b.Eventually("it runs", func() bool { return b.Get(running).State == job.Running })
	drain <- syscall.SIGUSR1
	b.Eventually("it says that it drains", func() bool { return b.description().Draining })
	later := b.submit("fibonacci", "n=12")
	d := b.description()
	if len(d.Held) != 1 || d.Held[0].Run != running.Run.ID || d.Held[0].Attempt != 1 || d.PID != os.Getpid() || d.Queues["large"].Slots != 1 || d.Queues["small-low"].Slots != 2 {
		t.Errorf("it says %+v of itself, want what it has and its places", d)
	}
	_, err := b.Records.Cancel(t.Context(), job.LocalOwner, running.ID)
	b.Must(err)
	b.Eventually("it is idle, and still says that it drains", func() bool { d := b.description(); return d.Draining && len(d.Held) == 0 })
	b.WantState(later, job.Queued)
	b.startWorker()
	b.Eventually("another worker takes what came later", func() bool { return b.Get(later).State == job.Succeeded })
}

func TestWorkersAreBackSoonAfterRedis(t *testing.T) {
	t.Parallel()
	server := redistest.New(t, redistest.AppendOnly(t.TempDir()))
	b := newBenchOn(t, server.URL())
	b.startWorker()
	b.Eventually("the worker does something", func() bool { return b.Get(b.submit("fibonacci", "n=12")).State == job.Succeeded })
	for range 2 {
		server.Kill()
		server.Restart()
		back := time.Now()
		b.reached()
		s := b.queued(b.Endless())
		b.Eventually("it takes work", func() bool { return b.Get(s).State == job.Running })
		t.Logf("it took work %v after Redis was back", time.Since(back))
		b.Eventually("it says what it does", func() bool {
			d := b.description()
			return len(d.Held) == 1 && d.Held[0].Run == s.Run.ID
		})
		_, err := b.Records.Cancel(t.Context(), job.LocalOwner, s.ID)
		b.Must(err)
		b.Eventually("it hears that nobody waits", func() bool { return len(b.description().Held) == 0 })
	}
}
