package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// groups are blocks of 16 values, with where their twiddles stand and those of the blocks of 4. From one to the next these go up, or down where sign
// is −1. AVX-512 has two groups in a column of four vectors, and two columns at a time.
type groups struct {
	x, w16, v16, w4, v4 operand.Mem
	left                reg.Register
	sign                int
	second              reg.Register // the lanes of the second group
}

func loadGroups(sign int) groups {
	at := func(name string) operand.Mem { return operand.Mem{Base: Load(Param(name), GP64())} }
	g := groups{x: at("x"), w16: at("w16"), v16: at("v16"), w4: at("w4"), v4: at("v4"), left: Load(Param("groups"), GP64()), sign: sign}
	if isa == avx512 {
		mask := GP32()
		MOVL(operand.U32(0xf0), mask)
		g.second = K()
		KMOVW(mask, g.second)
	}
	return g
}

// count is how many groups are taken at a time.
func (g groups) count() uint64 { return uint64(columnsAtOnce()) * lanes() / 4 }

// at returns the groups of a column: those of the first, further on.
func (g groups) at(column int) groups {
	skip := column * int(lanes()) / 4
	g.x = g.x.Offset(skip * 16 * 8)
	for i, m := range []*operand.Mem{&g.w16, &g.v16, &g.w4, &g.v4} {
		*m = m.Offset(g.sign * skip * 8 << i)
	}
	return g
}

// load reads the rows of a column. Two groups are four vectors of two rows each: the halves 0 and 1 of the first are rows 0 and 1 of the first group.
func (g groups) load(column int) [4]vector {
	var x [4]vector
	for i := range x {
		x[i] = load(g.at(column).x.Offset(i * isa.width))
	}
	if isa == avx512 {
		x = [4]vector{blocks(0x44, x[0], x[2]), blocks(0xee, x[0], x[2]), blocks(0x44, x[1], x[3]), blocks(0xee, x[1], x[3])}
	}
	return x
}

func (g groups) store(columns [][4]vector) {
	for i, x := range columns {
		if isa == avx512 {
			x = [4]vector{blocks(0x44, x[0], x[1]), blocks(0x44, x[2], x[3]), blocks(0xee, x[0], x[1]), blocks(0xee, x[2], x[3])}
		}
		for j, v := range x {
			store(v, g.at(i).x.Offset(j*isa.width))
		}
	}
}

// outer returns the twiddles of the groups, one for all lanes of each.
func (g groups) outer(column int) twiddles {
	spread := func(m operand.Mem, step int) vector {
		x := broadcast(m)
		if isa == avx512 {
			VBROADCASTSD(m.Offset(g.sign*8*step), g.second, x)
		}
		return x
	}
	g = g.at(column)
	return twiddles{spread(g.w16, 1), spread(g.v16, 2), spread(g.v16.Offset(g.sign*8), 2)}
}

// innerUp returns the twiddles of the blocks of 4, in the order in which transpose leaves these: 0, 2, 1, 3.
func (g groups) innerUp(column int) twiddles {
	g = g.at(column)
	a, b := load(g.v4), load(g.v4.Offset(isa.width))
	if isa == avx512 {
		a, b = blocks(0x44, a, b), blocks(0xee, a, b)
	}
	return twiddles{permute(0xd8, g.w4), lows(a, b), highs(a, b)}
}

// innerDown returns the same of twiddles that go down.
func (g groups) innerDown(column int) twiddles {
	word := -8
	g = g.at(column)
	if isa == avx2 {
		x, y := load(g.v4.Offset(3*word)), load(g.v4.Offset(7*word))
		return twiddles{permute(0x27, g.w4.Offset(3*word)), permute(0x4e, highs(x, y)), permute(0x4e, lows(x, y))}
	}
	first, second := load(g.v4.Offset(7*word)), load(g.v4.Offset(15*word)) // of two groups, each downwards: its later values come first
	x, y := blocks(0xee, first, second), blocks(0x44, first, second)
	w := load(g.w4.Offset(7 * word))
	return twiddles{permute(0x27, blocks(0x4e, w, w)), permute(0x4e, highs(x, y)), permute(0x4e, lows(x, y))}
}

// advance goes on to the next groups.
func (g groups) advance() {
	count := int(g.count())
	move(g.x.Base, count*16*8)
	for i, m := range []operand.Mem{g.w16, g.v16, g.w4, g.v4} {
		move(m.Base, g.sign*count*8<<i)
	}
}
