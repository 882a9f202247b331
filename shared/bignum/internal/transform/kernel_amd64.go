package transform

import "golang.org/x/sys/cpu"

//go:generate env GOWORK=off go -C asm run . -out ../avx2_amd64.s -stubs ../avx2_amd64.gen.go -pkg transform

var avx2 = kernels{
	name: "avx2",
	fill: func(dst []float64, src []uint64, c *prime) {
		avx2Fill(&dst[0], &src[0], len(src), &c.p)
	},
	scale: func(dst, src []float64, w float64, c *prime) {
		avx2Scale(&dst[0], &src[0], len(src), w, &c.p)
	},
	top3:    topKernel(3, avx2Top3),
	top4:    topKernel(4, avx2Top4),
	top5:    topKernel(5, avx2Top5),
	bottom3: topKernel(3, avx2Bottom3),
	bottom4: topKernel(4, avx2Bottom4),
	bottom5: topKernel(5, avx2Bottom5),

	forward4: func(x []float64, q, cols, blocks int, w []float64, b int, c *prime) {
		_, _ = x[q*(4*blocks-1)+cols-1], w[2*(b+blocks)-1]
		avx2Forward4(&x[0], q, cols, blocks, &w[b], &w[2*b], &c.p)
	},
	inverse4: func(x []float64, q, cols, blocks int, w []float64, m mirror, c *prime) {
		_, _, _ = x[q*(4*blocks-1)+cols-1], w[m.w-blocks+1], w[m.v-2*blocks+1]
		avx2Inverse4(&x[0], q, cols, blocks, &w[m.w], &w[m.v], &c.p)
	},
	forward2: func(x, w []float64, b int, c *prime) {
		blocks := len(x) / 32
		_ = w[b+blocks-1]
		avx2Forward2(&x[0], blocks, &w[b], &c.p)
	},
	inverse2: func(x, w []float64, m mirror, c *prime) {
		blocks := len(x) / 32
		_ = w[m.w-blocks+1]
		avx2Inverse2(&x[0], blocks, &w[m.w], &c.p)
	},
	forwardTail: func(x, w []float64, b int, c *prime) {
		groups := len(x) / 16
		_ = w[8*(b+groups)-1]
		avx2ForwardTail(&x[0], groups, &w[b], &w[2*b], &w[4*b], &w[8*b], &c.p)
	},
	inverseTail: func(x, w []float64, m4, m16 mirror, c *prime) {
		groups := len(x) / 16
		_, _, _ = w[m16.v-2*groups+1], w[m4.w-4*groups+1], w[m4.v-8*groups+1]
		avx2InverseTail(&x[0], groups, &w[m16.w], &w[m16.v], &w[m4.w], &w[m4.v], &c.p)
	},
	multiply: func(x, y []float64, c *prime) {
		avx2Multiply(&x[0], &y[0], len(x), &c.p)
	},
	square: func(x []float64, c *prime) {
		avx2Square(&x[0], len(x), &c.p)
	},
	finish: func(x []float64, s float64, c *prime) {
		avx2Finish(&x[0], len(x), s, &c.p)
	},
}

// topKernel makes a kernel of a function in assembly, and sees that the memory is there.
func topKernel(rows int, f func(x *float64, stride, cols int, roots, c *float64)) func([]float64, int, int, *prime) {
	return func(x []float64, stride, cols int, c *prime) {
		_ = x[(rows-1)*stride+cols-1]
		f(&x[0], stride, cols, &c.roots[0], &c.p)
	}
}

// assembly returns the kernels in assembly that this machine can run, or nil.
func assembly() *kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		return &avx2
	}
	return nil
}
