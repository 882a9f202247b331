package transform

import "math"

// MultiplyLong sets z = x·y for an x that is much longer than y: it cuts x into pieces, all of which meet the same transform of y. z has
// as many limbs as both together, neither of which is empty; it may begin where x does. y has at most half as many as a product may have. The only error
// is that of the context.
func (m *Multiplier) MultiplyLong(r *Run, z, x, y []uint64) error {
	count := pieces(len(x), len(y), m.longest)
	size := (len(x) + count - 1) / count
	j, err := m.newJob(r, fit(size+len(y)-1), 2*primeCount)
	if err != nil {
		return err
	}
	defer j.free()
	b, err := j.prepare(y)
	if err != nil {
		return err
	}
	above := make([]uint64, 0, len(y)) // the lowest limbs of what is done, which the product of the next piece overwrites
	for i := (len(x) - 1) / size * size; i >= 0; i -= size {
		end := min(i+size, len(x))
		if end < len(x) {
			above = append(above[:0], z[end:][:len(y)]...)
		}
		phases := append([]Phase{j.first(0, primeCount, x[i:end], j.a[:])}, j.blocks(0, primeCount, b, prepared)...)
		if err := j.finish(z[i:end+len(y)], phases); err != nil {
			return err
		}
		addLimbs(z[end:], above)
	}
	return nil
}

// pieces returns into how many pieces a factor of long limbs had better be cut, if the other has short ones.
func pieces(long, short, longest int) int {
	best, least := 0, math.Inf(1)
	for count := 1; best == 0 || count <= 2*long/short; count++ {
		size := (long + count - 1) / count
		if work := longWork(size, count, short); work < least && size+short <= longest {
			best, least = count, work
		}
		if size < 2*short && best > 0 {
			break
		}
	}
	return best
}

// prepare returns the transforms of y.
func (j *job) prepare(y []uint64) ([][]float64, error) {
	b := [][]float64{j.a[0], j.a[1], j.a[2]}
	for i := range j.a {
		j.a[i] = j.take()
	}
	units := primeCount * float64(j.n.log*j.n.points())
	return b, j.run.Phases(j.first(0, primeCount, y, b), Phase{primeCount * j.n.rows, units, func(task int) {
		i, row := task%primeCount, task/primeCount
		j.lanes[i].prepare(j.run, b[i][row<<j.n.log:][:j.n.row()], row)
	}})
}

// addLimbs adds y to z, which has room for the sum.
func addLimbs(z, y []uint64) {
	var up uint64
	for i := range z {
		if i >= len(y) && up == 0 {
			return
		}
		s := z[i] + up
		if i < len(y) {
			s += y[i]
		}
		up = 0
		if s >= Base {
			s, up = s-Base, 1
		}
		z[i] = s
	}
}
