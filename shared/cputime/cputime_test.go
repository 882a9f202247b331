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
