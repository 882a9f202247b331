// Package processors has a process that mostly does tiny things get by with few processors. What takes microseconds is then done by one thread after
// the other thing, and not handed from thread to thread, each of which has to be woken: that costs more than it takes. What computes for longer says
// so, and gets all of them for as long as it lasts.
package processors

import (
	"os"
	"runtime"
	"sync"
	"time"
)

// linger is how long all processors stay in use when the last of what computes for longer has ended: to change their number stops the process for
// some microseconds.
const linger = time.Second

// process is this process: there is but one GOMAXPROCS.
var process = share{set: func(n int) { runtime.GOMAXPROCS(n) }}

// ButOne is all processors that the process uses now but one, which is Redis's: every tiny thing needs that too.
func ButOne() int { return max(1, runtime.GOMAXPROCS(0)-1) }

// Spare has the process use so few processors from now on, and as many as it uses now only while something computes for longer. It is for a program's
// main. A number that GOMAXPROCS sets stands.
func Spare(few int) {
	if os.Getenv("GOMAXPROCS") == "" {
		process.spare(few, runtime.GOMAXPROCS(0))
	}
}

// All lets the process use all its processors until done is called, for what computes for milliseconds at least. It is safe for concurrent use, and does
// nothing where none are spared.
func All() (done func()) { return process.begin() }

// share is how many processors are in use.
type share struct {
	set func(n int)

	mu       sync.Mutex
	few, all int         // all is 0 while none are spared
	busy     int         // how many compute for longer
	resting  *time.Timer // until only few are used
	sparing  bool        // whether only few are
}

// spare has few of all processors used while nothing is busy.
func (s *share) spare(few, all int) {
	if few >= all {
		return
	}
	s.mu.Lock()
	s.few, s.all = few, all
	s.resting = time.AfterFunc(linger, s.rest)
	s.mu.Unlock()
	s.rest()
}

// begin has all of them used until done is called.
func (s *share) begin() (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == 0 {
		return func() {}
	}
	s.busy++
	if s.sparing {
		s.sparing = false
		s.set(s.all)
	}
	return sync.OnceFunc(s.end)
}

func (s *share) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	if s.busy == 0 {
		s.resting.Reset(linger)
	}
}

// rest has few of them used again, unless something is busy.
func (s *share) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy == 0 && !s.sparing {
		s.sparing = true
		s.set(s.few)
	}
}
