package verify

import (
	"errors"
	"sync"
)

// Aside passes what is written to a Text on a goroutine of its own, so that whoever writes does not wait while it is read. It must be closed before the
// Text is asked for anything.
type Aside struct {
	full, free chan []byte
	ended      chan struct{}
	err        error // the Text's, once ended is closed
	once       sync.Once
}

// errEnded says that the Text takes no more; Close tells why.
var errEnded = errors.New("the text has been refused")

// NewAside begins to pass what is written to text.
func NewAside(text Text) *Aside {
	const pieces = 3 // one that is read, and two that wait
	a := &Aside{full: make(chan []byte, pieces), free: make(chan []byte, pieces), ended: make(chan struct{})}
	for range pieces {
		a.free <- nil
	}
	go a.pass(text)
	return a
}

func (a *Aside) pass(text Text) {
	defer close(a.ended)
	for piece := range a.full {
		if _, err := text.Write(piece); err != nil {
			a.err = err
			return
		}
		a.free <- piece
	}
}

// Write takes a copy of p. It fails once the Text has failed.
func (a *Aside) Write(p []byte) (int, error) {
	select {
	case piece := <-a.free:
		a.full <- append(piece[:0], p...) // There is room for every piece, so this does not wait.
		return len(p), nil
	case <-a.ended:
		return 0, errEnded
	}
}

// Close waits until the Text has read everything, and returns the error upon which it refused to go on. Only the first call counts.
func (a *Aside) Close() error {
	a.once.Do(func() { close(a.full) })
	<-a.ended
	return a.err
}
