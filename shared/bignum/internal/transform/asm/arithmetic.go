package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// target is an instruction set. Kernels for all of them come from the same code.
type target struct {
	name  string
	width int // bytes in a vector
}

// isa is the target of the kernel that is being made.
var isa target

var (
	avx2   = target{"avx2", 32}
	avx512 = target{"avx512", 64}
)

// lanes is how many values a vector holds.
func lanes() uint64 { return uint64(isa.width / 8) }

type vector = reg.VecVirtual

func newVector() vector {
	if isa == avx512 {
		return ZMM()
	}
	return YMM()
}

// field holds what the arithmetic modulo one prime needs in registers.
type field struct{ p, inv vector }

// loadField reads the first two fields of the prime that the parameter points to.
func loadField(param string) field {
	c := operand.Mem{Base: Load(Param(param), GP64())}
	return field{broadcast(c), broadcast(c.Offset(8))}
}

func load(m operand.Mem) vector {
	x := newVector()
	VMOVUPD(m, x)
	return x
}

func broadcast(m operand.Mem) vector {
	x := newVector()
	VBROADCASTSD(m, x)
	return x
}

func store(x vector, m operand.Mem) { VMOVUPD(x, m) }

func copied(x vector) vector {
	y := newVector()
	VMOVAPD(x, y)
	return y
}

func add(x, y vector) vector {
	z := newVector()
	VADDPD(y, x, z)
	return z
}

func sub(x, y vector) vector {
	z := newVector()
	VSUBPD(y, x, z)
	return z
}

func times(x, y vector) vector {
	z := newVector()
	VMULPD(y, x, z)
	return z
}

// The modes of rounding: to the nearest integer, to the even one of two, and down; neither raises a flag.
const (
	nearest = 8
	down    = 9
)

// round rounds x in its place.
func round(mode uint64, x vector) {
	if isa == avx512 {
		VRNDSCALEPD(operand.U8(mode), x, x)
	} else {
		VROUNDPD(operand.U8(mode), x, x)
	}
}

// mul returns x·w modulo p, as portable.go does. x is lost.
func (f field) mul(x, w vector) vector { return f.muls([]vector{x}, []vector{w})[0] }

// muls returns the products of each x by its w. It goes step by step through all of them, since the processor looks for what it can do at the same time
// among the next few instructions only.
func (f field) muls(x, w []vector) []vector {
	h, q := make([]vector, len(x)), make([]vector, len(x))
	for i := range x {
		h[i] = times(x[i], w[i])
	}
	for i := range x {
		q[i] = times(h[i], f.inv)
	}
	for i := range x {
		VFMSUB213PD(h[i], w[i], x[i]) // x = x·w − h
	}
	for i := range x {
		round(nearest, q[i])
	}
	for i := range x {
		VFNMADD231PD(f.p, q[i], h[i]) // h = h − q·p
	}
	for i := range x {
		VADDPD(x[i], h[i], h[i])
	}
	return h
}

// reduce returns x modulo p, between −p/2 and p/2, in the place of x.
func (f field) reduce(x vector) vector { return f.reduces([]vector{x})[0] }

func (f field) reduces(x []vector) []vector {
	q := make([]vector, len(x))
	for i := range x {
		q[i] = times(x[i], f.inv)
	}
	for i := range x {
		round(nearest, q[i])
	}
	for i := range x {
		VFNMADD231PD(f.p, q[i], x[i])
	}
	return x
}

// twiddles are those of two levels.
type twiddles struct{ w, v0, v1 vector }

// butterflies are two levels of the forward transform, on several columns at a time, each with its twiddles.
func (f field) butterflies(x [][4]vector, t []twiddles) [][4]vector {
	var a, b, w, v []vector
	for i, c := range x {
		a, w = append(a, c[2], c[3]), append(w, t[i].w, t[i].w)
	}
	a = f.muls(a, w)
	for _, c := range x {
		f.reduce(c[0])
	}
	for i, c := range x {
		b, v = append(b, add(c[1], a[2*i+1]), sub(c[1], a[2*i+1])), append(v, t[i].v0, t[i].v1)
	}
	b = f.muls(b, v)
	for i := range x {
		y0, y2 := add(x[i][0], a[2*i]), sub(x[i][0], a[2*i])
		x[i] = [4]vector{add(y0, b[2*i]), sub(y0, b[2*i]), add(y2, b[2*i+1]), sub(y2, b[2*i+1])}
	}
	return x
}

// unbutterflies undo butterflies but for a factor of 4; the twiddles are the negated inverses.
func (f field) unbutterflies(z [][4]vector, t []twiddles) [][4]vector {
	var b, v, y, a, w []vector
	for i, c := range z {
		b, v = append(b, sub(c[1], c[0]), sub(c[3], c[2])), append(v, t[i].v0, t[i].v1)
		y = append(y, add(c[0], c[1]), add(c[2], c[3]))
	}
	b = f.muls(b, v)
	for i := range z {
		a, w = append(a, sub(y[2*i+1], y[2*i]), sub(b[2*i+1], b[2*i])), append(w, t[i].w, t[i].w)
		z[i][0], z[i][1] = f.reduce(add(y[2*i], y[2*i+1])), add(b[2*i], b[2*i+1])
	}
	a = f.muls(a, w)
	for i := range z {
		z[i][2], z[i][3] = a[2*i], a[2*i+1]
	}
	return z
}

// columnsAtOnce is for how many butterflies there are registers.
func columnsAtOnce() int {
	if isa == avx512 {
		return 2
	}
	return 1
}
