package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// tops makes the first and last passes: portable_top.go says what they do.
func tops() {
	top("Top3", 3, func(f field, x []vector, i, _ vector) []vector {
		s, d := add(x[0], x[2]), sub(x[0], x[2])
		a, b := add(s, x[1]), sub(s, x[1])
		return []vector{a, b, add(d, f.mul(x[1], i))}
	})
	top("Top4", 4, func(f field, x []vector, i, _ vector) []vector {
		return f.evaluate4(x, i)
	})
	top("Top5", 5, func(f field, x []vector, i, w vector) []vector {
		e := add(sub(x[0], x[4]), f.mul(copied(x[2]), i))
		e = add(e, f.mul(add(x[1], f.mul(copied(x[3]), i)), w))
		return append(f.evaluate4([]vector{add(x[0], x[4]), x[1], x[2], x[3]}, i), e)
	})
	top("Bottom3", 3, func(f field, x []vector, i, _ vector) []vector {
		s, d := add(x[0], x[1]), sub(x[0], x[1])
		twice := add(d, d)
		t := f.reduce(sub(add(x[2], x[2]), f.mul(d, i)))
		return []vector{add(s, t), twice, sub(s, t)}
	})
	top("Bottom4", 4, func(f field, x []vector, i, _ vector) []vector {
		return f.interpolate4(x, i)
	})
	top("Bottom5", 5, func(f field, x []vector, i, w vector) []vector {
		for k := range x {
			x[k] = f.reduce(x[k])
		}
		b := f.interpolate4(x[:4], i)
		t := add(x[4], x[4])
		t = sub(add(t, t), f.mul(copied(b[2]), i))
		t = sub(t, f.mul(add(b[1], f.mul(copied(b[3]), i)), w))
		return []vector{add(b[0], t), add(b[1], b[1]), add(b[2], b[2]), add(b[3], b[3]), sub(b[0], t)}
	})
}

// evaluate4 evaluates the polynomial x at 1, −1, i and −i.
func (f field) evaluate4(x []vector, i vector) []vector {
	y0, y1, y2, y3 := add(x[0], x[2]), add(x[1], x[3]), sub(x[0], x[2]), f.mul(sub(x[1], x[3]), i)
	return []vector{add(y0, y1), sub(y0, y1), add(y2, y3), sub(y2, y3)}
}

// interpolate4 undoes evaluate4 but for a factor of 4.
func (f field) interpolate4(x []vector, i vector) []vector {
	y0, y1, y2, y3 := add(x[0], x[1]), sub(x[0], x[1]), add(x[2], x[3]), f.mul(sub(x[3], x[2]), i)
	return []vector{add(y0, y2), add(y1, y3), sub(y0, y2), sub(y1, y3)}
}

func top(name string, rows int, body func(f field, x []vector, i, w vector) []vector) {
	kernel(name, "does what its portable namesake does.", "func(x *float64, stride, cols int, roots, c *float64)")
	f := loadField("c")
	g := loadGrid("stride")
	cols := Load(Param("cols"), GP64())
	roots := operand.Mem{Base: Load(Param("roots"), GP64())}
	i, w := broadcast(roots), broadcast(roots.Offset(8))
	loop("column", cols, lanes(), func() {
		var x []vector
		for r := range rows {
			x = append(x, load(g.row(r)))
		}
		for r, v := range body(f, x, i, w) {
			store(v, g.row(r))
		}
		move(g.at, isa.width)
	})
	end()
}
