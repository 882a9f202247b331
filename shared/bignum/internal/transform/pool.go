package transform

import (
	"context"
	"sync"
)

// Make returns n zeros. To clear gigabytes takes long; if the context ends meanwhile, Make does not wait for it.
func Make[T uint64 | float64](ctx context.Context, n int) ([]T, error) {
	const long = 1 << 22
	if n < long {
		return advised(make([]T, n)), nil
	}
	made := make(chan []T, 1)
	go func() { made <- make([]T, n) }()
	select {
	case x := <-made:
		return advised(x), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pool keeps scratch memory for the next product. The zero pool is ready to use.
type pool struct {
	mu   sync.Mutex
	free [][]float64
}

// take returns n values of any kind, in the smallest piece that is large enough, or else in a new one. A new one takes the place of one that was too
// small: numbers grow.
func (p *pool) take(ctx context.Context, n int) ([]float64, error) {
	p.mu.Lock()
	found := -1
	for i, x := range p.free {
		if cap(x) >= n && (found < 0 || cap(x) < cap(p.free[found])) {
			found = i
		}
	}
	var x []float64
	if found >= 0 {
		x = p.free[found]
	}
	if last := len(p.free) - 1; last >= 0 {
		p.free[max(found, 0)], p.free[last] = p.free[last], nil
		p.free = p.free[:last]
	}
	p.mu.Unlock()
	if x == nil {
		return Make[float64](ctx, n)
	}
	return x[:n], nil
}

func (p *pool) give(x []float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, x)
}
