// Package heap gives the garbage collector of a process that answers many small requests something to rest on. Such a process keeps a few
// megabytes alive and makes many more of garbage, so that the collector, which by default lets the heap double, runs several times a second.
package heap

import (
	"os"
	"runtime"
)

// ballast is how much is set aside, in bytes. With it the collector lets three times as much garbage come together as an idle process keeps
// alive; a process whose computations keep hundreds of megabytes hardly notices, unlike one with another GOGC, which would need a multiple of that.
const ballast = 24 << 20

// Steady sets memory aside that nobody touches, so that the system gives none for it, until release is called; the collector takes it for part
// of the heap and waits for as much garbage again. Where GOGC says how hard to collect, it does nothing.
func Steady() (release func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	untouched := make([]byte, ballast)
	return func() { runtime.KeepAlive(untouched) }
}
