package compute

import (
	"syscall"
	"time"
)

// clock tells how long each phase of a computation takes.
type clock struct {
	wall time.Time
	cpu  time.Duration
}

func startClock() clock { return clock{time.Now(), processorTime()} }

// lap returns the time in milliseconds since the clock was started or lap was called, elapsed and of the processors.
func (c *clock) lap() (wall, cpu float64) {
	now := startClock()
	wall, cpu = milliseconds(now.wall.Sub(c.wall)), milliseconds(now.cpu-c.cpu)
	*c = now
	return wall, cpu
}

// milliseconds keeps thousandths: small numbers take less than a millisecond.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// processorTime is what all threads of this process have used together, in the kernel too; 0 where the system does not tell.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
