package transform

import "math"

// Portable is the name of the kernels in plain Go.
const Portable = "portable"

// portable are the kernels in plain Go. math.FMA is exact everywhere, and one instruction where the machine has it. They do the same
// operations in the same order as the assembly, so that results agree to the last bit.
var portable = kernels{
	name: Portable,
	fill: portableFill, scale: portableScale,
	top3: portableTop3, top4: portableTop4, top5: portableTop5,
	forward4: portableForward4, forward2: portableForward2, forwardTail: portableForwardTail,
	multiply: portableMultiply, square: portableSquare,
	inverseTail: portableInverseTail, inverse2: portableInverse2, inverse4: portableInverse4,
	bottom3: portableBottom3, bottom4: portableBottom4, bottom5: portableBottom5,
	limbs: portableLimbs,
}

// mul returns x·w modulo p, see bounds.go. The conversions forbid the compiler to fuse.
func mul(x, w float64, c *prime) float64 {
	h := float64(x * w)
	q := math.RoundToEven(float64(h * c.inv))
	return math.FMA(-q, c.p, h) + math.FMA(x, w, -h)
}

// reduce returns x modulo p, between −p/2 and p/2.
func reduce(x float64, c *prime) float64 {
	return math.FMA(-math.RoundToEven(float64(x*c.inv)), c.p, x)
}

func portableFill(dst []float64, src []uint64, c *prime) {
	for i, v := range src {
		high := float64(int64(v>>30)) * (1 << 30)
		dst[i] = reduce(high, c) + float64(int64(v&(1<<30-1)))
	}
}

func portableScale(dst, src []float64, w float64, c *prime) {
	for i, x := range src {
		dst[i] = reduce(mul(x, w, c), c)
	}
}

func portableMultiply(x, y []float64, c *prime) {
	for i := range x {
		x[i] = mul(reduce(x[i], c), reduce(y[i], c), c)
	}
}

func portableSquare(x []float64, c *prime) {
	for i, v := range x {
		v = reduce(v, c)
		x[i] = mul(v, v, c)
	}
}

// butterfly is two levels of the forward transform on four values.
func butterfly(x0, x1, x2, x3, w, v0, v1 float64, c *prime) (a, b, d, e float64) {
	x2, x3 = mul(x2, w, c), mul(x3, w, c)
	x0 = reduce(x0, c)
	y1, y3 := mul(x1+x3, v0, c), mul(x1-x3, v1, c)
	y0, y2 := x0+x2, x0-x2
	return y0 + y1, y0 - y1, y2 + y3, y2 - y3
}

// unbutterfly undoes butterfly but for a factor of 4; the twiddles are the negated inverses.
func unbutterfly(z0, z1, z2, z3, w, v0, v1 float64, c *prime) (a, b, d, e float64) {
	y1, y3 := mul(z1-z0, v0, c), mul(z3-z2, v1, c)
	y0, y2 := z0+z1, z2+z3
	return reduce(y0+y2, c), y1 + y3, mul(y2-y0, w, c), mul(y3-y1, w, c)
}

func portableForward4(x []float64, q, cols, blocks int, w []float64, b int, c *prime) {
	for i := range blocks {
		w0, v0, v1 := w[b+i], w[2*(b+i)], w[2*(b+i)+1]
		x0, x1, x2, x3 := rows4(x[4*q*i:], q, cols)
		for j := range x0 {
			x0[j], x1[j], x2[j], x3[j] = butterfly(x0[j], x1[j], x2[j], x3[j], w0, v0, v1, c)
		}
	}
}

func portableInverse4(x []float64, q, cols, blocks int, w []float64, m mirror, c *prime) {
	for i := range blocks {
		w0, v0, v1 := w[m.w-i], w[m.v-2*i], w[m.v-2*i-1]
		x0, x1, x2, x3 := rows4(x[4*q*i:], q, cols)
		for j := range x0 {
			x0[j], x1[j], x2[j], x3[j] = unbutterfly(x0[j], x1[j], x2[j], x3[j], w0, v0, v1, c)
		}
	}
}

// rows4 returns the first columns of four rows that lie q apart.
func rows4(x []float64, q, cols int) (x0, x1, x2, x3 []float64) {
	return x[:cols], x[q:][:cols], x[2*q:][:cols], x[3*q:][:cols]
}

func portableForward2(x, w []float64, b int, c *prime) {
	for i := range len(x) / 32 {
		x0, x1 := x[32*i:][:16], x[32*i+16:][:16]
		for j := range x0 {
			u, v := reduce(x0[j], c), mul(x1[j], w[b+i], c)
			x0[j], x1[j] = u+v, u-v
		}
	}
}

func portableInverse2(x, w []float64, m mirror, c *prime) {
	for i := range len(x) / 32 {
		x0, x1 := x[32*i:][:16], x[32*i+16:][:16]
		for j := range x0 {
			u, v := x0[j], x1[j]
			x0[j], x1[j] = reduce(u+v, c), mul(v-u, w[m.w-i], c)
		}
	}
}

// places says in which column the outcome of each of the last four blocks is stored: the order that takes the assembly the fewest
// instructions.
var places = [4]int{0, 2, 1, 3}

func portableForwardTail(x, w []float64, b int, c *prime) {
	var t [16]float64
	for i := range len(x) / 16 {
		y := x[16*i:][:16]
		for j := range 4 {
			t[j], t[4+j], t[8+j], t[12+j] = butterfly(y[j], y[4+j], y[8+j], y[12+j], w[b+i], w[2*(b+i)], w[2*(b+i)+1], c)
		}
		for j, at := range places {
			k := 4*(b+i) + j
			y[at], y[4+at], y[8+at], y[12+at] = butterfly(t[4*j], t[4*j+1], t[4*j+2], t[4*j+3], w[k], w[2*k], w[2*k+1], c)
		}
	}
}

func portableInverseTail(x, w []float64, m4, m16 mirror, c *prime) {
	var t [16]float64
	for i := range len(x) / 16 {
		y := x[16*i:][:16]
		for j, at := range places {
			k := 4*i + j
			t[4*j], t[4*j+1], t[4*j+2], t[4*j+3] = unbutterfly(y[at], y[4+at], y[8+at], y[12+at], w[m4.w-k], w[m4.v-2*k], w[m4.v-2*k-1], c)
		}
		for j := range 4 {
			y[j], y[4+j], y[8+j], y[12+j] = unbutterfly(t[j], t[4+j], t[8+j], t[12+j], w[m16.w-i], w[m16.v-2*i], w[m16.v-2*i-1], c)
		}
	}
}
