// Package memory shares out a worker's memory among its computations, so that together they never take more than there is.
package memory

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrTooLarge says that more was asked for than there is, however long one waits.
var ErrTooLarge = errors.New("it needs more memory than the worker has for all computations together")

// Budget is an amount of memory. Who asks for more than is free waits. Nobody waits for ever: one who waits is overtaken only for as long as
// those who asked before, and have not given back, leave too little for it anyway. It is safe for concurrent use.
type Budget struct {
	total int64

	mu      sync.Mutex
	tickets int64
	holders map[int64]int64 // bytes by ticket
	waiting []*request      // by ticket
}

// request is somebody who waits.
type request struct {
	ticket, bytes int64
	granted       chan struct{} // closed when it has what it wants
}

// NewBudget returns a Budget of so many bytes.
func NewBudget(bytes int64) *Budget { return &Budget{total: bytes, holders: map[int64]int64{}} }

// Total is how much there is, in bytes.
func (b *Budget) Total() int64 { return b.total }

// Take waits until so many bytes are free, and takes them; giveBack must be called, once. It fails with ErrTooLarge at once, or with the
// cause of the context's end.
func (b *Budget) Take(ctx context.Context, bytes int64) (giveBack func(), err error) {
	if bytes > b.total {
		return nil, ErrTooLarge
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r := b.ask(bytes)
	select {
	case <-r.granted:
		return func() { b.leave(r) }, nil
	case <-ctx.Done():
		b.leave(r)
		return nil, context.Cause(ctx)
	}
}

// TakeFree is Take if so many bytes are free and nobody waits.
func (b *Budget) TakeFree(bytes int64) (giveBack func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) > 0 || b.held(b.tickets+1)+bytes > b.total {
		return nil, false
	}
	b.tickets++
	r := &request{ticket: b.tickets}
	b.holders[r.ticket] = bytes
	return func() { b.leave(r) }, true
}

// Waiting is how many wait.
func (b *Budget) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

func (b *Budget) ask(bytes int64) *request {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tickets++
	r := &request{ticket: b.tickets, bytes: bytes, granted: make(chan struct{})}
	b.waiting = append(b.waiting, r)
	b.grant()
	return r
}

// leave gives back what r has, or ends its waiting.
func (b *Budget) leave(r *request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.holders, r.ticket)
	b.waiting = slices.DeleteFunc(b.waiting, func(w *request) bool { return w == r })
	b.grant()
}

// grant gives to everybody who can have what it wants.
func (b *Budget) grant() {
	var left []*request
	delayed := false // whether somebody still waits to whom only those who asked later leave too little
	for _, r := range b.waiting {
		if delayed || b.held(b.tickets+1)+r.bytes > b.total {
			left = append(left, r)
			delayed = delayed || b.held(r.ticket)+r.bytes <= b.total
			continue
		}
		b.holders[r.ticket] = r.bytes
		close(r.granted)
	}
	b.waiting = left
}

// held is what those hold who asked before the ticket was drawn.
func (b *Budget) held(ticket int64) int64 {
	sum := int64(0)
	for t, bytes := range b.holders {
		if t < ticket {
			sum += bytes
		}
	}
	return sum
}
