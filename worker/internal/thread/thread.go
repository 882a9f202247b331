// Package thread starts goroutines on threads of lower priority than those of the rest of the process, so that what takes long gives way to what
// should be quick: here, in Redis, and in whatever else the machine does.
package thread

import "runtime"

// Lower returns a function that starts goroutines in place of a go statement, each on a thread of its own that is so much nicer than the process is:
// 1…19, see nice(7). The thread ends with the goroutine, since a priority that has been lowered may not be raised again. Where the system does not
// lower it, the goroutine is one like all others.
func Lower(nice int) func(work func()) {
	return func(work func()) { go onThread(nice, work) }
}

// onThread does work on the goroutine's own thread. The first thread of a process cannot end, and stands for the process: it stays as it is.
func onThread(nice int, work func()) {
	runtime.LockOSThread()
	if isFirst() {
		begun := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(begun)
			onThread(nice, work)
		}()
		<-begun // until then this thread is taken
		runtime.UnlockOSThread()
		return
	}
	if !lower(nice) {
		runtime.UnlockOSThread()
	}
	work()
}

// Do does work on a goroutine that start has started, and waits for it. work must not panic.
func Do(start func(work func()), work func()) {
	done := make(chan struct{})
	start(func() {
		defer close(done)
		work()
	})
	<-done
}
