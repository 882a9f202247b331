package bignum

import "math/bits"

// columnMost is how many products of two limbs fit into two words: 256·10^36 < 2^128.
const columnMost = 256

// multiplyBase sets z = x·y by columns, so that there is one division for each limb of the result only. The shorter one has at most columnMost limbs;
// z has as many as both together, and shares no memory with them.
func multiplyBase(z, x, y []uint64) {
	var carryHi, carryLo uint64
	for k := range len(z) - 1 {
		low := max(0, k-len(y)+1)
		column := x[low:min(k+1, len(x))]
		other := y[k-low-len(column)+1:][:len(column)]
		hi, lo := carryHi, carryLo
		for i, v := range column {
			h, l := bits.Mul64(v, other[len(other)-1-i])
			var up uint64
			lo, up = bits.Add64(lo, l, 0)
			hi, _ = bits.Add64(hi, h, up)
		}
		carryHi = hi / base
		carryLo, z[k] = bits.Div64(hi-carryHi*base, lo, base)
	}
	z[len(z)-1] = carryLo
}

// multiplyWord sets z = x·w + carry for w < 2^64 and returns the carry from the last limb. z may be x.
func multiplyWord(z, x []uint64, w, carry uint64) uint64 {
	for i, v := range x {
		hi, lo := bits.Mul64(v, w)
		lo, up := bits.Add64(lo, carry, 0)
		carry, z[i] = bits.Div64(hi+up, lo, base)
	}
	return carry
}
