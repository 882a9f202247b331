package transform

// The first pass of a transform of length r·M cuts x(t) into its remainders modulo r of the polynomials t^M − 1, t^M + 1, t^M − i, t^M + i and
// t^M − w, where i² = −1 and w² = i: with y = t^M it evaluates a polynomial in y of degree below r at r of the points 1, −1, i, −i, w, which
// works for r = 3, 4, 5 alike and asks no more of the primes than the powers of two do. The last pass interpolates. Inputs of the
// first pass lie between −p and p.

func portableTop3(x []float64, stride, cols int, c *prime) {
	x0, x1, x2 := x[:cols], x[stride:][:cols], x[2*stride:][:cols]
	i := c.roots[0]
	for j := range x0 {
		a, b, d := x0[j], x1[j], x2[j]
		s := a + d
		x0[j], x1[j], x2[j] = s+b, s-b, (a-d)+mul(b, i, c)
	}
}

func portableTop4(x []float64, stride, cols int, c *prime) {
	x0, x1, x2, x3 := rows4(x, stride, cols)
	i := c.roots[0]
	for j := range x0 {
		y0, y1, y2, y3 := x0[j]+x2[j], x1[j]+x3[j], x0[j]-x2[j], mul(x1[j]-x3[j], i, c)
		x0[j], x1[j], x2[j], x3[j] = y0+y1, y0-y1, y2+y3, y2-y3
	}
}

func portableTop5(x []float64, stride, cols int, c *prime) {
	x0, x1, x2, x3 := rows4(x, stride, cols)
	x4 := x[4*stride:][:cols]
	i, w := c.roots[0], c.roots[1]
	for j := range x0 {
		b := x0[j] + x4[j]
		// At w: (x0 − x4) + w·(x1 + i·x3) + i·x2.
		e := (x0[j] - x4[j]) + mul(x2[j], i, c)
		e += mul(x1[j]+mul(x3[j], i, c), w, c)
		y0, y1, y2, y3 := b+x2[j], x1[j]+x3[j], b-x2[j], mul(x1[j]-x3[j], i, c)
		x0[j], x1[j], x2[j], x3[j], x4[j] = y0+y1, y0-y1, y2+y3, y2-y3, e
	}
}

// portableBottom3 undoes top3 but for a factor of 4.
func portableBottom3(x []float64, stride, cols int, c *prime) {
	x0, x1, x2 := x[:cols], x[stride:][:cols], x[2*stride:][:cols]
	i := c.roots[0]
	for j := range x0 {
		s, d := x0[j]+x1[j], x0[j]-x1[j]
		t := reduce((x2[j]+x2[j])-mul(d, i, c), c)
		x0[j], x1[j], x2[j] = s+t, d+d, s-t
	}
}

// portableBottom4 undoes top4 but for a factor of 4.
func portableBottom4(x []float64, stride, cols int, c *prime) {
	x0, x1, x2, x3 := rows4(x, stride, cols)
	i := c.roots[0]
	for j := range x0 {
		y0, y1, y2, y3 := x0[j]+x1[j], x0[j]-x1[j], x2[j]+x3[j], mul(x3[j]-x2[j], i, c)
		x0[j], x1[j], x2[j], x3[j] = y0+y2, y1+y3, y0-y2, y1-y3
	}
}

// portableBottom5 undoes top5 but for a factor of 8.
func portableBottom5(x []float64, stride, cols int, c *prime) {
	x0, x1, x2, x3 := rows4(x, stride, cols)
	x4 := x[4*stride:][:cols]
	i, w := c.roots[0], c.roots[1]
	for j := range x0 {
		e0, e1, e2, e3, e4 := reduce(x0[j], c), reduce(x1[j], c), reduce(x2[j], c), reduce(x3[j], c), reduce(x4[j], c)
		y0, y1, y2, y3 := e0+e1, e0-e1, e2+e3, mul(e3-e2, i, c)
		b0, b1, b2, b3 := y0+y2, y1+y3, y0-y2, y1-y3 // 4·(x0+x4), 4·x1, 4·x2, 4·x3
		t := (e4 + e4) + (e4 + e4) - mul(b2, i, c)
		t -= mul(b1+mul(b3, i, c), w, c) // 4·(x0−x4)
		x0[j], x1[j], x2[j], x3[j], x4[j] = b0+t, b1+b1, b2+b2, b3+b3, b0-t
	}
}
