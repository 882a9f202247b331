package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func lows(x, y vector) vector { // x0 y0 x2 y2
	z := YMM()
	VUNPCKLPD(y, x, z)
	return z
}

func highs(x, y vector) vector { // x1 y1 x3 y3
	z := YMM()
	VUNPCKHPD(y, x, z)
	return z
}

func halves(which uint64, x, y vector) vector { // 0x20: x0 x1 y0 y1; 0x31: x2 x3 y2 y3
	z := YMM()
	VPERM2F128(operand.U8(which), y, x, z)
	return z
}

func permute(order uint64, m operand.Op) vector {
	z := YMM()
	VPERMPD(operand.U8(order), m, z)
	return z
}

// transpose makes columns of rows; in a column the rows are in the order 0, 2, 1, 3.
func transpose(r [4]vector) [4]vector {
	t0, t1, t2, t3 := lows(r[0], r[2]), highs(r[0], r[2]), lows(r[1], r[3]), highs(r[1], r[3])
	return [4]vector{halves(0x20, t0, t2), halves(0x20, t1, t3), halves(0x31, t0, t2), halves(0x31, t1, t3)}
}

// untranspose undoes transpose.
func untranspose(m [4]vector) [4]vector {
	t0, t2 := halves(0x20, m[0], m[2]), halves(0x31, m[0], m[2])
	t1, t3 := halves(0x20, m[1], m[3]), halves(0x31, m[1], m[3])
	return [4]vector{lows(t0, t1), lows(t2, t3), highs(t0, t1), highs(t2, t3)}
}

// forwardTail is the last four levels.
func forwardTail() {
	TEXT("avx2ForwardTail", NOSPLIT, "func(x *float64, groups int, w16, v16, w4, v4 *float64, c *float64)")
	Doc("avx2ForwardTail takes groups of 16 values through the last four levels.")
	f := loadField()
	g := loadGroups()
	loop("group", g.left, 1, func() {
		x := f.butterfly(g.load(), broadcast(g.w16), broadcast(g.v16), broadcast(g.v16.Offset(8)))
		x = transpose(x)
		w := permute(0xd8, g.w4)
		a, b := load(g.v4), load(g.v4.Offset(width))
		g.store(f.butterfly(x, w, lows(a, b), highs(a, b)))
		g.advance(1)
	})
	VZEROUPPER()
	RET()
}

// inverseTail undoes forwardTail but for a factor of 16. All twiddles go down.
func inverseTail() {
	TEXT("avx2InverseTail", NOSPLIT, "func(x *float64, groups int, w16, v16, w4, v4 *float64, c *float64)")
	Doc("avx2InverseTail takes groups of 16 values back through the last four levels.")
	f := loadField()
	g := loadGroups()
	loop("group", g.left, 1, func() {
		w := permute(0x27, g.w4.Offset(-24))
		a, b := load(g.v4.Offset(-24)), load(g.v4.Offset(-56))
		v0, v1 := permute(0x4e, highs(a, b)), permute(0x4e, lows(a, b))
		x := untranspose(f.unbutterfly(g.load(), w, v0, v1))
		g.store(f.unbutterfly(x, broadcast(g.w16), broadcast(g.v16), broadcast(g.v16.Offset(-8))))
		g.advance(-1)
	})
	VZEROUPPER()
	RET()
}

// groups are blocks of 16 values, with where their twiddles stand and those of the blocks of 4.
type groups struct {
	x, w16, v16, w4, v4 operand.Mem
	left                reg.Register
}

func loadGroups() groups {
	at := func(name string) operand.Mem { return operand.Mem{Base: Load(Param(name), GP64())} }
	return groups{at("x"), at("w16"), at("v16"), at("w4"), at("v4"), Load(Param("groups"), GP64())}
}

func (g groups) load() [4]vector {
	return [4]vector{load(g.x), load(g.x.Offset(width)), load(g.x.Offset(2 * width)), load(g.x.Offset(3 * width))}
}

func (g groups) store(x [4]vector) {
	for i, v := range x {
		store(v, g.x.Offset(i*width))
	}
}

// advance goes on to the next group, the twiddles up or down.
func (g groups) advance(sign int) {
	ADDQ(operand.U32(4*width), g.x.Base)
	step := func(m operand.Mem, count uint64) {
		if sign > 0 {
			ADDQ(operand.U32(8*count), m.Base)
		} else {
			SUBQ(operand.U32(8*count), m.Base)
		}
	}
	step(g.w16, 1)
	step(g.v16, 2)
	step(g.w4, 4)
	step(g.v4, 8)
}
