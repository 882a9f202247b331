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

// table holds the twiddles of all primes for transforms up to a length.
type table struct {
	points  int
	forward [primeCount][]float64
	inverse [primeCount][]float64 // of leafMax/2, reversed and negated
}

// tables holds the longest table so far. What has been handed out stays as it is.
type tables struct {
	mu      sync.Mutex
	longest atomic.Pointer[table]
}

// get returns a table for a transform of that length, or the context's error.
func (t *tables) get(r *Run, n length, k *kernels, memory *pool) (*table, error) {
	if long := t.longest.Load(); long != nil && long.points >= n.points() {
		return long, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.longest.Load()
	if old != nil && old.points >= n.points() {
		return old, nil
	}
	made, err := newTable(r, n, old, k, memory)
	if err == nil {
		t.longest.Store(made)
	}
	return made, err
}

// newTable makes a table, given a shorter one or nil.
func newTable(r *Run, n length, old *table, k *kernels, memory *pool) (*table, error) {
	size := tableLength(n.points())
	made := &table{points: n.points()}
	all := memory.more(primeCount * size)
	err := r.Each(primeCount, tableWork*float64(primeCount*size), func(i int) {
		w, from := all[i*size:][:size:size], []float64{1}
		if old != nil {
			from = old.forward[i][:fullLength(old.points)]
		}
		fillTable(r, w, copy(w, from), n.points(), k, &primes[i])
		made.forward[i], made.inverse[i] = w, invert(w[:leafMax/2])
	})
	return made, err
}

// tableLength is how many twiddles a table has for a transform of that length, the next power of two.
func tableLength(points int) int {
	n := leafMax / 2
	for n < points/2 {
		n *= 2
	}
	return n
}

// fullLength is how many twiddles at its beginning a table of that length has: a transform of length 5·2^k needs but a quarter of what lies between the
// last two powers of two, and as much for the inverses.
func fullLength(points int) int {
	if n := tableLength(points); points/2 > n/8*5 || n == leafMax/2 {
		return n
	}
	return tableLength(points) / 2
}

// fillTable computes all twiddles that a transform of that length needs, given the first ones. It gives up when the context ends.
func fillTable(r *Run, w []float64, done, points int, k *kernels, c *prime) {
	for level := range c.roots {
		low := 1 << level
		if low >= len(w) {
			return
		}
		high := 2 * low
		if high <= fullLength(points) {
			fillTwiddles(r, w, max(done, low), high, level, k, c)
		} else {
			fillTwiddles(r, w, low, low/4*5, level, k, c)
			fillTwiddles(r, w, low/4*7, high, level, k, c)
		}
	}
}

// fillTwiddles computes W[low…high−1], which lie between 2^level and 2^(level+1).
func fillTwiddles(r *Run, w []float64, low, high, level int, k *kernels, c *prime) {
	for start := low; start < high && !r.stopped(); start += maxKernel {
		end := min(start+maxKernel, high)
		src := w[start-1<<level : end-1<<level]
		if len(src) < kernelStep {
			portableScale(w[start:end], src, c.roots[level], c)
		} else {
			k.scale(w[start:end], src, c.roots[level], c)
		}
	}
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

// inverses returns the table modulo one prime and the place where the inverse kernels find the twiddles for blocks from index b on. All these blocks
// must lie below the same power of two, or b be 0 and their number at most leafMax/4.
func (t *table) inverses(prime, b int) ([]float64, mirror) {
	if b == 0 {
		v := t.inverse[prime]
		return v, mirror{len(v) - 1, len(v) - 1}
	}
	low := 1
	for 2*low <= b {
		low *= 2
	}
	m := 3*low - 1 - b
	return t.forward[prime], mirror{m, 2*m + 1}
}
