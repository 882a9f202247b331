package verify

import (
	"errors"
	"io"
	"sync"
)

// Follow has text take what write writes: where there is more than one thread on a goroutine of its own, so that write does not wait while it is read.
// The errors are those of both.
func Follow(text Text, threads int, write func(w io.Writer) error) error {
	if threads < 2 {
		return write(text)
	}
	a := newAside(text)
	defer a.close() // also after a panic; the error comes from the other call
	return errors.Join(write(a), a.close())
}

// aside passes what is written to a Text on a goroutine of its own.
type aside struct {
	full, free chan []byte
	ended      chan struct{}
	err        error // the Text's, once ended is closed
	once       sync.Once
}

// errEnded says that the Text takes no more; close tells why.
var errEnded = errors.New("the text has been refused")

func newAside(text Text) *aside {
	const pieces = 3 // one that is read, and two that wait
	a := &aside{full: make(chan []byte, pieces), free: make(chan []byte, pieces), ended: make(chan struct{})}
	for range pieces {
		a.free <- nil
	}
	go a.pass(text)
	return a
}

func (a *aside) pass(text Text) {
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
func (a *aside) Write(p []byte) (int, error) {
	select {
	case piece := <-a.free:
		a.full <- append(piece[:0], p...) // There is room for every piece, so this does not wait.
		return len(p), nil
	case <-a.ended:
		return 0, errEnded
	}
}

// close waits until the Text has read everything, and returns the error upon which it refused to go on. Only the first call counts.
func (a *aside) close() error {
	a.once.Do(func() { close(a.full) })
	<-a.ended
	return a.err
}
