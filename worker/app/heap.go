package app

import (
	"math"
	"runtime/debug"

	"numbermill/worker/internal/memory"
)

// heapBesides is what a process needs besides its computations, in bytes.
const heapBesides = 64 << 20

// BoundHeap has the garbage collector work harder rather than let the heap of this process outgrow so much memory for computations, which
// are 60 % of what there is if 0. It is for a program's main: it changes the whole process. A limit that GOMEMLIMIT sets stands.
func BoundHeap(bytes int64) {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return
	}
	if bytes <= 0 {
		bytes = memory.Default()
	}
	debug.SetMemoryLimit(min(bytes, math.MaxInt64-heapBesides) + heapBesides)
}
