// Package cputime tells how much processor time this process and its threads have used. Where the system does not tell, elapsed time
// stands for it.
package cputime

import (
	"runtime"
	"time"
)

var begun = time.Now()

// elapsed stands for processor time where that cannot be told.
func elapsed() time.Duration { return time.Since(begun) }

// Process is what all threads of this process have used by now.
func Process() time.Duration { return process() }

// Clock measures the processor time of one goroutine, which it ties to its thread.
type Clock struct {
	thread int
	from   time.Duration
}

// Start starts a clock of the calling goroutine, which must Stop it.
func Start() *Clock {
	runtime.LockOSThread()
	thread := current()
	return &Clock{thread, used(thread)}
}

// Elapsed is what the goroutine has used since Start. Any goroutine may ask until it is stopped.
func (c *Clock) Elapsed() time.Duration { return used(c.thread) - c.from }

// Stop sets the goroutine that has called Start, and calls Stop, free again.
func (*Clock) Stop() { runtime.UnlockOSThread() }
