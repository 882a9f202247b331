package transform

// leafMax is the longest block that goes through all its levels before the next one is begun: 16 KiB, half of a first-level cache.
const leafMax = 1 << 11

// checkMin is the length of the shortest block before which the context is looked at: some 200 µs of work.
const checkMin = 1 << 15

// lane is the transform modulo one prime.
type lane struct {
	k *kernels
	c *prime
	i int // the prime's index
	t *table
}

// operand says what a block is multiplied by.
type operand int

const (
	itself   operand = iota // by itself
	raw                     // by a block that is to be transformed, and is destroyed
	prepared                // by a block that has been transformed
)

// product transforms block b of x, multiplies it by that of y, and transforms it back, but for a factor of len(x). It goes down to the
// leaves with both, so that one leaf stays in the cache from its first level to the last.
func (l *lane) product(r *Run, x, y []float64, b int, kind operand) {
	n := len(x)
	if n <= leafMax {
		l.leaf(x, y, b, kind)
		return
	}
	if n >= checkMin && r.stopped() {
		return
	}
	q := n / 4
	l.split(x, q, 0, q, b)
	if kind == raw {
		l.split(y, q, 0, q, b)
	}
	for i := range 4 {
		var part []float64
		if kind != itself {
			part = y[i*q:][:q]
		}
		l.product(r, x[i*q:][:q], part, 4*b+i, kind)
	}
	l.join(x, q, 0, q, b)
}

// prepare transforms block b of x only.
func (l *lane) prepare(r *Run, x []float64, b int) {
	if len(x) <= leafMax {
		l.forwardLeaf(x, b)
		return
	}
	if len(x) >= checkMin && r.stopped() {
		return
	}
	q := len(x) / 4
	l.split(x, q, 0, q, b)
	for i := range 4 {
		l.prepare(r, x[i*q:][:q], 4*b+i)
	}
}

// split takes the columns low…high−1 of block b, which has four rows of q, two levels down.
func (l *lane) split(x []float64, q, low, high, b int) {
	for j := low; j < high; j += maxKernel / 4 {
		l.k.forward4(x[j:], q, min(high-j, maxKernel/4), 1, l.t.forward[l.i], b, l.c)
	}
}

// join undoes split.
func (l *lane) join(x []float64, q, low, high, b int) {
	w, m := l.t.inverses(l.i, b)
	for j := low; j < high; j += maxKernel / 4 {
		l.k.inverse4(x[j:], q, min(high-j, maxKernel/4), 1, w, m, l.c)
	}
}

func (l *lane) leaf(x, y []float64, b int, kind operand) {
	l.forwardLeaf(x, b)
	switch kind {
	case itself:
		l.k.square(x, l.c)
	case raw:
		l.forwardLeaf(y, b)
		l.k.multiply(x, y, l.c)
	case prepared:
		l.k.multiply(x, y, l.c)
	}
	l.inverseLeaf(x, b)
}

func (l *lane) forwardLeaf(x []float64, b int) {
	n, blocks := len(x), 1
	for n > 32 {
		l.k.forward4(x, n/4, n/4, blocks, l.t.forward[l.i], b*blocks, l.c)
		n, blocks = n/4, blocks*4
	}
	if n == 32 {
		l.k.forward2(x, l.t.forward[l.i], b*blocks, l.c)
		blocks *= 2
	}
	l.k.forwardTail(x, l.t.forward[l.i], b*blocks, l.c)
}

func (l *lane) inverseLeaf(x []float64, b int) {
	blocks := len(x) / 16
	w, m16 := l.t.inverses(l.i, b*blocks)
	_, m4 := l.t.inverses(l.i, b*blocks*4)
	l.k.inverseTail(x, w, m4, m16, l.c)
	n := 64
	if blocks&0x5555 == 0 { // An odd power of two.
		blocks /= 2
		_, m := l.t.inverses(l.i, b*blocks)
		l.k.inverse2(x, w, m, l.c)
		n = 128
	}
	for ; n <= len(x); n *= 4 {
		blocks /= 4
		_, m := l.t.inverses(l.i, b*blocks)
		l.k.inverse4(x, n/4, n/4, blocks, w, m, l.c)
	}
}
