package runner

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/worker/internal/workertest"
)

// slotted makes the runner one with so many slots.
func (x *fixture) slotted(slots int) { x.runner.slots = newSlots(slots, nil) }

// behind begins a delivery that finds no slot.
func (x *fixture) behind(s store.Submission) (ended <-chan outcome) {
	x.T.Helper()
	before := x.runner.slots.waiting()
	ch, _ := x.deliver(s)
	x.Eventually("a run waits for a slot", func() bool { return x.runner.slots.waiting() > before })
	x.WantState(s, job.Queued)
	return ch
}

func (s *slots) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.line)
}

func TestOnlyWhatHasASlotRuns(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.slotted(1)
	first, second, third := x.Endless(), x.other(), x.small("12")
	running, cancel := x.handle(first)
	defer cancel()
	seconds, thirds := x.behind(second), x.behind(third)
	if held := x.runner.Held(); len(held) != 3 || held[0].Attempt != 1 || held[1].Attempt != 0 || held[2].Attempt != 0 {
		t.Errorf("the runner says that it has %+v, want all three, of which the first has an attempt", held)
	}
	x.runner.Stop(first.Run.Fingerprint, first.Run.ID)
	workertest.Receive(t, "the end of the first", running)
	x.Eventually("the second begins", func() bool { return x.Get(second).State == job.Running })
	x.WantState(third, job.Queued)
	x.runner.Stop(second.Run.Fingerprint, second.Run.ID)
	workertest.Receive(t, "the end of the second", seconds)
	if got := workertest.Receive(t, "the end of the third", thirds); got.err != nil {
		t.Errorf("got %v, want it done", got.err)
	}
	x.WantState(third, job.Succeeded)
}

func TestWhatWaitsForASlotIsCancelled(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.slotted(1)
	first, second := x.Endless(), x.other()
	running, stop := x.handle(first)
	waiting := x.behind(second)
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, second.ID); err != nil {
		t.Fatal(err)
	}
	x.runner.Stop(second.Run.Fingerprint, second.Run.ID)
	if got := workertest.Receive(t, "the end of the second", waiting); got.err != nil {
		t.Errorf("got %v, want nil: nobody waits for it any more", got.err)
	}
	if r := x.WantState(second, job.Cancelled); r.Attempt != 0 {
		t.Errorf("it was begun %d times, want never", r.Attempt)
	}
	stop()
	workertest.Receive(t, "the end of the first", running)
}

func TestWhatWaitsForASlotIsGivenBackFirst(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.slotted(1)
	first, second := x.Endless(), x.other()
	running, cancel := x.handle(first)
	defer cancel()
	waiting := x.behind(second)
	x.runner.Decline()
	if got := workertest.Receive(t, "the end of the second", waiting); !errors.Is(got.err, queue.ErrReleased) {
		t.Errorf("got %v, want the run given back", got.err)
	}
	x.WantState(first, job.Running)
	x.WantState(second, job.Queued)
	x.runner.Drain()
	workertest.Receive(t, "the end of the first", running)
}

// What has to be alone does not wait for those that wait for a slot, nor do they for its end.
func TestWhoWaitsForASlotMakesRoom(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.slotted(2)
	first, second := x.Endless(), x.other()
	running, stop := x.handle(first)
	giveBack, err := x.runner.slots.enter(t.Context(), dearest) // what is about to find that it has to be alone
	x.Must(err)
	waiting := x.behind(second)
	alone := make(chan error, 1)
	go func() {
		leave, err := x.runner.gate.enterAlone(t.Context(), x.runner.makeRoom)
		if err == nil {
			leave()
		}
		alone <- err
	}()
	got := workertest.Receive(t, "the end of the second", waiting)
	if _, ok := errors.AsType[*queue.BusyError](got.err); !ok {
		t.Errorf("got %v, want it to come back after a while", got.err)
	}
	x.refused(second)
	giveBack()
	stop()
	workertest.Receive(t, "the end of the first", running)
	if err := workertest.Receive(t, "its turn to be alone", alone); err != nil {
		t.Error(err)
	}
}

// stand has a run of this price come to stand in line, or let in.
func (s *slots) stand(price time.Duration) *waiter {
	w := &waiter{price: min(max(price, cheapest), dearest), in: make(chan struct{})}
	s.line, s.behind = append(s.line, w), s.behind+w.price
	s.next()
	return w
}

// isIn tells whether it is let in.
func (w *waiter) isIn() bool {
	select {
	case <-w.in:
		return true
	default:
		return false
	}
}

func TestSlotsAreGivenInOrder(t *testing.T) {
	t.Parallel()
	s := newSlots(2, nil)
	var all []*waiter
	for range 6 {
		all = append(all, s.stand(dearest))
	}
	// The third leaves while it waits, the others one after the other.
	s.leave(all[2])
	all = slices.Delete(all, 2, 3)
	for gone := range all {
		for i, w := range all {
			if want := i < gone+2; w.isIn() != want {
				t.Errorf("after %d have left, it is %v that number %d is in, want %v", gone, w.isIn(), i, want)
			}
		}
		s.leave(all[gone])
	}
	if s.inside != 0 || s.ahead != 0 || s.behind != 0 || len(s.line) != 0 {
		t.Errorf("at the end %d are inside for %v, and %d wait for %v", s.inside, s.ahead, len(s.line), s.behind)
	}
}

// What is done before the claim of the next is back is claimed ahead; what takes long is not.
func TestLittleIsClaimedAhead(t *testing.T) {
	t.Parallel()
	for price, want := range map[time.Duration]int{0: 16, 2 * time.Millisecond: 8, 5 * time.Millisecond: 3, 50 * time.Millisecond: 2, time.Hour: 2} {
		s := newSlots(2, nil)
		for range 40 {
			s.stand(price)
		}
		if s.inside != want {
			t.Errorf("with %v each %d are let in, want %d", price, s.inside, want)
		}
	}
}

func TestNoWorkerHoards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		price      time.Duration
		slots      int
		from, most int
	}{
		{time.Millisecond, 2, 16, 48},
		{10 * time.Millisecond, 2, 3, 6},
		{100 * time.Millisecond, 2, 2, 2},
		{100 * time.Millisecond, 8, 8, 8},
	} {
		t.Run(fmt.Sprint(c.price, " on ", c.slots), func(t *testing.T) {
			t.Parallel()
			s := newSlots(c.slots, nil)
			for range 100 { // it has seen many such
				s.mean += (c.price - s.mean) / 12
			}
			held := 0
			for s.room() > 0 && held < 1000 {
				for range s.room() {
					held++
					s.stand(c.price)
				}
			}
			if held < c.from || held > c.most {
				t.Errorf("it takes %d, want %d to %d", held, c.from, c.most)
			}
		})
	}
}

func TestRoomIsToldOnce(t *testing.T) {
	t.Parallel()
	told := 0
	s := newSlots(1, func() { told++ })
	leave, err := s.enter(t.Context(), dearest)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.mean += (dearest - s.mean) / 12
	}
	if got := s.room(); got != 0 || told != 0 {
		t.Errorf("room for %d, told %d times, want neither", got, told)
	}
	leave()
	leave()
	if got := s.room(); got != 1 || told != 1 {
		t.Errorf("room for %d, told %d times, want one each", got, told)
	}
}
