// Package withdrawal hears the signal by which an operator takes a process out of service before it is stopped: SIGUSR1, where there is
// such a signal. The process then says that it is not ready, so that a balancer sends requests elsewhere, and goes on serving.
package withdrawal

import (
	"os"
	"os/signal"
)

// On calls do when the signal comes, each time, until stop is called. Stop waits for a call under way.
func On(do func()) (stop func()) {
	if len(signals) == 0 {
		return func() {}
	}
	heard, done, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(heard, signals...)
	go func() {
		defer close(ended)
		for {
			select {
			case <-heard:
				do()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(heard)
		close(done)
		<-ended
	}
}
