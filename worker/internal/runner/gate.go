package runner

import (
	"context"
	"slices"
	"sync"
)

// gate lets deliveries in, side by side, or one alone. Once one wants to be alone no others get in: those inside leave one by one, and it has the
// place to itself, or those that want the same have it one after the other. The zero gate is open.
type gate struct {
	mu     sync.Mutex
	inside int  // side by side
	alone  bool // one is inside, alone
	line   []chan struct{}
}

// enter lets a delivery in, unless one is alone inside or waits to be. It must leave.
func (g *gate) enter() (leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.alone || len(g.line) > 0 {
		return nil, false
	}
	g.inside++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.inside--
		g.next()
	}), true
}

// isOpen tells whether enter would let somebody in.
func (g *gate) isOpen() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.alone && len(g.line) == 0
}

// enterAlone waits until nobody is inside, and lets a delivery in. It must leave. closed is called when no others get in any more. The error is the
// cause of the context's end.
func (g *gate) enterAlone(ctx context.Context, closed func()) (leave func(), err error) {
	turn := make(chan struct{})
	g.mu.Lock()
	g.line = append(g.line, turn)
	g.next()
	g.mu.Unlock()
	closed()
	select {
	case <-turn:
		return sync.OnceFunc(func() { g.leaveAlone(turn) }), nil
	case <-ctx.Done():
		g.leaveAlone(turn)
		return nil, context.Cause(ctx)
	}
}

// leaveAlone ends a turn, or the wait for it.
func (g *gate) leaveAlone(turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.line, turn); i >= 0 {
		g.line = slices.Delete(g.line, i, i+1)
	} else {
		g.alone = false
	}
	g.next()
}

// next lets in the first that waits to be alone, if the place is empty.
func (g *gate) next() {
	if g.inside == 0 && !g.alone && len(g.line) > 0 {
		g.alone = true
		close(g.line[0])
		g.line = g.line[1:]
	}
}
