// Package transform multiplies natural numbers in base 10^18 by number-theoretic transforms modulo three primes just below 2^50.
//
// Residues are held in float64. A product x·w is split exactly into h = fl(x·w) and l = fma(x, w, −h), and h is reduced by the multiple q·p with
// q = round(h/p), for which fma(−q, p, h) is exact too: the arithmetic of FLINT's fft_small module (Daniel Schultz). The transform is
// the decimation in frequency of a polynomial modulo t^n − 1 into its values in bit-reversed order, in which the twiddles do not depend on the
// level. The coefficients of the product come back from their residues in base 10^18 at once, so that decimal digits cost nothing.
//
// Each multiplication has three phases, each cut into tasks that any number of goroutines may take: the first pass over
// columns; the blocks, each of which is transformed, multiplied and transformed back while it is in the cache; the last pass over
// columns, with carries.
package transform

import "runtime"

// A Multiplier multiplies. It keeps twiddles and scratch memory from one product to the next until it is closed, and is safe for concurrent use.
type Multiplier struct {
	kernels *kernels
	tables  tables
	memory  *pool
	longest int
}

// New returns a Multiplier for products of at most longest limbs, which is at most Longest. It computes without assembly if usePortable.
func New(usePortable bool, longest int) *Multiplier {
	if usePortable {
		return newMultiplier(&portable, longest)
	}
	return newMultiplier(best(), longest)
}

func newMultiplier(k *kernels, longest int) *Multiplier {
	m := &Multiplier{kernels: k, memory: new(pool), longest: min(longest, Longest)}
	runtime.AddCleanup(m, (*pool).close, m.memory) // for whom Close is forgotten
	return m
}

// Close gives the memory back. No product may be under way; the next one takes memory anew.
func (m *Multiplier) Close() {
	m.tables.forget()
	m.memory.close()
	runtime.KeepAlive(m)
}

// Best names the kernels that New chooses on this machine.
func Best() string { return best().name }

// Kernels names the kernels in use: "avx512", "avx2" or "portable".
func (m *Multiplier) Kernels() string { return m.kernels.name }

// Longest is the largest number of limbs that a product may have: bounds.go says why.
const Longest = 1 << maxLog

// Multiply sets z = x·y, where len(z) = len(x) + len(y) and neither is 0. It panics if z is longer than it may be. z may share memory with x and y. The same
// slice given twice is squared, with two transforms instead of three. The only error is that of the context, upon which z holds nothing.
func (m *Multiplier) Multiply(r *Run, z, x, y []uint64) error {
	if len(z) > m.longest {
		panic("transform: the product is too long for its primes")
	}
	square := len(x) == len(y) && &x[0] == &y[0]
	j, err := m.newJob(r, fit(len(z)-1), operands(len(z), square, r.Threads))
	if err != nil {
		return err
	}
	defer j.free()
	if square {
		return j.square(z, x)
	}
	return j.multiply(z, x, y)
}

// job is one multiplication.
type job struct {
	*Multiplier
	run     *Run
	n       length
	lanes   [primeCount]lane
	a       [primeCount][]float64 // the first operand, and then the product
	scratch []float64
	used    int // of scratch
}

// newJob returns a job with memory for so many operands modulo one prime, beginning with a.
func (m *Multiplier) newJob(r *Run, n length, count int) (*job, error) {
	t, err := m.tables.get(r, n, m.kernels, m.memory)
	if err != nil {
		return nil, err
	}
	j := &job{Multiplier: m, run: r, n: n, scratch: m.memory.take(count * n.points())}
	for i := range j.lanes {
		j.lanes[i] = lane{m.kernels, &primes[i], i, t}
	}
	for i := range j.a {
		j.a[i] = j.take()
	}
	return j, nil
}

// take returns memory for one operand.
func (j *job) take() []float64 {
	start := j.used
	j.used += j.n.points()
	return j.scratch[start:j.used:j.used]
}

func (j *job) free() { j.memory.give(j.scratch) }

// operands is how many operands modulo one prime a product of so many limbs keeps in memory.
func operands(limbs int, square bool, threads int) int {
	switch {
	case square:
		return primeCount
	case threads > 1 && fit(limbs-1).points() <= together:
		return 2 * primeCount
	}
	return primeCount + 1
}

// Products up to this length are computed modulo all primes at the same time where there are several threads, all others modulo one after the other: that
// takes less memory, and touches it little by little.
const together = 1 << 15

// step is how many primes are taken at a time.
func (j *job) step() int {
	if j.run.Threads > 1 && j.n.points() <= together {
		return primeCount
	}
	return 1
}

func (j *job) square(z, x []uint64) error {
	var phases []Phase
	for i, step := 0, j.step(); i < primeCount; i += step {
		phases = append(phases, j.first(i, i+step, x, j.a[i:]))
		phases = append(phases, j.blocks(i, i+step, nil, itself)...)
	}
	return j.finish(z, phases)
}

func (j *job) multiply(z, x, y []uint64) error {
	step := j.step()
	b := make([][]float64, step)
	for i := range b {
		b[i] = j.take()
	}
	var phases []Phase
	for i := 0; i < primeCount; i += step {
		phases = append(phases, j.first(i, i+step, x, j.a[i:]), j.first(i, i+step, y, b))
		phases = append(phases, j.blocks(i, i+step, b, raw)...)
	}
	return j.finish(z, phases)
}

