package transform

import (
	"context"
	"slices"
	"sync"
)

// Make returns n zeros. To clear gigabytes takes long; if the context ends meanwhile, Make does not wait for it.
func Make(ctx context.Context, n int) ([]uint64, error) {
	const long = 1 << 22
	if n < long {
		return advised(make([]uint64, n)), nil
	}
	made := make(chan []uint64, 1)
	go func() { made <- make([]uint64, n) }()
	select {
	case x := <-made:
		return advised(x), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pool hands out memory for operands and tables, and keeps what comes back for the next product. The zero pool is ready to use.
type pool struct {
	mu     sync.Mutex
	free   [][]float64
	mapped [][]float64 // all that is not on the heap
}

// take returns n values of any kind, in the smallest piece that is large enough, or else in a new one. A new one takes the place of one that was too
// small: numbers grow.
func (p *pool) take(n int) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := -1
	for i, x := range p.free {
		if cap(x) >= n && (found < 0 || cap(x) < cap(p.free[found])) {
			found = i
		}
	}
	if found >= 0 {
		x := p.free[found]
		p.free = slices.Delete(p.free, found, found+1)
		return x[:n]
	}
	if len(p.free) > 0 {
		p.discard(p.free[0])
		p.free = slices.Delete(p.free, 0, 1)
	}
	return p.more(n)
}

// more returns n values that are not in the pool.
func (p *pool) more(n int) []float64 {
	const short = 1 << 15 // 256 KiB: a few such are better off with small pages, on the heap
	if n > short {
		if x := mapped(n); x != nil {
			p.mapped = append(p.mapped, x)
			return x
		}
	}
	return make([]float64, n)
}

// discard gives memory back to the system, if it is the system's.
func (p *pool) discard(x []float64) {
	for i, y := range p.mapped {
		if &x[:1][0] == &y[0] {
			p.mapped = slices.Delete(p.mapped, i, i+1)
			release(y)
			return
		}
	}
}

func (p *pool) give(x []float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, x)
}

// close gives all memory back to the system, also what has been taken.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.mapped {
		release(x)
	}
	p.free, p.mapped = nil, nil
}
