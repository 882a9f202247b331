package transform

import (
	"sync"
	"sync/atomic"
)

// A block with the index b stands for the remainder modulo t^m − W[b]²: it is split into those modulo t^(m/2) − W[b] and t^(m/2) + W[b], which have
// the indexes 2b and 2b+1. So W[2b]² = W[b] and W[2b+1] = i·W[2b], with W[0] = 1 and W[1] = i, on every level alike: W[b] is the product
// of roots[k] over the binary digits 2^k of b. A transform of length n uses W[0…n/2−1]
// and, for its inverses, what is up to the next power of two.
//
// Between two powers of two the inverses stand in the same table, mirrored and negated: 1/W[b] = −W[3·2^k−1−b] for 2^k ≤ b < 2^(k+1).
// A short table of its own serves the blocks with the index 0, which reach across all powers of two.

// mirror says where an inverse kernel finds its twiddles: of its i-th block they are W[w−i], and W[v−2i] and W[v−2i−1] of its halves.
type mirror struct{ w, v int }

// table holds the twiddles of one prime. It grows; a slice that has been handed out stays as it is.
type table struct {
	mu      sync.Mutex
	forward atomic.Pointer[[]float64]
	inverse atomic.Pointer[[]float64] // of leafMax/2, reversed and negated
}

// get returns the twiddles for a transform of that length. When the context of r ends meanwhile, they are worthless.
func (t *table) get(r *Run, points int, k *kernels, c *prime) []float64 {
	n := tableLength(points)
	if w := t.forward.Load(); w != nil && len(*w) >= n {
		return *w
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var old []float64
	if w := t.forward.Load(); w != nil {
		if old = *w; len(old) >= n {
			return old
		}
	}
	w := grow(r, old, n, k, c)
	if w == nil || r.stopped() {
		return w
	}
	t.forward.Store(&w)
	if t.inverse.Load() == nil {
		v := invert(w[:leafMax/2])
		t.inverse.Store(&v)
	}
	return w
}

// makeTables sees to it that there are twiddles for a transform of that length.
func (m *Multiplier) makeTables(r *Run, points int) error {
	if w := m.tables[primeCount-1].forward.Load(); w != nil && len(*w) >= tableLength(points) {
		return nil
	}
	return r.silent().Each(primeCount, primeCount*float64(points), func(i int) {
		m.tables[i].get(r, points, m.kernels, &primes[i])
	})
}

// tableLength is how many twiddles stand in the table for a transform of that length.
func tableLength(points int) int {
	n := leafMax / 2
	for n < points/2 {
		n *= 2
	}
	return n
}

// grow returns W[0…n−1], n a power of two, given its beginning.
func grow(r *Run, old []float64, n int, k *kernels, c *prime) []float64 {
	w, err := Make[float64](r.Context, n)
	if err != nil {
		return nil
	}
	done := copy(w, old)
	if done == 0 {
		w[0], done = 1, 1
	}
	for level := range c.roots {
		low, high := 1<<level, min(2<<level, n)
		for start := max(done, low); start < high && !r.stopped(); start += maxKernel {
			end := min(start+maxKernel, high)
			if end-start < kernelStep {
				portableScale(w[start:end], w[start-low:end-low], c.roots[level], c)
			} else {
				k.scale(w[start:end], w[start-low:end-low], c.roots[level], c)
			}
		}
	}
	return w
}

// invert returns the negated inverses of w in reverse order.
func invert(w []float64) []float64 {
	v := make([]float64, len(w))
	v[len(w)-1] = -1
	for low := 1; low < len(w); low *= 2 {
		for b := low; b < min(2*low, len(w)); b++ {
			v[len(w)-1-b] = w[3*low-1-b]
		}
	}
	return v
}

// inverses returns the table and the place where the inverse kernels find the twiddles for blocks from index b on. All these blocks
// must lie below the same power of two, or b be 0 and their number at most leafMax/4.
func (t *table) inverses(w []float64, b int) ([]float64, mirror) {
	if b == 0 {
		v := *t.inverse.Load()
		return v, mirror{len(v) - 1, len(v) - 1}
	}
	low := 1
	for 2*low <= b {
		low *= 2
	}
	m := 3*low - 1 - b
	return w, mirror{m, 2*m + 1}
}
