package transform

import "math/bits"

// length is the length of a transform: rows·2^log, cut by the first pass into as many rows.
type length struct {
	rows int // 3, 4 or 5
	log  int // at least minLog
}

func (n length) row() int    { return 1 << n.log }
func (n length) points() int { return n.rows << n.log }

// minLog makes rows of 32: assembly takes two groups of 16 values at a time.
const minLog = 5

// fit returns the shortest length of at least n points.
func fit(n int) length {
	log := max(bits.Len(uint(max(n, 1)-1))-2, minLog)
	// 2^(log+1) < n ≤ 2^(log+2): four rows of 2^log do, or else three of them, or five of half of them.
	switch {
	case n <= 3<<log:
		if log > minLog && n <= 5<<(log-1) {
			return length{5, log - 1}
		}
		return length{3, log}
	case n <= 4<<log:
		return length{4, log}
	}
	return length{5, log}
}

// first and last are the kernels of the first pass and of the last.
func (n length) first(k *kernels) func(x []float64, stride, cols int, c *prime) {
	return [...]func([]float64, int, int, *prime){k.top3, k.top4, k.top5}[n.rows-3]
}

func (n length) last(k *kernels) func(x []float64, stride, cols int, c *prime) {
	return [...]func([]float64, int, int, *prime){k.bottom3, k.bottom4, k.bottom5}[n.rows-3]
}

// scale is the power of two by which the passes back multiply, as an exponent.
func (n length) scale() int {
	if n.rows == 5 {
		return n.log + 3
	}
	return n.log + 2
}
