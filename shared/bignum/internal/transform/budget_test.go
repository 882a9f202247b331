package transform

import (
	"sync/atomic"
	"testing"
)

// spied returns kernels that note how many values the largest call is given.
func spied(k *kernels, largest *atomic.Int64) *kernels {
	note := func(values int) {
		for n := int64(values); ; {
			if old := largest.Load(); old >= n || largest.CompareAndSwap(old, n) {
				return
			}
		}
	}
	top := func(rows int, f func([]float64, int, int, *prime)) func([]float64, int, int, *prime) {
		return func(x []float64, stride, cols int, c *prime) {
			note(rows * cols)
			f(x, stride, cols, c)
		}
	}
	return &kernels{
		name: k.name,
		fill: func(dst []float64, src []uint64, c *prime) { note(len(src)); k.fill(dst, src, c) },
		scale: func(dst, src []float64, w float64, c *prime) {
			note(len(dst))
			k.scale(dst, src, w, c)
		},
		top3: top(3, k.top3), top4: top(4, k.top4), top5: top(5, k.top5),
		bottom3: top(3, k.bottom3), bottom4: top(4, k.bottom4), bottom5: top(5, k.bottom5),
		forward4: func(x []float64, q, cols, blocks int, w []float64, b int, c *prime) {
			note(4 * cols * blocks)
			k.forward4(x, q, cols, blocks, w, b, c)
		},
		inverse4: func(x []float64, q, cols, blocks int, w []float64, m mirror, c *prime) {
			note(4 * cols * blocks)
			k.inverse4(x, q, cols, blocks, w, m, c)
		},
		forward2:    func(x, w []float64, b int, c *prime) { note(len(x)); k.forward2(x, w, b, c) },
		inverse2:    func(x, w []float64, m mirror, c *prime) { note(len(x)); k.inverse2(x, w, m, c) },
		forwardTail: func(x, w []float64, b int, c *prime) { note(len(x)); k.forwardTail(x, w, b, c) },
		inverseTail: func(x, w []float64, m4, m16 mirror, c *prime) { note(len(x)); k.inverseTail(x, w, m4, m16, c) },
		multiply:    func(x, y []float64, c *prime) { note(len(x)); k.multiply(x, y, c) },
		square:      func(x []float64, c *prime) { note(len(x)); k.square(x, c) },
		limbs: func(z []uint64, x [primeCount][]float64, c *recombination, before carry) carry {
			note(primeCount * len(x[0]))
			return k.limbs(z, x, c, before)
		},
	}
}

// TestKernelsGetNoMoreThanTheyMay goes all ways that products take, since Go cannot preempt assembly.
func TestKernelsGetNoMoreThanTheyMay(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	var largest atomic.Int64
	m := newMultiplier(spied(best(), &largest), Longest)
	for _, limbs := range []int{100, 3 << 14, 1 << 17, 5 << 15, 5 << 17} {
		for threads := 1; threads <= 4; threads += 3 {
			run := &Run{Context: t.Context(), Threads: threads}
			x, y, z := randomLimbs(r, limbs/2), randomLimbs(r, limbs/2), make([]uint64, limbs)
			long, short, product := randomLimbs(r, limbs), randomLimbs(r, limbs/8+1), make([]uint64, limbs+limbs/8+1)
			for _, err := range []error{m.Multiply(run, z, x, y), m.Multiply(run, z, x, x), m.MultiplyLong(run, product, long, short)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			checkResidue(t, product, long, short)
		}
	}
	if got := largest.Load(); got > maxKernel || got < maxKernel/2 {
		t.Errorf("the largest call of a kernel has %d values, want at most %d, and not much less", got, maxKernel)
	}
}
