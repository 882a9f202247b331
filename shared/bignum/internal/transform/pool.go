package transform

import "sync"

// pool keeps scratch memory for the next product. The zero pool is ready to use.
type pool struct {
	mu   sync.Mutex
	free [][]float64
}

// take returns n values of any kind, in the smallest piece that is large enough and at most half empty, or else in a new one.
func (p *pool) take(n int) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := -1
	for i, x := range p.free {
		if cap(x) >= n && cap(x) <= 2*n && (found < 0 || cap(x) < cap(p.free[found])) {
			found = i
		}
	}
	if found < 0 {
		p.shrink(n)
		return make([]float64, n)
	}
	last := len(p.free) - 1
	x := p.free[found]
	p.free[found], p.free[last] = p.free[last], nil
	p.free = p.free[:last]
	return x[:n]
}

// shrink forgets a piece that is too small to be of use again where numbers grow.
func (p *pool) shrink(n int) {
	for i, x := range p.free {
		if 2*cap(x) <= n {
			last := len(p.free) - 1
			p.free[i], p.free[last] = p.free[last], nil
			p.free = p.free[:last]
			return
		}
	}
}

func (p *pool) give(pieces [][]float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, pieces...)
}
