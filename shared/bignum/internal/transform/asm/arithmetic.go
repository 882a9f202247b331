package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vector is four values.
type vector = reg.VecVirtual

// field holds what the arithmetic modulo one prime needs in registers.
type field struct{ p, inv vector }

// loadField reads the first two fields of the prime that the parameter c points to.
func loadField() field {
	c := operand.Mem{Base: Load(Param("c"), GP64())}
	f := field{YMM(), YMM()}
	VBROADCASTSD(c, f.p)
	VBROADCASTSD(c.Offset(8), f.inv)
	return f
}

func load(m operand.Mem) vector {
	x := YMM()
	VMOVUPD(m, x)
	return x
}

func broadcast(m operand.Mem) vector {
	x := YMM()
	VBROADCASTSD(m, x)
	return x
}

func store(x vector, m operand.Mem) { VMOVUPD(x, m) }

func add(x, y vector) vector {
	z := YMM()
	VADDPD(y, x, z)
	return z
}

func sub(x, y vector) vector {
	z := YMM()
	VSUBPD(y, x, z)
	return z
}

// nearest is the mode of VROUNDPD that rounds to the nearest integer, to the even one of two, and raises no flag.
const nearest = 8

// mul returns x·w modulo p, as portable.go does. x is lost.
func (f field) mul(x, w vector) vector {
	h, q := YMM(), YMM()
	VMULPD(w, x, h)
	VMULPD(f.inv, h, q)
	VROUNDPD(operand.Imm(nearest), q, q)
	VFMSUB213PD(h, w, x)    // x = x·w − h
	VFNMADD231PD(f.p, q, h) // h = h − q·p
	VADDPD(x, h, h)
	return h
}

// reduce returns x modulo p, between −p/2 and p/2, in the place of x.
func (f field) reduce(x vector) vector {
	q := YMM()
	VMULPD(f.inv, x, q)
	VROUNDPD(operand.Imm(nearest), q, q)
	VFNMADD231PD(f.p, q, x)
	return x
}

// butterfly is two levels of the forward transform.
func (f field) butterfly(x [4]vector, w, v0, v1 vector) [4]vector {
	x2, x3 := f.mul(x[2], w), f.mul(x[3], w)
	x0 := f.reduce(x[0])
	y1, y3 := f.mul(add(x[1], x3), v0), f.mul(sub(x[1], x3), v1)
	y0, y2 := add(x0, x2), sub(x0, x2)
	return [4]vector{add(y0, y1), sub(y0, y1), add(y2, y3), sub(y2, y3)}
}

// unbutterfly undoes butterfly but for a factor of 4; the twiddles are the negated inverses.
func (f field) unbutterfly(z [4]vector, w, v0, v1 vector) [4]vector {
	y1, y3 := f.mul(sub(z[1], z[0]), v0), f.mul(sub(z[3], z[2]), v1)
	y0, y2 := add(z[0], z[1]), add(z[2], z[3])
	return [4]vector{
		f.reduce(add(y0, y2)), add(y1, y3),
		f.mul(sub(y2, y0), w), f.mul(sub(y3, y1), w),
	}
}
