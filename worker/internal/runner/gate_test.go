package runner

import (
	"context"
	"errors"
	"testing"

	"numbermill/worker/internal/workertest"
)

// enterSoon begins to wait at the gate, and returns once it does.
func enterSoon(t *testing.T, ctx context.Context, g *gate) <-chan func() {
	t.Helper()
	g.mu.Lock()
	before := len(g.line)
	g.mu.Unlock()
	in := make(chan func(), 1)
	go func() {
		leave, err := g.enterAlone(ctx, nothing)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		in <- leave
	}()
	(&workertest.Bench{T: t}).Eventually("it waits", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.line) > before
	})
	return in
}

func nobody(t *testing.T, in <-chan func()) {
	t.Helper()
	select {
	case <-in:
		t.Error("it got in")
	default:
	}
}

func TestOneIsAlone(t *testing.T) {
	t.Parallel()
	var g gate
	first, ok := g.enter()
	if !ok {
		t.Fatal("an open gate lets nobody in")
	}
	second, ok := g.enter()
	if !ok {
		t.Fatal("two do not get in side by side")
	}
	waiting := enterSoon(t, t.Context(), &g)
	next := enterSoon(t, t.Context(), &g)
	if _, ok := g.enter(); ok {
		t.Error("one gets in while another waits to be alone")
	}
	first()
	first() // counts once
	nobody(t, waiting)
	second()
	leave := workertest.Receive(t, "the turn", waiting)
	if _, ok := g.enter(); ok {
		t.Error("one gets in while another is alone")
	}
	nobody(t, next)
	leave()
	workertest.Receive(t, "the next turn", next)()
	if _, ok := g.enter(); !ok {
		t.Error("the gate stays closed")
	}
}

func TestWhoWaitsToBeAloneMayGo(t *testing.T) {
	t.Parallel()
	var g gate
	leave, _ := g.enter()
	ctx, cancel := context.WithCancel(t.Context())
	waiting := enterSoon(t, ctx, &g)
	next := enterSoon(t, t.Context(), &g)
	cancel()
	workertest.Receive(t, "the end of the wait", waiting)
	leave()
	workertest.Receive(t, "the turn of the next", next)()
	if _, ok := g.enter(); !ok {
		t.Error("the gate stays closed")
	}
}