// columns cuts the columns of the rows into tasks of at most that many.
func (n length) columns() (tasks, size int) {
	const most = 1 << 12
	size = min(n.row(), most)
	return n.row() / size, size
}

// stretch is how many columns go through all that is done to them before the next ones.
const stretch = 1 << 9

// first is the first pass on x modulo primes low…high−1, into dst.
func (j *job) first(low, high int, x []uint64, dst [][]float64) Phase {
	tasks, size := j.n.columns()
	pass := j.n.first(j.kernels)
	count := high - low
	return Phase{tasks * count, fillWork * float64(j.n.points()*count), func(task int) {
		i, start := task%count, task/count*size
		c := &primes[low+i]
		for col := start; col < start+size; col += stretch {
			cols := min(stretch, size)
			for row := range j.n.rows {
				at := row*j.n.row() + col
				fill(j.kernels, dst[i][at:][:cols], tail(x, at), c)
			}
			pass(dst[i][col:], j.n.row(), cols, c)
		}
	}}
}

// tail returns x without its first n elements.
func tail(x []uint64, n int) []uint64 { return x[min(n, len(x)):] }

// fill sets dst to the beginning of src, and zeros.
func fill(k *kernels, dst []float64, src []uint64, c *prime) {
	n := min(len(dst), len(src))
	even := n - n%kernelStep
	if even > 0 {
		k.fill(dst[:even], src[:even], c)
	}
	portableFill(dst[even:n], src[even:n], c)
	clear(dst[n:])
}

// blocks are the phases that transform the rows of a and b, multiply them and transform them back.
func (j *job) blocks(low, high int, b [][]float64, kind operand) []Phase {
	count := (high - low) * j.n.rows
	units := blockWork(j.n, kind) * float64(high-low)
	if j.run.Threads > 1 && count < 12*j.run.Threads && j.n.log >= 12 {
		return j.quarters(low, high, b, kind, units)
	}
	return []Phase{{count, units, func(task int) {
		i, row := task%(high-low), task/(high-low)
		x := j.a[low+i][row<<j.n.log:][:j.n.row()]
		var y []float64
		if kind != itself {
			y = b[i][row<<j.n.log:][:j.n.row()]
		}
		j.lanes[low+i].product(j.run, x, y, row, kind)
	}}}
}

// quarters does as blocks, but takes the first levels of each row by columns, so that there are four times as many blocks.
func (j *job) quarters(low, high int, b [][]float64, kind operand, units float64) []Phase {
	q := j.n.row() / 4
	size := min(q, maxKernel/4)
	tasks := q / size
	rows := (high - low) * j.n.rows
	levels := units / float64(j.n.log)
	slice := func(task int) (i, row int) { return task % (high - low), task / (high - low) }
	split := Phase{rows * tasks, levels, func(task int) {
		i, row := slice(task / tasks)
		col := task % tasks * size
		j.lanes[low+i].split(j.a[low+i][row<<j.n.log:], q, col, col+size, row)
		if kind == raw {
			j.lanes[low+i].split(b[i][row<<j.n.log:], q, col, col+size, row)
		}
	}}
	products := Phase{4 * rows, units - 2*levels, func(task int) {
		i, part := slice(task)
		var y []float64
		if kind != itself {
			y = b[i][part*q:][:q]
		}
		j.lanes[low+i].product(j.run, j.a[low+i][part*q:][:q], y, part, kind)
	}}
	join := Phase{rows * tasks, levels, func(task int) {
		i, row := slice(task / tasks)
		col := task % tasks * size
		j.lanes[low+i].join(j.a[low+i][row<<j.n.log:], q, col, col+size, row)
	}}
	return []Phase{split, products, join}
}

// finish does the phases, and then the last pass modulo all primes, and sets z to the product.
func (j *job) finish(z []uint64, phases []Phase) error {
	tasks, size := j.n.columns()
	carries := make([]carry, tasks*j.n.rows) // those of task t and row r are at r·tasks + t, in the order of the limbs
	pass := j.n.last(j.kernels)
	c := &recombinations[j.n.scale()]
	last := Phase{tasks, carryWork * float64(j.n.points()), func(task int) {
		for col := task * size; col < (task+1)*size; col += stretch {
			cols := min(stretch, size)
			for i := range primes {
				pass(j.a[i][col:], j.n.row(), cols, &primes[i])
			}
			for row := range j.n.rows {
				at := row*j.n.row() + col
				if at >= len(z) {
					break
				}
				left := &carries[row*tasks+task]
				*left = j.limbs(z[at:min(at+cols, len(z))], at, cols, c, *left)
			}
		}
	}}
	if err := j.run.Phases(append(phases, last)...); err != nil {
		return err
	}
	clear(z[min(j.n.points(), len(z)):])
	for i, c := range carries {
		add(z, (i/tasks)<<j.n.log+(i%tasks+1)*size, c)
	}
	return nil
}

// limbs brings a stretch of one row to its limbs.
func (j *job) limbs(z []uint64, at, cols int, c *recombination, before carry) carry {
	var x [primeCount][]float64
	for i := range x {
		x[i] = j.a[i][at:][:cols]
	}
	return j.kernels.limbs(z, x, c, before)
}
