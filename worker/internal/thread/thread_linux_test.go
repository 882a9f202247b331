package thread_test

import (
	"syscall"
	"testing"

	"numbermill/worker/internal/thread"
)

func nice(t *testing.T, id int) int {
	t.Helper()
	n, err := thread.Nice(id)
	if err != nil {
		t.Error(err)
	}
	return n
}

// TestLower sees that work runs on a nicer thread, which nobody else gets after it.
func TestLower(t *testing.T) {
	t.Parallel()
	process := nice(t, syscall.Getpid())
	for range 50 {
		var got int
		thread.Do(thread.Lower(3), func() { got = nice(t, syscall.Gettid()) })
		if want := min(process+3, 19); got != want {
			t.Fatalf("the thread is nice by %d, want %d", got, want)
		}
		thread.Do(func(work func()) { go work() }, func() { got = nice(t, syscall.Gettid()) })
		if got != process {
			t.Fatalf("the thread of another goroutine is nice by %d, want %d", got, process)
		}
	}
}
