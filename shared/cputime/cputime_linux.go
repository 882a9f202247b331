package cputime

import (
	"time"

	"golang.org/x/sys/unix"
)

// The clocks of getrusage(2) would do as well, but they move only every few milliseconds.

func process() time.Duration { return read(unix.CLOCK_PROCESS_CPUTIME_ID) }

// current names the calling thread.
func current() int { return unix.Gettid() }

// used is the time of a thread of this process. The number of its clock is that which pthread_getcpuclockid(3) makes of the thread's.
func used(thread int) time.Duration {
	const perThread, scheduler = 4, 2
	return read(int32(^thread<<3 | perThread | scheduler)) //nolint:gosec // a thread's number has 22 bits
}

func read(clock int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		return elapsed()
	}
	return time.Duration(t.Nano())
}
