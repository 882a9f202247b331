package runner

import (
	"runtime"
	"syscall"
	"time"
)

// rusageThread asks for the calling thread only (RUSAGE_THREAD of getrusage(2)).
const rusageThread = 1

// cpuClock measures the CPU time of the goroutine that started it, by tying it to its thread.
type cpuClock struct{ from time.Duration }

func startCPUClock() *cpuClock {
	runtime.LockOSThread()
	return &cpuClock{threadCPU()}
}

func (c *cpuClock) elapsed() time.Duration { return threadCPU() - c.from }

func (*cpuClock) stop() { runtime.UnlockOSThread() }

func threadCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(rusageThread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
