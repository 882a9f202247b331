package transform

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Helpers are goroutines that help with one Run after another. They come when there is work, and stay awake for a little while after it: to wake a
// thread takes longer than many a phase. The zero Helpers are ready to use, by one Run at a time.
type Helpers struct {
	current atomic.Pointer[team]
	alive   atomic.Int64
	closed  atomic.Bool
}

// lingering is how long helpers wait for more work.
const lingering = 100 * time.Microsecond

// awake reports whether there are any.
func (h *Helpers) awake() bool { return h != nil && h.alive.Load() > 0 }

// post lets up to count helpers join the team.
func (h *Helpers) post(t *team, count int) {
	t.seats.Store(int64(count))
	h.closed.Store(false)
	h.current.Store(t)
	for h.alive.Load() < int64(count) {
		h.alive.Add(1)
		go h.help(t)
	}
}

// withdraw lets no more helpers join the team, and waits for those that have.
func (h *Helpers) withdraw(t *team) {
	h.current.Store(nil)
	t.ended.Store(true)
	for t.inside.Load() > 0 {
		runtime.Gosched()
	}
}

// Close waits until all helpers have gone.
func (h *Helpers) Close() {
	h.closed.Store(true)
	for h.alive.Load() > 0 {
		runtime.Gosched()
	}
}

func (h *Helpers) help(t *team) {
	for t != nil {
		t.join()
		if next := h.await(t); next != nil {
			t = next
			continue
		}
		h.alive.Add(-1)
		if t = h.other(t); t != nil { // It came at the last moment.
			h.alive.Add(1)
		}
	}
}

// await returns the next team, or nil if there is none for a while.
func (h *Helpers) await(last *team) *team {
	for start := time.Now(); time.Since(start) < lingering && !h.closed.Load(); {
		if t := h.other(last); t != nil {
			return t
		}
		runtime.Gosched()
	}
	return nil
}

func (h *Helpers) other(last *team) *team {
	if t := h.current.Load(); t != last {
		return t
	}
	return nil
}

// join takes part in the work, if there is a seat. A panic is kept for the caller's goroutine, which may expect one.
func (t *team) join() {
	t.inside.Add(1)
	defer t.inside.Add(-1)
	defer func() {
		if p := recover(); p != nil {
			t.panicked.Store(&p)
			t.broken.Store(true)
		}
	}()
	if !t.ended.Load() && t.seats.Add(-1) >= 0 {
		t.work(nil)
	}
}
