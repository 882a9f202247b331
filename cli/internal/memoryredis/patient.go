package memoryredis

import (
	"net"
	"sync"
)

// patient is a connection whose Write never waits. miniredis answers each command before it reads the next, and a client sends a
// whole pipeline before it reads the first answer: with any limit to what is under way, both would wait for ever. What is held
// back is bounded by what the client asks for in one pipeline.
type patient struct {
	net.Conn

	mu      sync.Mutex
	changed sync.Cond // waiting or closed
	waiting []byte
	closed  bool
}

func newPatient(c net.Conn) *patient {
	p := &patient{Conn: c}
	p.changed.L = &p.mu
	go p.deliver()
	return p
}

// Write keeps b to be delivered.
func (p *patient) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, net.ErrClosed
	}
	p.waiting = append(p.waiting, b...)
	p.changed.Signal()
	return len(b), nil
}

// Close ends the connection, with what was not delivered yet.
func (p *patient) Close() error {
	p.mu.Lock()
	p.closed = true
	p.changed.Signal()
	p.mu.Unlock()
	return p.Conn.Close()
}

// deliver writes what is waiting until the connection is closed from either side.
func (p *patient) deliver() {
	for {
		p.mu.Lock()
		for len(p.waiting) == 0 && !p.closed {
			p.changed.Wait()
		}
		b, closed := p.waiting, p.closed
		p.waiting = nil
		p.mu.Unlock()
		if closed {
			return
		}
		if _, err := p.Conn.Write(b); err != nil {
			_ = p.Close() // the other side is gone
			return
		}
	}
}
