package faults_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// Small jobs never wait behind large ones: while one 10^7! runs and another waits, they are done within 60 ms.
func TestSmall(t *testing.T) {
	begin(t)
	p := open(t)
	p.hire(t)
	b := &burden{platform: p}
	first := b.submit(t.Context(), t)
	second := b.submit(t.Context(), t)
	until(t, p.c, first.ID, running)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.keep(ctx, t, first, second)
	}()
	var took spread
	var beside int
	for i := range sized(2000, 30) {
		before := b.ended.Load()
		began := time.Now()
		d := must(t, p.c, want("fibonacci", fmt.Sprintf("n=%d", 2000+i)), "Prefer", "wait=50")
		took = append(took, time.Since(began))
		if d.State != "succeeded" {
			t.Fatalf("a small job is %s after %v, want succeeded", d.State, took[len(took)-1])
		}
		if b.ended.Load() == before {
			beside++
		}
	}
	stop()
	<-done
	note(t, "10^7!", "%d ended meanwhile", b.ended.Load())
	bound(t, "from the request to the digits of a small job", took, 0.99, 60*time.Millisecond)
	note(t, "small jobs done while the same large one ran", "%d of %d", beside, len(took))
	if beside < len(took)/2 {
		t.Errorf("only %d of %d small jobs were done before the large one that ran, want most", beside, len(took))
	}
}

// burden keeps one large number running and one waiting.
type burden struct {
	*platform

	submitted int
	ended     atomic.Int64
}

func (b *burden) submit(ctx context.Context, t *testing.T) document {
	t.Helper()
	d, err := submit(ctx, b.c, want("factorial", fmt.Sprintf("n=%d", 10_000_000+b.submitted)))
	b.submitted++
	if err != nil && ctx.Err() == nil {
		t.Errorf("submit a large job: %v", err)
	}
	return d
}

func (b *burden) keep(ctx context.Context, t *testing.T, running, waiting document) {
	t.Helper()
	for ctx.Err() == nil {
		d, err := follow(ctx, b.c, running.ID, func(d document) bool { return terminal[d.State] })
		if ctx.Err() != nil {
			return
		}
		if err != nil || d.State != "succeeded" {
			t.Errorf("a large job: %v, %s", err, d.State)
			return
		}
		b.ended.Add(1)
		running, waiting = waiting, b.submit(ctx, t)
	}
}
