package bignum

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/bits"
)

// WriteDecimal divides by a power of ten with half the digits, and writes out quotient and remainder in the same way.
func (b binary) WriteDecimal(ctx context.Context, w io.Writer, progress func(float64)) (int64, error) {
	return Calculator{}.writeDecimal(ctx, w, b.x, progress)
}

func (c Calculator) decimalLimit() int {
	if c.decimalWords > 0 {
		return c.decimalWords
	}
	return defaultDecimalWords
}

// conversion is one number on its way to decimal.
type conversion struct {
	Calculator
	w       io.Writer
	piece   int       // digits that are converted at once
	powers  []divisor // 10^piece, 10^(2·piece), 10^(4·piece), …
	written int64
}

func (c Calculator) writeDecimal(ctx context.Context, w io.Writer, x *big.Int, progress func(float64)) (int64, error) {
	// At least as many digits as x has; leading zeros are not written.
	piece, depth := int(float64(x.BitLen())*math.Log10(2))+2, 0
	for float64(piece)*math.Log2(10) > float64(c.decimalLimit()*bits.UintSize) {
		piece, depth = (piece+1)/2, depth+1
	}
	conv := conversion{Calculator: c, w: w, piece: piece}
	if progress != nil {
		conv.Worked = share(conversionWork(conv.piece, depth), progress)
	}
	if err := conv.raise(ctx, depth); err != nil {
		return 0, err
	}
	if err := conv.write(ctx, x, depth); err != nil {
		return conv.written, err
	}
	if progress != nil {
		progress(1)
	}
	return conv.written, nil
}

// share returns a Worked that tells progress the share of total that is done, at most 1.
func share(total float64, progress func(float64)) func(float64) {
	done := 0.0
	return func(units float64) {
		done += units
		progress(min(done/total, 1))
	}
}

// conversionWork predicts what Worked will be told: at every level as many divisions as there are numbers, and a squaring for the
// power, and in the end the pieces.
func conversionWork(piece, depth int) float64 {
	const ends = 0.85 // Powers of ten end in many zeros, and products with zero take no time.
	bitLen := float64(piece) * math.Log2(10)
	work := math.Ldexp(pieceWork(bitLen), depth)
	for level := range depth {
		length := math.Ldexp(bitLen, level)
		work += ends * math.Ldexp(2*Work(length, length), depth-1-level)
		if level > 0 {
			work += ends * SqrWork(length/2)
		}
	}
	return work
}

// pieceWork is the measured work of writing out a number by math/big.
func pieceWork(bitLen float64) float64 { return 2.6 * Work(bitLen, bitLen) }

// raise computes the powers of ten for that many levels of halving.
func (c *conversion) raise(ctx context.Context, depth int) error {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.piece)), nil)
	for level := range depth {
		if level > 0 {
			var err error
			if power, err = c.Sqr(ctx, power); err != nil {
				return err
			}
		}
		c.powers = append(c.powers, c.newDivisor(power))
	}
	return ctx.Err()
}

// write writes x < 10^(piece·2^level), with leading zeros unless nothing has been written so far.
func (c *conversion) write(ctx context.Context, x *big.Int, level int) error {
	if level == 0 {
		return c.writePiece(ctx, x)
	}
	power := c.powers[level-1]
	if c.written == 0 && x.Cmp(power.value) < 0 {
		return c.write(ctx, x, level-1)
	}
	high, low, err := c.divide(ctx, x, power)
	if err != nil {
		return err
	}
	if err := c.write(ctx, high, level-1); err != nil {
		return err
	}
	return c.write(ctx, low, level-1)
}

func (c *conversion) writePiece(ctx context.Context, x *big.Int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text := x.Append(make([]byte, 0, c.piece), 10)
	if c.written > 0 {
		text = append(bytes.Repeat([]byte{'0'}, c.piece-len(text)), text...)
	}
	n, err := c.w.Write(text)
	c.written += int64(n)
	if err != nil {
		return fmt.Errorf("write digits: %w", err)
	}
	c.worked(pieceWork(float64(c.piece) * math.Log2(10)))
	return nil
}
