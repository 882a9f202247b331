package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// The layout of digitConstants in ../digits_amd64.go, in float64.
const (
	primeSize     = 7 // p, 1/p, the scale and the digits of P/p
	baseAt        = 3 * primeSize
	inverseAt     = baseAt + 1
	marginAt      = baseAt + 2
	productAt     = baseAt + 3
	cofactorCount = 4
)

// digits brings residues to digits in base 10^9: ../digits_amd64.go says how and why it is exact.
func digits() {
	kernel("Digits", "turns residues into digits, and these into integers in base 10^18, in the same memory.", "func(x0, x1, x2 *float64, n int, c *float64)")
	var at []operand.Mem
	for _, name := range []string{"x0", "x1", "x2"} {
		at = append(at, operand.Mem{Base: Load(Param(name), GP64())})
	}
	n, c := Load(Param("n"), GP64()), operand.Mem{Base: Load(Param("c"), GP64())}
	constant := func(i int) vector { return broadcast(c.Offset(8 * i)) }
	base, inverse := constant(baseAt), constant(inverseAt)
	loop("next", n, lanes(), func() {
		v, quotient := residues(at, constant)
		s := columns(v, constant, base, inverse)
		for k := range s {
			VFNMADD231PD(constant(productAt+k), quotient, s[k])
		}
		var up []vector
		for k := range cofactorCount {
			up = append(up, times(s[k], inverse))
		}
		for k := range up {
			round(down, up[k])
		}
		for k := range up {
			VFNMADD231PD(base, up[k], s[k])
		}
		for k := range up {
			VADDPD(up[k], s[k+1], s[k+1])
		}
		store(joined(s[0], s[1]), at[0])
		store(joined(s[2], s[3]), at[1])
		store(integer(s[4]), at[2])
		for _, m := range at {
			move(m.Base, isa.width)
		}
	})
	end()
}

// residues scales the residues, and finds how often P is to be taken from their combination.
func residues(at []operand.Mem, constant func(int) vector) (v []vector, quotient vector) {
	for i, m := range at {
		f := field{constant(i * primeSize), constant(i*primeSize + 1)}
		v = append(v, f.mul(f.reduce(load(m)), constant(i*primeSize+2)))
	}
	quotient = times(v[0], constant(1))
	VFMADD231PD(constant(primeSize+1), v[1], quotient)
	VFMADD231PD(constant(2*primeSize+1), v[2], quotient)
	quotient = sub(quotient, constant(marginAt))
	round(nearest, quotient)
	return v, quotient
}

// columns returns the sums of the products of all v by the digits of their P/p, each product cut into a digit and what belongs to the next one.
func columns(v []vector, constant func(int) vector, base, inverse vector) []vector {
	var sums []vector
	var up vector
	for k := range cofactorCount {
		var digits, next []vector
		for i := 0; i < len(v); i += atOnce() {
			var c []vector
			for j := range atOnce() {
				c = append(c, constant((i+j)*primeSize+3+k))
			}
			d, q := cut(v[i:i+atOnce()], c, base, inverse)
			digits, next = []vector{total(append(digits, d...))}, []vector{total(append(next, q...))}
		}
		if k > 0 {
			VADDPD(up, digits[0], digits[0])
		}
		sums, up = append(sums, digits[0]), next[0]
	}
	return append(sums, up)
}

// atOnce is for how many products there are registers.
func atOnce() int {
	if isa == avx512 {
		return 3
	}
	return 1
}

// cut returns the products of all v by their c as d + 10^9·q.
func cut(v, c []vector, base, inverse vector) (d, q []vector) {
	var l []vector
	for i := range v {
		d = append(d, times(v[i], c[i]))
	}
	for i := range v {
		q = append(q, times(d[i], inverse))
	}
	for i := range v {
		l = append(l, copied(v[i]))
		VFMSUB213PD(d[i], c[i], l[i]) // l = v·c − d
	}
	for i := range v {
		round(nearest, q[i])
	}
	for i := range v {
		VFNMADD231PD(base, q[i], d[i])
	}
	for i := range v {
		VADDPD(l[i], d[i], d[i])
	}
	return d, q
}

// total adds to the first x all others.
func total(x []vector) vector {
	for _, y := range x[1:] {
		VADDPD(y, x[0], x[0])
	}
	return x[0]
}

// magic is 1.5·2^52: added to an integer, it makes its two's complement the low bits of the sum.
const magic = 0x4338000000000000

// integer returns x as 64-bit integers, |x| < 2^51.
func integer(x vector) vector {
	offset := constant("magic", magic)
	y := add(x, offset)
	VPSUBQ(offset, y, y)
	return y
}

// joined returns low + 10^9·high as integers, for |high| < 2^31.
func joined(low, high vector) vector {
	y := integer(high)
	VPMULDQ(constant("billion", 1_000_000_000), y, y)
	VPADDQ(integer(low), y, y)
	return y
}
