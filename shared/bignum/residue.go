package bignum

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Residues is an io.Writer that takes the decimal digits of a number, most significant first, in as many writes as it may be, and
// knows their value modulo some moduli. It keeps no digits.
type Residues struct{ each []residue }

type residue struct {
	modulus, value uint64
	powers         [wordsInBlock + 1]uint64 // of 10^16, modulo the modulus
}

const (
	wordDigits   = 16 // are read at once
	wordsInBlock = 64 // words between two reductions: their products with the powers are below 2^54·2^64, and their sum below 2^124
)

// NewResidues returns Residues modulo the moduli, each of which is at least 1.
func NewResidues(moduli ...uint64) *Residues {
	all := &Residues{make([]residue, len(moduli))}
	for i, m := range moduli {
		if m == 0 {
			panic("bignum: a modulus of 0")
		}
		r := &all.each[i]
		r.modulus, r.powers[0] = m, 1%m
		for k := range wordsInBlock {
			r.powers[k+1] = r.reduce(bits.Mul64(r.powers[k], 1e16))
		}
	}
	return all
}

// Write takes more digits. It fails at a byte that is not a digit.
func (r *Residues) Write(digits []byte) (int, error) {
	var words [wordsInBlock]uint64
	rest := digits
	for len(rest) >= wordDigits {
		count := readWords(&words, rest)
		if count == 0 {
			break // What is wrong is found below.
		}
		for i := range r.each {
			r.each[i].append(words[:count])
		}
		rest = rest[count*wordDigits:]
	}
	for i, c := range rest {
		d := c - '0'
		if d > 9 {
			return len(digits) - len(rest) + i, fmt.Errorf("byte %q is not a decimal digit", c)
		}
		for k := range r.each {
			one := &r.each[k]
			hi, lo := bits.Mul64(one.value, 10)
			lo, carry := bits.Add64(lo, uint64(d), 0)
			one.value = one.reduce(hi+carry, lo)
		}
	}
	return len(digits), nil
}

// Values returns the value of the digits so far modulo each modulus; 0 before the first.
func (r *Residues) Values() []uint64 {
	values := make([]uint64, len(r.each))
	for i := range r.each {
		values[i] = r.each[i].value
	}
	return values
}

// append puts words of 16 digits behind those so far.
func (r *residue) append(words []uint64) {
	var hi, lo uint64
	for i, w := range words {
		h, l := bits.Mul64(w, r.powers[len(words)-1-i])
		var carry uint64
		lo, carry = bits.Add64(lo, l, 0)
		hi += h + carry
	}
	low, carry := bits.Add64(r.reduce(bits.Mul64(r.value, r.powers[len(words)])), r.reduce(hi, lo), 0)
	r.value = r.reduce(carry, low)
}

func (r *residue) reduce(hi, lo uint64) uint64 { return bits.Rem64(hi, lo, r.modulus) }

// readWords reads words of 16 digits, as many as there are and fit, up to one that has another byte, and returns how many.
func readWords(words *[wordsInBlock]uint64, digits []byte) int {
	for i := range words {
		if len(digits) < wordDigits {
			return i
		}
		first, second := binary.LittleEndian.Uint64(digits), binary.LittleEndian.Uint64(digits[8:])
		if !eightDigits(first) || !eightDigits(second) {
			return i
		}
		words[i] = value8(first)*1e8 + value8(second)
		digits = digits[wordDigits:]
	}
	return wordsInBlock
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
