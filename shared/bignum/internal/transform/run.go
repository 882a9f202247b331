package transform

import (
	"context"
	"sync"
	"sync/atomic"
)

// Run is what one caller gives to its multiplications: a context, and how many goroutines may work for it at a time. It is safe for
// concurrent use, but each use then has that many goroutines.
type Run struct {
	Context context.Context //nolint:containedctx // it belongs to one computation, as the Run does
	Threads int             // at least 1
	// Worked, if not nil, is told on the caller's goroutine how many units of work have been done since it was last told. See Work.
	Worked func(units float64)
}

// silent returns a Run that tells nobody.
func (r *Run) silent() *Run { return &Run{Context: r.Context, Threads: r.Threads} }

// stopped reports whether the context has ended.
func (r *Run) stopped() bool { return r.Context.Err() != nil }

// soloWork is how much work is not worth the start of goroutines: some 20 µs.
const soloWork = 150_000

// Each calls work for 0…n−1, on as many goroutines as allowed and worth their start, and tells of the given units as they are done. When the
// context ends it returns its error early.
func (r *Run) Each(n int, units float64, work func(i int)) error {
	if n == 0 {
		return r.Context.Err()
	}
	share := units / float64(n)
	if r.Threads < 2 || n < 2 || units < soloWork {
		for i := range n {
			if err := r.Context.Err(); err != nil {
				return err
			}
			work(i)
			r.worked(share)
		}
		return r.Context.Err()
	}
	t := team{run: r, n: int64(n), work: work}
	for range min(r.Threads, n) - 1 {
		t.group.Go(t.help)
	}
	told := int64(0)
	for t.step() {
		if done := t.done.Load(); done > told {
			r.worked(float64(done-told) * share)
			told = done
		}
	}
	t.group.Wait()
	if p := t.panicked.Load(); p != nil {
		panic(*p)
	}
	r.worked(float64(t.done.Load()-told) * share)
	return r.Context.Err()
}

func (r *Run) worked(units float64) {
	if r.Worked != nil && units > 0 {
		r.Worked(units)
	}
}

// team shares out the calls of one Each.
type team struct {
	run        *Run
	n          int64
	work       func(i int)
	next, done atomic.Int64
	group      sync.WaitGroup
	panicked   atomic.Pointer[any]
}

// help takes calls until there are none left. A panic is kept for the caller's goroutine, which may expect one.
func (t *team) help() {
	defer func() {
		if p := recover(); p != nil {
			t.panicked.Store(&p)
			t.next.Store(t.n)
		}
	}()
	for t.step() {
	}
}

// step takes one call, and reports whether there was one.
func (t *team) step() bool {
	i := t.next.Add(1) - 1
	if i >= t.n || t.run.stopped() {
		return false
	}
	t.work(int(i))
	t.done.Add(1)
	return true
}
