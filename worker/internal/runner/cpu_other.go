//go:build !linux

package runner

import "time"

// cpuClock measures elapsed time where the CPU time of one thread cannot be told: an attempt computes without a pause.
type cpuClock struct{ from time.Time }

func startCPUClock() *cpuClock { return &cpuClock{time.Now()} }

func (c *cpuClock) elapsed() time.Duration { return time.Since(c.from) }

func (*cpuClock) stop() {}
