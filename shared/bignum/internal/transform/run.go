package transform

import (
	"context"
	"sync/atomic"
	"time"
)

// Run is what one caller gives to its multiplications: a context, and how many goroutines may work for it at a time. It is safe for
// concurrent use, but each use then has that many goroutines.
type Run struct {
	Context context.Context //nolint:containedctx // it belongs to one computation, as the Run does
	Threads int             // at least 1
	// Worked, if not nil, is told on the caller's goroutine how many units of work have been done since it was last told. See Work.
	Worked func(units float64)
	// Helpers, if not nil, help with all Runs that they are given to, one after the other.
	Helpers *Helpers
}

// stopped reports whether the context has ended.
func (r *Run) stopped() bool { return r.Context.Err() != nil }

// soloWork is how much work is not worth the start of goroutines, some 150 µs, and awakeWork how much is not worth the attention of those that are awake.
const (
	soloWork  = 1_000_000
	awakeWork = 150_000
)

// Phase is work that can be cut into tasks in any order.
type Phase struct {
	Tasks int
	Units float64 // of work, in all tasks together
	Work  func(task int)
}

// Each calls work for 0…n−1, on as many goroutines as allowed and worth their start, and tells of the given units as they are done. When the
// context ends it returns its error early.
func (r *Run) Each(n int, units float64, work func(i int)) error {
	return r.Phases(Phase{n, units, work})
}

// Phases does one phase after the other, each as Each does, by the same goroutines: their start takes as long as some phases.
func (r *Run) Phases(phases ...Phase) error {
	units, most := 0.0, 0
	for _, p := range phases {
		units, most = units+p.Units, max(most, p.Tasks)
	}
	if r.Threads < 2 || most < 2 || units < awakeWork || units < soloWork && !r.Helpers.awake() {
		return r.alone(phases)
	}
	helpers := r.Helpers
	if helpers == nil {
		helpers = new(Helpers)
		defer helpers.Close()
	}
	t := team{run: r, helpers: helpers, phases: phases, next: make([]atomic.Int64, len(phases)), done: make([]atomic.Int64, len(phases))}
	helpers.post(&t, min(r.Threads, most)-1)
	func() {
		defer helpers.withdraw(&t)
		defer t.broken.Store(true) // so that none waits for what will never be done
		t.work(r.worked)
	}()
	if p := t.panicked.Load(); p != nil {
		panic(*p)
	}
	return r.Context.Err()
}

func (r *Run) alone(phases []Phase) error {
	for _, p := range phases {
		for i := range p.Tasks {
			if err := r.Context.Err(); err != nil {
				return err
			}
			p.Work(i)
			r.worked(p.Units / float64(p.Tasks))
		}
	}
	return r.Context.Err()
}

func (r *Run) worked(units float64) {
	if r.Worked != nil && units > 0 {
		r.Worked(units)
	}
}

// team shares out the tasks of one call of Phases.
type team struct {
	run        *Run
	helpers    *Helpers
	phases     []Phase
	next, done []atomic.Int64 // tasks of each phase
	broken     atomic.Bool    // No more work is to be done.
	panicked   atomic.Pointer[any]

	seats, inside atomic.Int64 // for helpers, and how many there are
	ended         atomic.Bool  // No helper may join any more.
}

// work takes tasks from phase to phase, and tells how many units all goroutines have done. It ends early when the context does, or another's work.
func (t *team) work(tell func(units float64)) {
	for i, p := range t.phases {
		told := int64(0)
		report := func() {
			if done := t.done[i].Load(); tell != nil && done > told {
				tell(float64(done-told) * p.Units / float64(p.Tasks))
				told = done
			}
		}
		for t.step(i) {
			report()
		}
		if !t.wait(i) {
			return
		}
		report()
	}
}

// step takes one task of phase i, and reports whether there was one.
func (t *team) step(i int) bool {
	p := &t.phases[i]
	task := t.next[i].Add(1) - 1
	if task >= int64(p.Tasks) || t.broken.Load() || t.run.stopped() {
		return false
	}
	p.Work(int(task))
	t.done[i].Add(1)
	return true
}

// wait waits until all tasks of phase i are done, and reports whether they will be. It stays awake for about as long as a task may take: to sleep
// and be woken would take as long.
func (t *team) wait(i int) bool {
	const awake, nap = 1000, 20 * time.Microsecond
	for round := 0; t.done[i].Load() < int64(t.phases[i].Tasks); round++ {
		if t.broken.Load() || t.run.stopped() {
			return false
		}
		if round < awake {
			t.helpers.yield(round)
		} else {
			select {
			case <-time.After(nap):
			case <-t.run.Context.Done():
			}
		}
	}
	return true
}
