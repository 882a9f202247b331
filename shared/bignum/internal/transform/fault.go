package transform

import "sync/atomic"

// Spoil makes the Multiplier's kernels go wrong once, after so many calls that multiply point by point: one value is off by one. It is for
// tests of what finds wrong results.
func (m *Multiplier) Spoil(after int64) {
	var calls atomic.Int64
	spoiled := func(x []float64) {
		if calls.Add(1) == after+1 {
			x[len(x)/2]++
		}
	}
	right := m.kernels
	wrong := *right
	wrong.square = func(x []float64, c *prime) {
		right.square(x, c)
		spoiled(x)
	}
	wrong.multiply = func(x, y []float64, c *prime) {
		right.multiply(x, y, c)
		spoiled(x)
	}
	m.kernels = &wrong
}
