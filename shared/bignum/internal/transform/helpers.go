package transform

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Helpers are goroutines that help with one Run after another. They come when there is work, and stay awake for a little while after it: to wake a
// thread takes longer than many a phase. The zero Helpers are ready to use, by one Run at a time.
type Helpers struct {
	// Go, if not nil, starts a goroutine in place of a go statement, on a thread that it may keep to itself. Such Helpers sleep between two Runs until
	// they are closed, since their threads would end with them.
	Go func(work func())

	current atomic.Pointer[team]
	alive   atomic.Int64
	closed  atomic.Bool

	sleeping atomic.Int64
	mu       sync.Mutex
	asleep   sync.Cond // its L is mu, once somebody has slept
}

const (
	// lingering is how long helpers wait for more work before they leave or sleep.
	lingering = 100 * time.Microsecond
	// yields is how often a goroutine on a thread of its own gives way to other threads alone before it gives way to other goroutines: for the
	// scheduler to stop such a thread and wake it again takes as long as many a phase.
	yields = 1000
)

// awake reports whether there are any that do not sleep.
func (h *Helpers) awake() bool { return h != nil && h.alive.Load() > h.sleeping.Load() }

// post lets up to count helpers join the team.
func (h *Helpers) post(t *team, count int) {
	t.seats.Store(int64(count))
	h.closed.Store(false)
	h.current.Store(t)
	h.rouse()
	for h.alive.Load() < int64(count) {
		h.alive.Add(1)
		begin(h.Go, func() { h.help(t) })
	}
}

// begin starts a goroutine by start, or by a go statement if that is nil.
func begin(start func(work func()), work func()) {
	if start == nil {
		go work()
		return
	}
	start(work)
}

// withdraw lets no more helpers join the team, and waits for those that have.
func (h *Helpers) withdraw(t *team) {
	h.current.Store(nil)
	t.ended.Store(true)
	for round := 0; t.inside.Load() > 0; round++ {
		h.yield(round)
	}
}

// Close waits until all helpers have gone.
func (h *Helpers) Close() {
	h.closed.Store(true)
	h.rouse()
	for round := 0; h.alive.Load() > 0; round++ {
		h.yield(round)
	}
}

// yield gives way to others, in one of the rounds of a wait.
func (h *Helpers) yield(round int) {
	if h.Go == nil || round >= yields {
		runtime.Gosched()
		return
	}
	yieldThread()
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
	for {
		start := time.Now()
		for round := 0; time.Since(start) < lingering && !h.closed.Load(); round++ {
			if t := h.other(last); t != nil {
				return t
			}
			h.yield(round)
		}
		if h.Go == nil || h.closed.Load() {
			return nil
		}
		h.sleep(last)
	}
}

// sleep waits until there may be another team, or no more.
func (h *Helpers) sleep(last *team) {
	h.sleeping.Add(1)
	defer h.sleeping.Add(-1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asleep.L = &h.mu
	for h.other(last) == nil && !h.closed.Load() {
		h.asleep.Wait()
	}
}

// rouse wakes those that sleep. It must follow what they are to see.
func (h *Helpers) rouse() {
	if h.sleeping.Load() > 0 {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.asleep.Broadcast()
	}
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
