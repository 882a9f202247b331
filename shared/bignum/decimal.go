package bignum

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"

	"numbermill/shared/bignum/internal/transform"
)

const (
	base      = transform.Base
	limbWidth = 18 // digits in a limb
)

// Decimal is a natural number. The zero Decimal is 0. Methods leave it alone unless they say otherwise; results may share memory with
// operands only where that is said.
type Decimal struct {
	limbs []uint64 // in base 10^18, least significant first, without zeros at the end
}

// FromUint64 returns x.
func FromUint64(x uint64) Decimal {
	return normal([]uint64{x % base, x / base})
}

// FromBig returns x, and panics if it is negative. It is meant for numbers of some thousand digits: it has math/big find the digits.
func FromBig(x *big.Int) Decimal {
	if x.Sign() < 0 {
		panic("bignum: a Decimal cannot be negative")
	}
	text := x.Text(10)
	limbs := make([]uint64, 0, len(text)/limbWidth+1)
	for end := len(text); end > 0; end -= limbWidth {
		limb, err := strconv.ParseUint(text[max(end-limbWidth, 0):end], 10, 64)
		if err != nil {
			panic(fmt.Sprintf("bignum: math/big wrote %q", text)) // It writes digits.
		}
		limbs = append(limbs, limb)
	}
	return normal(limbs)
}

// normal returns the number with these limbs, of which it takes possession.
func normal(limbs []uint64) Decimal {
	for len(limbs) > 0 && limbs[len(limbs)-1] == 0 {
		limbs = limbs[:len(limbs)-1]
	}
	return Decimal{limbs}
}

// Limbs returns how many limbs of 18 digits x has, 0 for zero.
func (x Decimal) Limbs() int { return len(x.limbs) }

// WriteText writes the decimal digits to w, most significant first, without leading zeros or a newline (zero is "0"), in chunks, and
// returns how many it wrote. progress, if not nil, is told the share of the work done, from 0 to 1, never falling; it is called on the
// caller's goroutine. An error is the context's or the writer's; digits then says how many had been written. It may be called more than
// once, also concurrently.
func (x Decimal) WriteText(ctx context.Context, w io.Writer, progress func(fraction float64)) (digits int64, err error) {
	const most = 1 << 13 // limbs that are written at once
	buffer := make([]byte, 0, limbWidth*max(min(len(x.limbs), most), 1))
	for end := len(x.limbs); ; end -= most {
		if err := ctx.Err(); err != nil {
			return digits, err
		}
		start := max(end-most, 0)
		text := appendLimbs(buffer, x.limbs[start:end])
		if end == len(x.limbs) {
			text = trim(text)
		}
		n, err := w.Write(text)
		digits += int64(n)
		if err != nil {
			return digits, fmt.Errorf("write digits: %w", err)
		}
		if progress != nil {
			progress(1 - float64(start)/float64(max(len(x.limbs), 1)))
		}
		if start == 0 {
			return digits, nil
		}
	}
}

// trim takes leading zeros away, but leaves one digit.
func trim(text []byte) []byte {
	if len(text) == 0 {
		return append(text, '0')
	}
	for len(text) > 1 && text[0] == '0' {
		text = text[1:]
	}
	return text
}

// appendLimbs appends the digits of limbs, all 18 of each, from the last limb to the first.
func appendLimbs(text []byte, limbs []uint64) []byte {
	at := len(text)
	text = text[:at+limbWidth*len(limbs)]
	for _, v := range slices.Backward(limbs) {
		high := v / 1e10 // 8 digits
		v -= high * 1e10
		middle := v / 1e2 // 8 more
		v -= middle * 1e2
		out := text[at:][:limbWidth]
		binary.LittleEndian.PutUint64(out, digits8(high))
		binary.LittleEndian.PutUint64(out[8:], digits8(middle))
		tens := v * 103 >> 10
		out[16], out[17] = byte('0'+tens), byte('0'+v-10*tens) //nolint:gosec // v < 100
		at += limbWidth
	}
	return text
}

// digits8 returns the 8 digits of v < 10^8 as text, the first in the lowest byte. It halves all pieces of a word at the same time: 4 and 4 digits, then
// 2, 2, 2 and 2, then single ones; x/100 is x·10486/2^20 for x < 10^4, and x/10 is x·103/2^10 for x < 100.
func digits8(v uint64) uint64 {
	high := v / 1e4
	x := high | (v-1e4*high)<<32
	q := x * 10486 >> 20 & (0x7f<<32 | 0x7f)
	x = q | (x-100*q)<<16
	q = x * 103 >> 10 & 0x000f000f000f000f
	return (q | (x-10*q)<<8) + 0x3030303030303030
}
