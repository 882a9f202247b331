package transform

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPhasesGoInOrder sees that no task begins before all those of earlier phases are done, and that each is done once.
func TestPhasesGoInOrder(t *testing.T) {
	t.Parallel()
	for i, threads := range []int{1, 2, 5, 2, 5} {
		helpers := new(Helpers)
		rounds := 50
		if i > 2 { // To give way takes long on such a thread.
			helpers.Go, rounds = onThreads, 3
		}
		run := &Run{Context: t.Context(), Threads: threads, Helpers: helpers}
		for range rounds {
			const phases, tasks = 7, 23
			var done [phases]atomic.Int64
			var times [phases][tasks]atomic.Int64
			var work []Phase
			for p := range phases {
				work = append(work, Phase{tasks, soloWork, func(task int) {
					if p > 0 && done[p-1].Load() != tasks {
						t.Errorf("%d threads: phase %d began before the one before it was done", threads, p)
					}
					times[p][task].Add(1)
					runtime.Gosched()
					done[p].Add(1)
				}})
			}
			if err := run.Phases(work...); err != nil {
				t.Fatal(err)
			}
			for p := range times {
				for task := range times[p] {
					if got := times[p][task].Load(); got != 1 {
						t.Fatalf("%d threads: task %d of phase %d was done %d times", threads, task, p, got)
					}
				}
			}
		}
		helpers.Close()
		if got := helpers.alive.Load(); got != 0 {
			t.Errorf("%d threads: %d helpers are left", threads, got)
		}
	}
}

// TestPhasesTellAllUnits sees that the caller hears of all work, also of that of its helpers.
func TestPhasesTellAllUnits(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 3} {
		told := 0.0
		run := &Run{Context: t.Context(), Threads: threads, Worked: func(units float64) { told += units }}
		nothing := func(int) { runtime.Gosched() }
		if err := run.Phases(Phase{10, 2 * soloWork, nothing}, Phase{3, soloWork, nothing}, Phase{0, 0, nothing}); err != nil {
			t.Fatal(err)
		}
		if want := 3.0 * soloWork; told < 0.999*want || told > 1.001*want {
			t.Errorf("%d threads: told of %v units, want %v", threads, told, want)
		}
	}
}

// onThreads starts a goroutine on a thread of its own, with which it ends.
func onThreads(work func()) {
	go func() {
		runtime.LockOSThread()
		work()
	}()
}

// TestHelpersOnThreadsStay sees that helpers that are told how to start do so once, however long the pauses are between two Runs.
func TestHelpersOnThreadsStay(t *testing.T) {
	t.Parallel()
	const threads = 4
	var started atomic.Int64
	helpers := &Helpers{Go: func(work func()) {
		started.Add(1)
		onThreads(work)
	}}
	run := &Run{Context: t.Context(), Threads: threads, Helpers: helpers}
	for range 20 {
		var met sync.WaitGroup
		met.Add(threads) // All take part, or this would last for ever.
		err := run.Each(threads, 2*soloWork, func(int) { met.Done(); met.Wait() })
		if err != nil {
			t.Fatal(err)
		}
		for helpers.sleeping.Load() < threads-1 {
			runtime.Gosched()
		}
	}
	helpers.Close()
	if got := started.Load(); got != threads-1 {
		t.Errorf("%d helpers were started, want %d", got, threads-1)
	}
	if got := helpers.alive.Load(); got != 0 {
		t.Errorf("%d helpers are left", got)
	}
}
