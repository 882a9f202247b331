package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// loop repeats body while the count, which is at least 1, is counted down by step.
func loop(name string, count reg.Register, step uint64, body func()) {
	Label(name)
	body()
	SUBQ(operand.U32(step), count)
	JNZ(operand.LabelRef(name))
}

// grid is the memory of rows that lie a stride apart.
type grid struct {
	at         reg.Register // the current column of the first row
	one, three reg.Register // stride and three strides, in bytes
}

// loadGrid reads the parameters x and stride.
func loadGrid(stride string) grid {
	g := grid{Load(Param("x"), GP64()), Load(Param(stride), GP64()), GP64()}
	SHLQ(operand.Imm(3), g.one)
	LEAQ(operand.Mem{Base: g.one, Index: g.one, Scale: 2}, g.three)
	return g
}

func (g grid) row(i int) operand.Mem {
	switch i {
	case 0:
		return operand.Mem{Base: g.at}
	case 1, 2, 4:
		return operand.Mem{Base: g.at, Index: g.one, Scale: uint8(i)}
	}
	return operand.Mem{Base: g.at, Index: g.three, Scale: 1}
}

func (g grid) load4() [4]vector {
	return [4]vector{load(g.row(0)), load(g.row(1)), load(g.row(2)), load(g.row(3))}
}

func (g grid) store4(x [4]vector) {
	for i, v := range x {
		store(v, g.row(i))
	}
}

const width = 32 // bytes in a vector

// pass4 is two levels on blocks of four rows. Twiddles go up or down from one block to the next.
func pass4(name string, forward bool) {
	TEXT(name, NOSPLIT, "func(x *float64, q, cols, blocks int, w, v *float64, c *float64)")
	Doc(name + " takes the first columns of blocks of four rows of q through two levels.")
	f := loadField()
	g := loadGrid("q")
	cols := Load(Param("cols"), GP64())
	blocks := Load(Param("blocks"), GP64())
	w, v := Load(Param("w"), GP64()), Load(Param("v"), GP64())
	loop("block", blocks, 1, func() {
		w0, v0 := broadcast(operand.Mem{Base: w}), broadcast(operand.Mem{Base: v})
		v1 := YMM()
		if forward {
			VBROADCASTSD(operand.Mem{Base: v, Disp: 8}, v1)
			ADDQ(operand.Imm(8), w)
			ADDQ(operand.Imm(16), v)
		} else {
			VBROADCASTSD(operand.Mem{Base: v, Disp: -8}, v1)
			SUBQ(operand.Imm(8), w)
			SUBQ(operand.Imm(16), v)
		}
		left := GP64()
		MOVQ(cols, left)
		start := GP64()
		MOVQ(g.at, start)
		loop("column", left, 4, func() {
			if forward {
				g.store4(f.butterfly(g.load4(), w0, v0, v1))
			} else {
				g.store4(f.unbutterfly(g.load4(), w0, v0, v1))
			}
			ADDQ(operand.Imm(width), g.at)
		})
		LEAQ(operand.Mem{Base: start, Index: g.one, Scale: 4}, g.at)
	})
	VZEROUPPER()
	RET()
}

// pass2 is one level on blocks of 32 values.
func pass2(name string, forward bool) {
	TEXT(name, NOSPLIT, "func(x *float64, blocks int, w *float64, c *float64)")
	Doc(name + " takes blocks of 32 values through one level.")
	f := loadField()
	x := Load(Param("x"), GP64())
	blocks := Load(Param("blocks"), GP64())
	w := Load(Param("w"), GP64())
	loop("block", blocks, 1, func() {
		w0 := broadcast(operand.Mem{Base: w})
		for j := range 4 {
			low, high := operand.Mem{Base: x, Disp: width * j}, operand.Mem{Base: x, Disp: width * (4 + j)}
			u, v := load(low), load(high)
			if forward {
				u, v = f.reduce(u), f.mul(v, w0)
				store(add(u, v), low)
				store(sub(u, v), high)
			} else {
				store(f.reduce(add(u, v)), low)
				store(f.mul(sub(v, u), w0), high)
			}
		}
		if forward {
			ADDQ(operand.Imm(8), w)
		} else {
			SUBQ(operand.Imm(8), w)
		}
		ADDQ(operand.U32(8*width), x)
	})
	VZEROUPPER()
	RET()
}

