package function

import (
	"math/big"
	"math/bits"
)

// modulus is a number from 1 to 2^63. Its methods compute with residues below it.
type modulus uint64

func (m modulus) add(x, y uint64) uint64 { return (x + y) % uint64(m) }

func (m modulus) sub(x, y uint64) uint64 { return (x + uint64(m) - y) % uint64(m) }

func (m modulus) mul(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return bits.Rem64(hi, lo, uint64(m))
}

// of returns n mod m.
func (m modulus) of(n *big.Int) uint64 {
	return new(big.Int).Mod(n, new(big.Int).SetUint64(uint64(m))).Uint64()
}

// power returns base^exponent mod m.
func (m modulus) power(base uint64, exponent *big.Int) uint64 {
	r := 1 % uint64(m)
	for i := exponent.BitLen() - 1; i >= 0; i-- {
		r = m.mul(r, r)
		if exponent.Bit(i) == 1 {
			r = m.mul(r, base%uint64(m))
		}
	}
	return r
}
