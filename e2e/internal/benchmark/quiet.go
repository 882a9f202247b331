package benchmark

import (
	"context"
	"time"
)

// How quiet a machine has to be: what others use of all processors, and over how long that is looked at.
const (
	quietShare = 0.1
	quietFor   = 500 * time.Millisecond
)

// AwaitQuiet waits until next to nothing else runs on the machine, or until the limit. It reports whether that is so; where the system does not
// tell it is at once. Nothing of what is measured may be at work meanwhile.
func AwaitQuiet(ctx context.Context, limit time.Duration) bool {
	end := time.Now().Add(limit)
	for {
		before := parseTicks(readText("/proc/stat"))
		look := time.NewTimer(quietFor)
		select {
		case <-look.C:
		case <-ctx.Done():
			look.Stop()
			return false
		}
		if isQuiet(before, parseTicks(readText("/proc/stat"))) {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

func isQuiet(before, after ticks) bool {
	all := after.all - before.all
	return all <= 0 || (after.used-before.used+after.stolen-before.stolen)/all < quietShare
}