// elementwise makes a kernel that goes through n values.
func elementwise(name, doc, signature string, pointers []string, body func(f field) func(at []operand.Mem)) {
	TEXT(name, NOSPLIT, signature)
	Doc(name + " " + doc)
	f := loadField()
	var registers []reg.Register
	var at []operand.Mem
	for _, pointer := range pointers {
		r := Load(Param(pointer), GP64())
		registers, at = append(registers, r), append(at, operand.Mem{Base: r})
	}
	n := Load(Param("n"), GP64())
	step := body(f)
	loop("next", n, 4, func() {
		step(at)
		for _, r := range registers {
			ADDQ(operand.Imm(width), r)
		}
	})
	VZEROUPPER()
	RET()
}

func elementwiseKernels() {
	elementwise("avx2Multiply", "sets x to x·y.", "func(x, y *float64, n int, c *float64)", []string{"x", "y"}, func(f field) func([]operand.Mem) {
		return func(at []operand.Mem) {
			store(f.mul(f.reduce(load(at[0])), f.reduce(load(at[1]))), at[0])
		}
	})
	elementwise("avx2Square", "sets x to x².", "func(x *float64, n int, c *float64)", []string{"x"}, func(f field) func([]operand.Mem) {
		return func(at []operand.Mem) {
			x, y := f.reduce(load(at[0])), YMM()
			VMOVAPD(x, y)
			store(f.mul(x, y), at[0])
		}
	})
	elementwise("avx2Scale", "sets dst to w·src, reduced.", "func(dst, src *float64, n int, w float64, c *float64)", []string{"dst", "src"}, func(f field) func([]operand.Mem) {
		w := parameter("w")
		return func(at []operand.Mem) { store(f.reduce(f.mul(load(at[1]), w)), at[0]) }
	})
	elementwise("avx2Finish", "sets x to s·x, from 0 to p−1.", "func(x *float64, n int, s float64, c *float64)", []string{"x"}, func(f field) func([]operand.Mem) {
		s, zero := parameter("s"), YMM()
		VXORPD(zero, zero, zero)
		return func(at []operand.Mem) {
			const less = 1
			x, up := f.mul(f.reduce(load(at[0])), s), YMM()
			VCMPPD(operand.Imm(less), zero, x, up)
			VANDPD(f.p, up, up)
			store(add(x, up), at[0])
		}
	})
	elementwise("avx2Fill", "sets dst to src, reduced.", "func(dst *float64, src *uint64, n int, c *float64)", []string{"dst", "src"}, fill)
}

// parameter broadcasts a float64 parameter.
func parameter(name string) vector {
	x := YMM()
	narrow := Load(Param(name), XMM())
	VBROADCASTSD(narrow, x)
	return x
}

// fill cuts v < 2^60 into high·2^30 + low. An integer below 2^30 becomes a float64 by putting it into the mantissa of 2^52, or of 2^82, which is then
// taken away.
func fill(f field) func(at []operand.Mem) {
	constant := func(name string, value uint64) vector {
		x := YMM()
		VBROADCASTSD(ConstData(name, operand.U64(value)), x)
		return x
	}
	mask := constant("low30", 1<<30-1)
	lowest, highest := constant("two52", 0x4330000000000000), constant("two82", 0x4510000000000000)
	return func(at []operand.Mem) {
		low, high := YMM(), YMM()
		v := load(at[1])
		VPAND(mask, v, low)
		VPSRLQ(operand.Imm(30), v, high)
		VPOR(lowest, low, low)
		VPOR(highest, high, high)
		store(add(f.reduce(sub(high, highest)), sub(low, lowest)), at[0])
	}
}
