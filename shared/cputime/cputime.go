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
type Clock struct{ from time.Duration }

// Start starts a clock of the calling goroutine, which must Stop it.
func Start() *Clock {
	runtime.LockOSThread()
	return &Clock{thread()}
}

// Elapsed is what the goroutine has used since Start. It must be called on that goroutine, before Stop.
func (c *Clock) Elapsed() time.Duration { return thread() - c.from }

// Stop sets the goroutine free again.
func (*Clock) Stop() { runtime.UnlockOSThread() }
