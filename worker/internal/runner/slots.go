package runner

import (
	"context"
	"slices"
	"sync"
	"time"

	"numbermill/shared/job"
)

const (
	// aheadOfSlot is how much computing, by its price, may be claimed for each slot before there is a slot for it: a claim takes a trip to Redis, on which
	// nobody is to wait for what takes no longer than the trip. It is what a run may be seen as running before it really is.
	aheadOfSlot = 8 * time.Millisecond
	// waitsAtMost is how much computing, by its price, may wait in one worker: another one that is idle would have it done sooner.
	waitsAtMost = 50 * time.Millisecond
	// waitersAtMost is how many runs may wait in one worker, however cheap: as many as are worth a fetch of their own, twice.
	waitersAtMost = 32
	// fetchAtMost is how many runs are fetched at once: they may all turn out to be dearer than those before them.
	fetchAtMost = 16
	// cheapest is what a run is taken to cost at least, since more than its price is what goes on around it; dearest at most, since no small one costs
	// more.
	cheapest = time.Millisecond
	dearest  = 100 * time.Millisecond
)

// slots let small runs in, first come first served: as many compute at a time as there are slots. A run is let in, and then claimed, once there is a
// slot for it, or soon will be; it then waits for the slot itself with take.
type slots struct {
	each chan struct{} // one element for each slot in use
	free func()        // told, outside the lock, when more runs may be delivered

	mu     sync.Mutex
	inside int           // let in, and not done with computing
	ahead  time.Duration // their price
	line   []*waiter     // who comes first stands first
	behind time.Duration // their price
	mean   time.Duration // the price of one of the last runs, over a dozen of them
	full   bool          // whether the last answer of room was that there is none
}

// waiter is a delivery that waits to be let in.
type waiter struct {
	price time.Duration
	in    chan struct{} // closed when it is
}

// newSlots returns so many slots. free may be nil.
func newSlots(count int, free func()) *slots {
	return &slots{each: make(chan struct{}, max(count, 1)), free: free, mean: waitsAtMost / fetchAtMost}
}

// enter waits until a run of this price is let in. It must leave once, when it is done with computing or comes to nothing. The error is the cause of
// the context's end.
func (s *slots) enter(ctx context.Context, price time.Duration) (leave func(), err error) {
	w := &waiter{price: min(max(price, cheapest), dearest), in: make(chan struct{})}
	s.mu.Lock()
	s.mean += (w.price - s.mean) / 12 //nolint:mnd // the weight of one among a dozen
	s.line, s.behind = append(s.line, w), s.behind+w.price
	s.next()
	s.mu.Unlock()
	leave = sync.OnceFunc(func() { s.leave(w) })
	select {
	case <-w.in:
		s.tellFree()
		return leave, nil
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
}

// leave ends what a run has, or its wait.
func (s *slots) leave(w *waiter) {
	s.mu.Lock()
	if i := slices.Index(s.line, w); i >= 0 {
		s.line, s.behind = slices.Delete(s.line, i, i+1), s.behind-w.price
	} else {
		s.inside--
		s.ahead -= w.price
	}
	s.next()
	s.mu.Unlock()
	s.tellFree()
}

// next lets in who stands first, for as long as there are slots, or soon will be. It is called under the lock.
func (s *slots) next() {
	for len(s.line) > 0 {
		w := s.line[0]
		if s.inside >= cap(s.each) && s.ahead+w.price > aheadOfSlot*time.Duration(cap(s.each)) {
			return
		}
		s.line, s.behind = slices.Delete(s.line, 0, 1), s.behind-w.price
		s.inside++
		s.ahead += w.price
		close(w.in)
	}
}

// take waits for a slot, which is given back with the returned function. The error is the cause of the context's end.
func (s *slots) take(ctx context.Context) (giveBack func(), err error) {
	select {
	case s.each <- struct{}{}:
		return func() { <-s.each }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// takeFree is take if there is a slot.
func (s *slots) takeFree() (giveBack func(), ok bool) {
	select {
	case s.each <- struct{}{}:
		return func() { <-s.each }, true
	default:
		return nil, false
	}
}

// room is how many more runs are to be delivered now: one for each slot in any case, and beyond that only so many as are likely to be begun soon. Once
// it is full there is room again only when half of what waits is gone, so that what is fetched comes in numbers.
func (s *slots) room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.vacancies()
	s.full = n <= 0
	return max(n, 0)
}

func (s *slots) vacancies() int {
	waiting := len(s.line)
	least := cap(s.each) - s.inside - waiting
	if waiting > waitersAtMost/2 || s.behind > waitsAtMost/2 {
		return least
	}
	return max(least, min(waitersAtMost-waiting, int((waitsAtMost-s.behind)/s.mean), fetchAtMost))
}

// tellFree tells that there is room again, after there was none.
func (s *slots) tellFree() {
	if s.free == nil {
		return
	}
	s.mu.Lock()
	tell := s.full && s.vacancies() > 0
	if tell {
		s.full = false
	}
	s.mu.Unlock()
	if tell {
		s.free()
	}
}

// Room is how many more runs of a class the runner wants to have delivered now: more than it will soon begin are better left to other workers.
func (r *Runner) Room(c job.Class) int {
	if c != job.Small {
		return 1 // there is no more than one place
	}
	return r.slots.room()
}
