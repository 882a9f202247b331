package cputime_test

import (
	"testing"
	"time"

	"numbermill/shared/cputime"
)

func TestTimeGoesOnWhileThereIsWork(t *testing.T) {
	t.Parallel()
	const want = 20 * time.Millisecond
	clock, before := cputime.Start(), cputime.Process()
	defer clock.Stop()
	for start := time.Now(); clock.Elapsed() < want; {
		if time.Since(start) > time.Minute {
			t.Fatalf("the clock shows %v after a minute of work", clock.Elapsed())
		}
	}
	if got := cputime.Process() - before; got < want/2 {
		t.Errorf("the process has used %v, one of its goroutines alone %v", got, want)
	}
}

// What another goroutine reads is the clock's time, not its own.
func TestAnotherGoroutineMayLook(t *testing.T) {
	t.Parallel()
	looked := make(chan time.Duration)
	clock := cputime.Start()
	defer clock.Stop()
	go func() {
		for other := cputime.Start(); other.Elapsed() < 20*time.Millisecond; {
			continue // It works while the clock's goroutine waits.
		}
		looked <- clock.Elapsed()
	}()
	if got := <-looked; got > 10*time.Millisecond {
		t.Errorf("a clock whose goroutine has waited shows %v", got)
	}
}
