package verify

import (
	"errors"
	"io"
	"sync"
)

// soon is how many bytes are read before a goroutine for it is worth its start.
const soon = 1 << 20

// Follow has text take what write writes: of more than a megabyte, where there is more than one thread, on a goroutine of its own, so that write does
// not wait while it is read. The errors are those of both.
func Follow(text Text, threads int, write func(w io.Writer) error) error {
	return FollowOn(func(work func()) { go work() }, text, threads, write)
}

// FollowOn is Follow where start starts the goroutine, in place of a go statement.
func FollowOn(start func(work func()), text Text, threads int, write func(w io.Writer) error) error {
	if threads < 2 {
		return write(text)
	}
	a := &aside{text: text, begin: start}
	defer a.close() // also after a panic; the error comes from the other call
	return errors.Join(write(a), a.close())
}

// aside passes what is written to a Text, the beginning at once and the rest on a goroutine of its own.
type aside struct {
	text  Text
	begin func(work func())
	read  int // bytes at once

	full, free chan []byte
	ended      chan struct{} // nil before there is a goroutine
	err        error         // the Text's, once ended is closed
	once       sync.Once
}

// errEnded says that the Text takes no more; close tells why.
var errEnded = errors.New("the text has been refused")

func (a *aside) start() {
	const pieces = 3 // one that is read, and two that wait
	a.full, a.free, a.ended = make(chan []byte, pieces), make(chan []byte, pieces), make(chan struct{})
	for range pieces {
		a.free <- nil
	}
	a.begin(a.pass)
}

func (a *aside) pass() {
	defer close(a.ended)
	for piece := range a.full {
		if _, err := a.text.Write(piece); err != nil {
			a.err = err
			return
		}
		a.free <- piece
	}
}

// Write takes a copy of p. It fails once the Text has failed.
func (a *aside) Write(p []byte) (int, error) {
	if a.read < soon {
		a.read += len(p)
		return a.text.Write(p)
	}
	if a.ended == nil {
		a.start()
	}
	select {
	case piece := <-a.free:
		a.full <- append(piece[:0], p...) // There is room for every piece, so this does not wait.
		return len(p), nil
	case <-a.ended:
		return 0, errEnded
	}
}

// close waits until the Text has read everything, and returns the error upon which its goroutine ended. Only the first call counts.
func (a *aside) close() error {
	if a.ended == nil {
		return nil
	}
	a.once.Do(func() { close(a.full) })
	<-a.ended
	return a.err
}
