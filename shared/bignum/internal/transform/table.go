package transform

import (
	"math/bits"
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

// tables holds the longest table so far. It grows when a longer one is asked for: in its place, if there is room. What has been handed out stays as it is.
type tables struct {
	mu      sync.Mutex
	longest atomic.Pointer[table]
	room    [primeCount][]float64
}

// reserve makes room for the tables of transforms up to that length. Nothing of it is touched yet.
func (t *tables) reserve(n length, memory *pool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if size := tableLength(n.points()); len(t.room[0]) < size {
		all := memory.apart(primeCount * size)
		for i := range t.room {
			t.room[i] = all[i*size:][:size:size]
		}
	}
}

// get returns a table for a transform of that length, or the context's error.
func (t *tables) get(r *Run, n length, k *kernels, memory *pool) (*table, error) {
	if long := t.longest.Load(); long != nil && long.points >= n.points() {
		return long, nil
	}
	t.reserve(n, memory)
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.longest.Load()
	if old != nil && old.points >= n.points() {
		return old, nil
	}
	made := &table{n.points(), t.room, [primeCount][]float64{}}
	if err := made.fill(r, old, k); err != nil {
		return nil, err
	}
	t.longest.Store(made)
	return made, nil
}

// forget is for when the memory has gone.
func (t *tables) forget() {
	t.longest.Store(nil)
	t.room = [primeCount][]float64{}
}

// fill computes the twiddles, given a shorter table or nil. A level, which is made of all those below it, is cut into tasks. What is there already is not
// written again: others may be reading it.
func (t *table) fill(r *Run, old *table, k *kernels) error {
	switch {
	case old == nil:
		old = new(table) // of no length
		for _, w := range t.forward {
			w[0] = 1
		}
	case &old.forward[0][0] != &t.forward[0][0]:
		for i, w := range t.forward {
			copy(w, old.forward[i])
		}
	}
	var phases []Phase
	for level := range bits.Len(uint(tableLength(t.points) - 1)) {
		if 2<<level > fullLength(old.points) {
			phases = append(phases, t.level(r, level, old.points, k))
		}
	}
	if err := r.Phases(phases...); err != nil {
		return err
	}
	for i, w := range t.forward {
		if t.inverse[i] = old.inverse[i]; t.inverse[i] == nil {
			t.inverse[i] = invert(w[:leafMax/2])
		}
	}
	return nil
}

// level is the computation of the twiddles from 2^level to 2^(level+1) that are needed and not there in a table of so many points.
func (t *table) level(r *Run, level, points int, k *kernels) Phase {
	low := 1 << level
	size := max(min(low/4, maxKernel), 1)
	return Phase{primeCount * (low / size), tableWork * float64(primeCount*low), func(task int) {
		start := task / primeCount * size
		if has(points, low, start) || !has(t.points, low, start) || r.stopped() {
			return
		}
		i := task % primeCount
		src, dst := t.forward[i][start:start+size], t.forward[i][low+start:][:size]
		if c := &primes[i]; size < kernelStep {
			portableScale(dst, src, c.roots[level], c)
		} else {
			k.scale(dst, src, c.roots[level], c)
		}
	}}
}

// has reports whether a table of so many points has twiddle low + i, with low ≤ low + i < 2·low.
func has(points, low, i int) bool {
	return 2*low <= fullLength(points) || 2*low <= tableLength(points) && (i < low/4 || i >= low/4*3)
}

// tableLength is how many twiddles a table has for a transform of that length, the next power of two.
func tableLength(points int) int {
	if points == 0 {
		return 0
	}
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
