package transform

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// TestPhasesGoInOrder sees that no task begins before all those of earlier phases are done, and that each is done once.
func TestPhasesGoInOrder(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 2, 5} {
		helpers := new(Helpers)
		run := &Run{Context: t.Context(), Threads: threads, Helpers: helpers}
		for range 50 {
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
