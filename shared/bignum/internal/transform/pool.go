package transform

import (
	"context"
	"slices"
	"sync"
)

// Make returns n zeros. To clear gigabytes takes long; if the context ends meanwhile, Make does not wait for it. start starts a goroutine; nil does it by
// a go statement.
func Make(ctx context.Context, n int, start func(work func())) ([]uint64, error) {
	const long = 1 << 22
	if n < long {
		return advised(make([]uint64, n)), nil
	}
	made := make(chan []uint64, 1)
	begin(start, func() { made <- make([]uint64, n) })
	select {
	case x := <-made:
		return advised(x), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pool hands out memory for operands and tables, and keeps what comes back for the next product. The zero pool is ready to use.
type pool struct {
	mu      sync.Mutex
	regions []*region
}

// region is a piece of memory of which several products may have parts. It is given away from its beginning, where it has been touched before.
type region struct {
	values []float64
	mapped bool   // not on the heap
	taken  []span // in order
}

type span struct{ start, end int }

// take returns n values of any kind, from a region that has room for them, or else from a new one. A new one takes the place of those that were too
// small: numbers grow.
func (p *pool) take(n int) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.regions {
		if x := r.take(n); x != nil {
			return x
		}
	}
	p.regions = slices.DeleteFunc(p.regions, func(r *region) bool {
		small := len(r.taken) == 0
		if small {
			r.discard()
		}
		return small
	})
	return p.add(max(n, shortest)).take(n)
}

// apart returns n values in a region of their own, which are never given back.
func (p *pool) apart(n int) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.add(n).take(n)
}

// give takes back what take has returned.
func (p *pool) give(x []float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.regions {
		for i, s := range r.taken {
			if &r.values[s.start] == &x[0] {
				r.taken = slices.Delete(r.taken, i, i+1)
				return
			}
		}
	}
	panic("transform: memory that the pool does not know")
}

// close gives all memory back to the system, also what has been taken.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.regions {
		r.discard()
	}
	p.regions = nil
}

const (
	shortest = 1 << 13 // values in a region
	heapMost = 1 << 15 // values, 256 KiB: so few are better off on the heap, in small pages
)

// add returns a new region.
func (p *pool) add(n int) *region {
	r := new(region)
	if n > heapMost {
		r.values = mapped(n)
	}
	if r.mapped = r.values != nil; !r.mapped {
		r.values = make([]float64, n)
	}
	p.regions = append(p.regions, r)
	return r
}

// take returns the first n values that are free, or nil.
func (r *region) take(n int) []float64 {
	start := 0
	for i := 0; ; i++ {
		end := len(r.values)
		if i < len(r.taken) {
			end = r.taken[i].start
		}
		if end-start >= n {
			r.taken = slices.Insert(r.taken, i, span{start, start + n})
			return r.values[start : start+n : start+n]
		}
		if i == len(r.taken) {
			return nil
		}
		start = r.taken[i].end
	}
}

// discard gives the memory back to the system, if it is the system's.
func (r *region) discard() {
	if r.mapped {
		release(r.values)
	}
}
