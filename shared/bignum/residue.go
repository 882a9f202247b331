package bignum

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Residue is an io.Writer that takes the decimal digits of a number, most significant first, in as many writes as it may be, and
// knows their value modulo a modulus. It keeps no digits.
type Residue struct {
	modulus, value uint64
}

// NewResidue returns a Residue modulo modulus ≥ 1.
func NewResidue(modulus uint64) *Residue {
	if modulus == 0 {
		panic("bignum: a modulus of 0")
	}
	return &Residue{modulus: modulus}
}

// Write takes more digits. It fails at a byte that is not a digit.
func (r *Residue) Write(digits []byte) (int, error) {
	const pair = 16 // digits are taken at once
	i := 0
	for ; i+pair <= len(digits); i += pair {
		high, low := binary.LittleEndian.Uint64(digits[i:]), binary.LittleEndian.Uint64(digits[i+8:])
		if !eightDigits(high) || !eightDigits(low) {
			break // What is wrong is found below.
		}
		r.append(value8(high)*1e8+value8(low), 1e16)
	}
	for ; i < len(digits); i++ {
		d := digits[i] - '0'
		if d > 9 {
			return i, fmt.Errorf("byte %q is not a decimal digit", digits[i])
		}
		r.append(uint64(d), 10)
	}
	return len(digits), nil
}

// append puts digits with the value chunk < scale behind those so far.
func (r *Residue) append(chunk, scale uint64) {
	hi, lo := bits.Mul64(r.value, scale)
	lo, carry := bits.Add64(lo, chunk, 0)
	r.value = bits.Rem64(hi+carry, lo, r.modulus)
}

// eightDigits reports whether all bytes of x are from '0' to '9': their upper halves are 3, also after 6 has been added.
func eightDigits(x uint64) bool {
	const upper, threes, sixes = 0xf0f0f0f0f0f0f0f0, 0x3030303030303030, 0x0606060606060606
	return x&upper == threes && (x+sixes)&upper == threes
}

// value8 is the value of eight digits, the first of which is the lowest byte. It joins neighbours: to two digits each, then four, then eight.
func value8(x uint64) uint64 {
	x = x & 0x0f0f0f0f0f0f0f0f * (10<<8 + 1) >> 8
	x = x & 0x00ff00ff00ff00ff * (100<<16 + 1) >> 16
	return x & 0x0000ffff0000ffff * (10000<<32 + 1) >> 32
}

// Value returns the value of the digits so far, modulo the modulus; 0 before the first.
func (r *Residue) Value() uint64 { return r.value }
