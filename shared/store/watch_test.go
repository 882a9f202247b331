package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// patience is how long a signal may take before a test gives up.
const patience = 20 * time.Second

// watch runs a watcher and returns it once its subscription stands. stop ends it, and fails the test if that is slow.
func (x *fixture) watch() (w *store.Watcher, stop func()) {
	x.t.Helper()
	w = store.NewWatcher(x.s, quiet())
	ctx, cancel := context.WithCancel(x.t.Context())
	standing, done := w.Watch(fp(0)) // everybody is signalled once the subscription stands
	defer done()
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		ended := make(chan struct{})
		go func() { wg.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(patience):
			x.t.Error("the watcher does not end with its context")
		}
	})
	x.t.Cleanup(stop)
	wantSignal(x.t, "the subscription", standing)
	return w, stop
}

func wantSignal(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		t.Fatalf("%s: no signal within %v", what, patience)
	}
}

func TestWatcherSignalsEveryChange(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	w, _ := x.watch()
	s, other := x.submit(fp(1)), x.submit(fp(1))
	changed, stop := w.Watch(fp(1))
	defer stop()
	unrelated, stopUnrelated := w.Watch(fp(2))
	defer stopUnrelated()

	var a store.Attempt
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"claim", func() error { a = x.claim(s.Run); return nil }},
		{"report", func() error { _, err := x.s.Report(t.Context(), a, job.Progress{}); return err }},
		{"release", func() error { _, err := x.s.Release(t.Context(), a); return err }},
		{"fail", func() error { _, _, err := x.s.Fail(t.Context(), x.claim(s.Run), job.Failure{}, false); return err }},
		{"cancel of one", func() error { x.cancel(other); return nil }},
		{"complete", func() error { x.compute(s.Run); return nil }},
	} {
		for len(changed) > 0 {
			<-changed
		}
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		wantSignal(t, step.what, changed)
	}
	if len(unrelated) != 0 {
		t.Error("another computation's watcher is signalled")
	}
}

func TestWatcherCoalesces(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	w, _ := x.watch()
	s := x.submit(fp(1))
	a := x.claim(s.Run)
	changed, stop := w.Watch(fp(1)) // nobody receives meanwhile
	defer stop()
	last, stopLast := w.Watch(fp(2))
	defer stopLast()
	for range 500 {
		if _, err := x.s.Report(t.Context(), a, job.Progress{}); err != nil {
			t.Fatal(err)
		}
	}
	x.claim(x.submit(fp(2)).Run)
	wantSignal(t, "the last change", last) // a reader that does not receive holds nobody up
	wantSignal(t, "many changes", changed)
	if len(changed) > 0 {
		t.Error("many changes come as more than one signal at a time")
	}
}

func TestNobodyIsSignalledAfterStop(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	w, _ := x.watch()
	s := x.submit(fp(1))
	gone, stopGone := w.Watch(fp(1))
	stays, stopStays := w.Watch(fp(1))
	defer stopStays()
	stopGone()
	x.claim(s.Run)
	wantSignal(t, "who stays", stays)
	if len(gone) != 0 {
		t.Error("who has gone is signalled")
	}
}

func TestWatcherComesBackAfterARestart(t *testing.T) {
	t.Parallel()
	server := redistest.New(t, redistest.AppendOnly(t.TempDir()))
	x := on(t, server.URL())
	w, _ := x.watch()
	s := x.submit(fp(1))
	changed, stop := w.Watch(fp(1))
	defer stop()
	server.Kill()
	server.Restart()
	wantSignal(t, "the restart", changed) // something may have been missed
	x.claim(s.Run)
	wantSignal(t, "a change after it", changed)
}

func TestWatcherEndsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	x := on(t, server.URL())
	_, stop := x.watch()
	server.Kill()
	stop()
}

func TestStopsAreHeard(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	heard := make(chan string, 100)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		x.s.Stops(ctx, quiet(), func(f job.Fingerprint, run string) { heard <- string(f) + "/" + run })
	})
	defer wg.Wait()
	defer cancel()
	for i := 1; ; i++ { // the first may come before the subscription stands
		s := x.submit(fp(i))
		x.cancel(s)
		select {
		case got := <-heard:
			if want := string(fp(i)) + "/" + s.Run.ID; got != want {
				t.Errorf("heard %s, want %s", got, want)
			}
			return
		case <-time.After(50 * time.Millisecond):
			if i == 100 {
				t.Fatal("no stop is heard")
			}
		}
	}
}
