package transform

import "golang.org/x/sys/cpu"

//go:generate env GOWORK=off go -C asm run . -out ../assembly_amd64.s -stubs ../assembly_amd64.gen.go -pkg transform

// assemblies returns the kernels in assembly that this machine can run, the fastest first.
func assemblies() []*kernels {
	var all []*kernels
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		if cpu.X86.HasAVX512F {
			all = append(all, avx512)
		}
		all = append(all, avx2)
	}
	return all
}

var avx2 = (&routines{
	forward4: avx2Forward4, inverse4: avx2Inverse4, forward2: avx2Forward2, inverse2: avx2Inverse2,
	forwardTail: avx2ForwardTail, inverseTail: avx2InverseTail,
	multiply: avx2Multiply, square: avx2Square, scale: avx2Scale, fill: avx2Fill,
	top3: avx2Top3, top4: avx2Top4, top5: avx2Top5, bottom3: avx2Bottom3, bottom4: avx2Bottom4, bottom5: avx2Bottom5,
	digits: avx2Digits,
}).kernels("avx2")

var avx512 = (&routines{
	forward4: avx512Forward4, inverse4: avx512Inverse4, forward2: avx512Forward2, inverse2: avx512Inverse2,
	forwardTail: byFour(avx512ForwardTail, avx2ForwardTail), inverseTail: byFour(avx512InverseTail, avx2InverseTail),
	multiply: avx512Multiply, square: avx512Square, scale: avx512Scale, fill: avx512Fill,
	top3: avx512Top3, top4: avx512Top4, top5: avx512Top5, bottom3: avx512Bottom3, bottom4: avx512Bottom4, bottom5: avx512Bottom5,
	digits: avx512Digits,
}).kernels("avx512")

// tailRoutine is the type of forwardTail and inverseTail.
type tailRoutine = func(x *float64, groups int, w16, v16, w4, v4, c *float64)

// byFour leaves the shortest rows, of two groups, to AVX2, which is where AVX-512 is: wide takes four at a time.
func byFour(wide, narrow tailRoutine) tailRoutine {
	return func(x *float64, groups int, w16, v16, w4, v4, c *float64) {
		if groups%4 == 0 {
			wide(x, groups, w16, v16, w4, v4, c)
		} else {
			narrow(x, groups, w16, v16, w4, v4, c)
		}
	}
}

// routines are the functions in assembly of one instruction set. They know nothing of the length of what they are given pointers to.
type routines struct {
	forward4, inverse4       func(x *float64, q, cols, blocks int, w, v, c *float64)
	forward2, inverse2       func(x *float64, blocks int, w, c *float64)
	forwardTail, inverseTail tailRoutine

	multiply func(x, y *float64, n int, c *float64)
	square   func(x *float64, n int, c *float64)
	scale    func(dst, src *float64, n int, w float64, c *float64)
	fill     func(dst *float64, src *uint64, n int, c *float64)
	digits   func(x0, x1, x2 *float64, n int, c *float64)

	top3, top4, top5, bottom3, bottom4, bottom5 func(x *float64, stride, cols int, roots, c *float64)
}

// kernels makes kernels of the routines, which see that the memory is there.
func (r *routines) kernels(name string) *kernels {
	return &kernels{
		name: name,
		fill: func(dst []float64, src []uint64, c *prime) {
			r.fill(&dst[0], &src[0], len(src), &c.p)
		},
		scale: func(dst, src []float64, w float64, c *prime) {
			r.scale(&dst[0], &src[0], len(src), w, &c.p)
		},
		multiply: func(x, y []float64, c *prime) {
			r.multiply(&x[0], &y[0], len(x), &c.p)
		},
		square: func(x []float64, c *prime) {
			r.square(&x[0], len(x), &c.p)
		},
		top3: top(3, r.top3), top4: top(4, r.top4), top5: top(5, r.top5),
		bottom3: top(3, r.bottom3), bottom4: top(4, r.bottom4), bottom5: top(5, r.bottom5),

		forward4: func(x []float64, q, cols, blocks int, w []float64, b int, c *prime) {
			_, _ = x[q*(4*blocks-1)+cols-1], w[2*(b+blocks)-1]
			r.forward4(&x[0], q, cols, blocks, &w[b], &w[2*b], &c.p)
		},
		inverse4: func(x []float64, q, cols, blocks int, w []float64, m mirror, c *prime) {
			_, _, _ = x[q*(4*blocks-1)+cols-1], w[m.w-blocks+1], w[m.v-2*blocks+1]
			r.inverse4(&x[0], q, cols, blocks, &w[m.w], &w[m.v], &c.p)
		},
		forward2: func(x, w []float64, b int, c *prime) {
			blocks := len(x) / 32
			_ = w[b+blocks-1]
			r.forward2(&x[0], blocks, &w[b], &c.p)
		},
		inverse2: func(x, w []float64, m mirror, c *prime) {
			blocks := len(x) / 32
			_ = w[m.w-blocks+1]
			r.inverse2(&x[0], blocks, &w[m.w], &c.p)
		},
		forwardTail: func(x, w []float64, b int, c *prime) {
			groups := len(x) / 16
			_ = w[8*(b+groups)-1]
			r.forwardTail(&x[0], groups, &w[b], &w[2*b], &w[4*b], &w[8*b], &c.p)
		},
		inverseTail: func(x, w []float64, m4, m16 mirror, c *prime) {
			groups := len(x) / 16
			_, _, _ = w[m16.v-2*groups+1], w[m4.w-4*groups+1], w[m4.v-8*groups+1]
			r.inverseTail(&x[0], groups, &w[m16.w], &w[m16.v], &w[m4.w], &w[m4.v], &c.p)
		},
		limbs: digitLimbs(r.digits),
	}
}

func top(rows int, f func(x *float64, stride, cols int, roots, c *float64)) func([]float64, int, int, *prime) {
	return func(x []float64, stride, cols int, c *prime) {
		_ = x[(rows-1)*stride+cols-1]
		f(&x[0], stride, cols, &c.roots[0], &c.p)
	}
}
