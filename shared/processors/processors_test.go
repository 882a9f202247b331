package processors

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorded is a share that only notes what is set.
func recorded() (s *share, sets *[]int) {
	sets = new([]int)
	return &share{set: func(n int) { *sets = append(*sets, n) }}, sets
}

func TestFewUnlessBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, sets := recorded()
		expect := func(when string, want ...int) {
			synctest.Wait()
			s.mu.Lock()
			defer s.mu.Unlock()
			if !slices.Equal(*sets, want) {
				t.Errorf("%s: set %v, want %v", when, *sets, want)
			}
		}
		s.begin()() // not spared: nothing happens
		expect("before it spares")
		s.spare(1, 6)
		expect("from the start", 1)
		first, second := s.begin(), s.begin()
		expect("while two are busy", 1, 6)
		first()
		first() // once more makes no difference
		time.Sleep(10 * linger)
		expect("while one is busy", 1, 6)
		second()
		time.Sleep(linger / 2)
		expect("soon after the last", 1, 6)
		s.begin()()
		time.Sleep(linger * 3 / 4)
		expect("with one in between", 1, 6)
		time.Sleep(linger)
		expect("long after the last", 1, 6, 1)
		s.begin()()
		expect("busy again", 1, 6, 1, 6)
		time.Sleep(2 * linger)
		expect("in the end", 1, 6, 1, 6, 1)
	})
}

func TestNothingToSpare(t *testing.T) {
	t.Parallel()
	s, sets := recorded()
	s.spare(1, 1)
	s.begin()()
	if len(*sets) > 0 {
		t.Errorf("on one processor: set %v, want nothing", *sets)
	}
}

// TestManyAtATime is for the race detector, and counts.
func TestManyAtATime(t *testing.T) {
	t.Parallel()
	s, sets := recorded()
	s.spare(2, 4)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				s.begin()()
			}
		})
	}
	all.Wait()
	s.resting.Stop()
	if s.busy != 0 {
		t.Errorf("%d are busy in the end", s.busy)
	}
	for i, n := range *sets {
		if want := []int{2, 4}[i%2]; n != want {
			t.Fatalf("set %v: they must take turns", *sets)
		}
	}
}

// TestProcess changes the whole process, so that nothing runs beside it.
func TestProcess(t *testing.T) { //nolint:paralleltest // see above
	before := runtime.GOMAXPROCS(4)
	defer func() {
		process = share{set: process.set}
		runtime.GOMAXPROCS(before)
	}()
	if got := ButOne(); got != 3 {
		t.Errorf("all but one of four: got %d", got)
	}
	t.Setenv("GOMAXPROCS", "4")
	Spare(1)
	if got := runtime.GOMAXPROCS(0); got != 4 {
		t.Errorf("where GOMAXPROCS is set: got %d, want 4", got)
	}
	t.Setenv("GOMAXPROCS", "")
	Spare(1)
	if got := runtime.GOMAXPROCS(0); got != 1 {
		t.Errorf("sparing: got %d, want 1", got)
	}
	done := All()
	if got := runtime.GOMAXPROCS(0); got != 4 {
		t.Errorf("while something computes: got %d, want 4", got)
	}
	done()
	process.resting.Stop()
}
