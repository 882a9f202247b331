package bignum

import (
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
	const most = 19 // digits fit into 64 bits
	for i := 0; i < len(digits); {
		chunk, scale := uint64(0), uint64(1)
		for end := min(i+most, len(digits)); i < end; i++ {
			d := digits[i] - '0'
			if d > 9 {
				return i, fmt.Errorf("byte %q is not a decimal digit", digits[i])
			}
			chunk, scale = chunk*10+uint64(d), scale*10
		}
		hi, lo := bits.Mul64(r.value, scale)
		lo, carry := bits.Add64(lo, chunk, 0)
		r.value = bits.Rem64(hi+carry, lo, r.modulus)
	}
	return len(digits), nil
}

// Value returns the value of the digits so far, modulo the modulus; 0 before the first.
func (r *Residue) Value() uint64 { return r.value }
