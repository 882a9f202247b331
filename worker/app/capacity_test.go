package app_test

import (
	"testing"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/worker/app"
)

// described waits until the only worker has said what it can do, as far as ok wants to know.
func (b *bench) described(ok func(store.Capacity) bool) store.Capacity {
	b.T.Helper()
	var last store.Capacity
	b.Eventually("the worker says what it can do", func() bool {
		all, err := b.Records.Descriptions(b.T.Context())
		b.Must(err)
		for _, d := range all {
			last = d.Capacity
		}
		return len(all) == 1 && ok(last)
	})
	return last
}

func TestAWorkerSaysWhatItCanDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.startWorker(func(c *app.Config) { c.Threads, c.Memory, c.Uncalibrated = 2, 1<<30, false })
	got := b.described(func(c store.Capacity) bool { return c.Machine != nil })
	if got.Threads != 2 || got.MemoryBytes != 1<<30 || !got.Machine.Valid() {
		t.Errorf("got %+v with %+v, want 2 threads, a gigabyte and a machine that has been measured", got, got.Machine)
	}
	stop()
	if all, err := b.Records.Descriptions(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after it has left: got %v, %v, want none", all, err)
	}
}

func TestAWorkersDefaultsAreThoseOfTheMachine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.startWorker()
	if got := b.described(func(store.Capacity) bool { return true }); got.Threads < 1 || got.MemoryBytes < 1<<20 || got.Machine != nil {
		t.Errorf("got %+v, want all threads and most of the memory, and no machine: it is not measured", got)
	}
}

// Two that do not fit together run one after the other; a worker that stops gives the one that waits back at once, and later the other.
func TestAWorkerWithLittleMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	f, _ := function.Lookup("fibonacci")
	a, err := f.ParseText(map[string]string{"n": "57"})
	b.Must(err)
	stop := b.startWorker(func(c *app.Config) { c.Memory = f.Estimate(a, "recursive").PeakBytes * 3 / 2 })
	first := b.queued(b.Endless())
	b.await(first, "running", running)
	second, third := b.queued(b.Some()), b.queued(b.Submit("fibonacci", "n=50001", function.DefaultMethod))
	b.Eventually("the worker has taken another one", func() bool {
		n, err := b.Redis.LLen(t.Context(), "asynq:{small}:active").Result()
		return err == nil && n >= 2
	})
	b.WantState(second, job.Queued)
	if _, err := b.Records.Cancel(t.Context(), job.LocalOwner, first.ID); err != nil {
		t.Fatal(err)
	}
	for _, s := range []store.Submission{second, third} {
		if r := b.await(s, "ended", ended); r.State != job.Succeeded || r.Attempt != 1 {
			t.Errorf("got state %s in attempt %d, want it succeeded in the first", r.State, r.Attempt)
		}
	}
	last, waiting := b.queued(b.Submit("fibonacci", "n=56", "recursive")), b.queued(b.Submit("fibonacci", "n=55", "recursive"))
	b.Eventually("one of them runs", func() bool { return running(b.Get(last)) || running(b.Get(waiting)) })
	begun := time.Now()
	stop()
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("the worker took %v to stop", took)
	}
	b.WantState(last, job.Queued)
	b.WantState(waiting, job.Queued)
}
