package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// The last four levels go through groups of 16 values, as 4×4 matrices: two levels on the rows, a transposition, two levels on what were the
// columns. With AVX-512 a vector holds one row of each of two groups. Lanes are counted within a row.

func lows(x, y vector) vector { // x0 y0 x2 y2
	z := newVector()
	VUNPCKLPD(y, x, z)
	return z
}

func highs(x, y vector) vector { // x1 y1 x3 y3
	z := newVector()
	VUNPCKHPD(y, x, z)
	return z
}

// halves puts halves of rows side by side.
type halves struct{ low, high vector }

// newHalves loads what halves needs in registers: where VPERMT2PD, which AVX-512 has instead of VPERM2F128, is to take values from.
func newHalves() halves {
	if isa == avx2 {
		return halves{}
	}
	return halves{indexes("lowHalves", 0, 1, 8, 9, 4, 5, 12, 13), indexes("highHalves", 2, 3, 10, 11, 6, 7, 14, 15)}
}

func indexes(name string, order ...uint64) vector {
	if _, ok := constants[name]; !ok {
		constants[name] = GLOBL(name, attr.RODATA|attr.NOPTR)
		for i, index := range order {
			DATA(8*i, operand.U64(index))
		}
	}
	return load(constants[name])
}

func (h halves) lows(x, y vector) vector { // x0 x1 y0 y1
	if isa == avx512 {
		return gathered(h.low, x, y)
	}
	z := newVector()
	VPERM2F128(operand.U8(0x20), y, x, z)
	return z
}

func (h halves) highs(x, y vector) vector { // x2 x3 y2 y3
	if isa == avx512 {
		return gathered(h.high, x, y)
	}
	z := newVector()
	VPERM2F128(operand.U8(0x31), y, x, z)
	return z
}

func gathered(order, x, y vector) vector {
	z := copied(x)
	VPERMT2PD(y, order, z)
	return z
}

func permute(order uint64, x operand.Op) vector {
	z := newVector()
	VPERMPD(operand.U8(order), x, z)
	return z
}

// transpose makes columns of rows; in a column the rows are in the order 0, 2, 1, 3.
func (h halves) transpose(r [4]vector) [4]vector {
	t0, t1, t2, t3 := lows(r[0], r[2]), highs(r[0], r[2]), lows(r[1], r[3]), highs(r[1], r[3])
	return [4]vector{h.lows(t0, t2), h.lows(t1, t3), h.highs(t0, t2), h.highs(t1, t3)}
}

// untranspose undoes transpose.
func (h halves) untranspose(m [4]vector) [4]vector {
	t0, t2 := h.lows(m[0], m[2]), h.highs(m[0], m[2])
	t1, t3 := h.lows(m[1], m[3]), h.highs(m[1], m[3])
	return [4]vector{lows(t0, t1), lows(t2, t3), highs(t0, t1), highs(t2, t3)}
}

// blocks takes two blocks of 256 bits from x, and two from y.
func blocks(order uint64, x, y vector) vector {
	z := newVector()
	VSHUFF64X2(operand.U8(order), y, x, z)
	return z
}

const tailSignature = "func(x *float64, groups int, w16, v16, w4, v4 *float64, c *float64)"

// forwardTail is the last four levels.
func forwardTail() {
	kernel("ForwardTail", "takes groups of 16 values through the last four levels.", tailSignature)
	f, h := loadField("c"), newHalves()
	g := loadGroups(1)
	loop("group", g.left, g.count(), func() {
		x := f.butterflies(each(g.load), each(g.outer))
		for i := range x {
			x[i] = h.transpose(x[i])
		}
		x = f.butterflies(x, each(g.innerUp))
		g.store(x)
		g.advance()
	})
	end()
}

// inverseTail undoes forwardTail but for a factor of 16. All twiddles go down.
func inverseTail() {
	kernel("InverseTail", "takes groups of 16 values back through the last four levels.", tailSignature)
	f, h := loadField("c"), newHalves()
	g := loadGroups(-1)
	loop("group", g.left, g.count(), func() {
		x := f.unbutterflies(each(g.load), each(g.innerDown))
		for i := range x {
			x[i] = h.untranspose(x[i])
		}
		x = f.unbutterflies(x, each(g.outer))
		g.store(x)
		g.advance()
	})
	end()
}

// each returns what f makes for all columns that are worked on at once.
func each[T any](f func(column int) T) []T {
	var all []T
	for i := range columnsAtOnce() {
		all = append(all, f(i))
	}
	return all
}
