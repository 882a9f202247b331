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

// load4 reads a column of four rows, so many bytes further on.
func (g grid) load4(further int) [4]vector {
	return [4]vector{load(g.row(0).Offset(further)), load(g.row(1).Offset(further)), load(g.row(2).Offset(further)), load(g.row(3).Offset(further))}
}

func (g grid) store4(x [4]vector, further int) {
	for i, v := range x {
		store(v, g.row(i).Offset(further))
	}
}

// kernel begins the function of that name.
func kernel(name, doc, signature string) {
	TEXT(isa.name+name, NOSPLIT, signature)
	Doc(isa.name + name + " " + doc)
}

func end() {
	VZEROUPPER()
	RET()
}

// pass4 is two levels on blocks of four rows. Twiddles go up or down from one block to the next. AVX-512 has registers for two columns at a time.
func pass4(name string, forward bool) {
	kernel(name, "takes the first columns of blocks of four rows of q through two levels.",
		"func(x *float64, q, cols, blocks int, w, v *float64, c *float64)")
	f := loadField("c")
	g := loadGrid("q")
	cols := Load(Param("cols"), GP64())
	blocks := Load(Param("blocks"), GP64())
	w, v := Load(Param("w"), GP64()), Load(Param("v"), GP64())
	sign := 1
	if !forward {
		sign = -1
	}
	columns := columnsAtOnce()
	loop("block", blocks, 1, func() {
		t := make([]twiddles, columns)
		t[0] = twiddles{broadcast(operand.Mem{Base: w}), broadcast(operand.Mem{Base: v}), broadcast(operand.Mem{Base: v, Disp: 8 * sign})}
		for i := range t {
			t[i] = t[0]
		}
		move(w, 8*sign)
		move(v, 16*sign)
		left, start := GP64(), GP64()
		MOVQ(cols, left)
		MOVQ(g.at, start)
		loop("column", left, uint64(columns)*lanes(), func() {
			var x [][4]vector
			for i := range columns {
				x = append(x, g.load4(i*isa.width))
			}
			if forward {
				x = f.butterflies(x, t)
			} else {
				x = f.unbutterflies(x, t)
			}
			for i := range columns {
				g.store4(x[i], i*isa.width)
			}
			move(g.at, columns*isa.width)
		})
		LEAQ(operand.Mem{Base: start, Index: g.one, Scale: 4}, g.at)
	})
	end()
}

// move adds bytes to a pointer.
func move(pointer reg.Register, bytes int) {
	if bytes < 0 {
		SUBQ(operand.U32(-bytes), pointer)
	} else {
		ADDQ(operand.U32(bytes), pointer)
	}
}

// pass2 is one level on blocks of 32 values.
func pass2(name string, forward bool) {
	kernel(name, "takes blocks of 32 values through one level.", "func(x *float64, blocks int, w *float64, c *float64)")
	f := loadField("c")
	x := Load(Param("x"), GP64())
	blocks := Load(Param("blocks"), GP64())
	w := Load(Param("w"), GP64())
	const half = 16 * 8 // bytes
	loop("block", blocks, 1, func() {
		w0 := broadcast(operand.Mem{Base: w})
		for at := 0; at < half; at += isa.width {
			low, high := operand.Mem{Base: x, Disp: at}, operand.Mem{Base: x, Disp: half + at}
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
			move(w, 8)
		} else {
			move(w, -8)
		}
		move(x, 2*half)
	})
	end()
}

// elementwise makes a kernel that goes through n values.
func elementwise(name, doc, signature string, pointers []string, body func(f field) func(at []operand.Mem)) {
	kernel(name, doc, signature)
	f := loadField("c")
	var at []operand.Mem
	for _, pointer := range pointers {
		at = append(at, operand.Mem{Base: Load(Param(pointer), GP64())})
	}
	n := Load(Param("n"), GP64())
	step := body(f)
	loop("next", n, lanes(), func() {
		step(at)
		for _, m := range at {
			move(m.Base, isa.width)
		}
	})
	end()
}

func elementwiseKernels() {
	elementwise("Multiply", "sets x to x·y.", "func(x, y *float64, n int, c *float64)", []string{"x", "y"}, func(f field) func([]operand.Mem) {
		return func(at []operand.Mem) {
			xy := f.reduces([]vector{load(at[0]), load(at[1])})
			store(f.mul(xy[0], xy[1]), at[0])
		}
	})
	elementwise("Square", "sets x to x².", "func(x *float64, n int, c *float64)", []string{"x"}, func(f field) func([]operand.Mem) {
		return func(at []operand.Mem) {
			x := f.reduce(load(at[0]))
			store(f.mul(x, copied(x)), at[0])
		}
	})
	scale := func(f field) func([]operand.Mem) {
		w := parameter("w")
		return func(at []operand.Mem) { store(f.reduce(f.mul(load(at[1]), w)), at[0]) }
	}
	elementwise("Scale", "sets dst to w·src, reduced.", "func(dst, src *float64, n int, w float64, c *float64)", []string{"dst", "src"}, scale)
	elementwise("Fill", "sets dst to src, reduced.", "func(dst *float64, src *uint64, n int, c *float64)", []string{"dst", "src"}, fill)
}

// parameter broadcasts a float64 parameter.
func parameter(name string) vector {
	x := newVector()
	narrow := Load(Param(name), XMM())
	VBROADCASTSD(narrow, x)
	return x
}

// fill cuts v < 2^60 into high·2^30 + low. An integer below 2^30 becomes a float64 by putting it into the mantissa of 2^52, or of 2^82, which is then
// taken away.
func fill(f field) func(at []operand.Mem) {
	mask := constant("low30", 1<<30-1)
	lowest, highest := constant("two52", 0x4330000000000000), constant("two82", 0x4510000000000000)
	return func(at []operand.Mem) {
		low, high := newVector(), newVector()
		v := load(at[1])
		VPSRLQ(operand.U8(30), v, high)
		if isa == avx512 {
			VPANDQ(mask, v, low)
			VPORQ(lowest, low, low)
			VPORQ(highest, high, high)
		} else {
			VPAND(mask, v, low)
			VPOR(lowest, low, low)
			VPOR(highest, high, high)
		}
		store(add(f.reduce(sub(high, highest)), sub(low, lowest)), at[0])
	}
}

// constants are those that the file has already.
var constants = map[string]operand.Mem{}

// constant broadcasts a word.
func constant(name string, value uint64) vector {
	if _, ok := constants[name]; !ok {
		constants[name] = ConstData(name, operand.U64(value))
	}
	return broadcast(constants[name])
}
