package app_test

import (
	"math"
	"runtime/debug"
	"testing"

	"numbermill/worker/app"
)

// It changes the whole process, so nothing may run beside it.
func TestBoundHeap(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	app.BoundHeap(1 << 30)
	if got := debug.SetMemoryLimit(-1); got < 1<<30 || got > 2<<30 {
		t.Errorf("got a limit of %d bytes, want a gigabyte and a little", got)
	}
	app.BoundHeap(1 << 40)
	if got := debug.SetMemoryLimit(-1); got > 2<<30 {
		t.Errorf("got a limit of %d bytes, want that which stood", got)
	}
	debug.SetMemoryLimit(math.MaxInt64)
	app.BoundHeap(0)
	if got := debug.SetMemoryLimit(-1); got == math.MaxInt64 {
		t.Error("there is no limit by default")
	}
	debug.SetMemoryLimit(math.MaxInt64)
	app.BoundHeap(math.MaxInt64)
}
