package heap_test

import (
	"runtime"
	"testing"

	"numbermill/shared/heap"
)

// TestSteady looks at what the whole process has, so nothing runs beside it.
func TestSteady(t *testing.T) { //nolint:paralleltest // see above
	t.Setenv("GOGC", "")
	next := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NextGC
	}
	before := next()
	release := heap.Steady()
	if with := next(); with < before+32<<20 {
		t.Errorf("the collector waits for a heap of %d bytes, %d without", with, before)
	}
	release()
	if after := next(); after > before+8<<20 {
		t.Errorf("once it is released the collector still waits for a heap of %d bytes, %d before", after, before)
	}
	t.Setenv("GOGC", "100")
	defer heap.Steady()()
	if with := next(); with > before+8<<20 {
		t.Errorf("with a GOGC the collector waits for a heap of %d bytes, %d without", with, before)
	}
}
