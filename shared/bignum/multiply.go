package bignum

import (
	"context"
	"math"
	"math/big"
	"math/bits"
)

// Sizes, in words, of the largest pieces that are handed to math/big, which cannot be interrupted. Each takes 2 to 3 ms at 3 GHz.
const (
	defaultMulWords     = 4096
	defaultDecimalWords = 2048
)

// Calculator multiplies natural numbers with regard for its caller: it can be interrupted, and it tells how far it is. The zero
// Calculator is ready to use. It must not be copied between goroutines while Worked is set.
type Calculator struct {
	// Worked, if not nil, is called after every few milliseconds of work with its amount, in the unit of Work and SqrWork.
	Worked func(units float64)

	mulWords, decimalWords int // 0 means the default; tests lower them
}

// Mul returns x·y for natural x and y, which it leaves alone. The error is the context's. The result shares no memory with
// x and y.
func (c Calculator) Mul(ctx context.Context, x, y *big.Int) (*big.Int, error) {
	if x.Sign() < 0 || y.Sign() < 0 {
		panic("bignum: Mul of a negative number")
	}
	if len(x.Bits()) < len(y.Bits()) {
		x, y = y, x
	}
	switch n, m := len(x.Bits()), len(y.Bits()); {
	case n <= c.limit(): // Also where x is y: math/big then squares.
		return c.piece(ctx, x, y)
	case m <= (n+1)/2:
		return c.unbalanced(ctx, x, y)
	}
	return c.karatsuba(ctx, x, y)
}

// Sqr returns x², as Mul(ctx, x, x) does, in about three quarters of the time.
func (c Calculator) Sqr(ctx context.Context, x *big.Int) (*big.Int, error) { return c.Mul(ctx, x, x) }

// Work predicts what Worked will be told in the course of Mul, from the operands' lengths in bits. It counts products of two
// words as if by Karatsuba's method throughout; one unit takes some 4 ns.
func Work(xBits, yBits float64) float64 {
	long, short := max(xBits, yBits)/bits.UintSize, min(xBits, yBits)/bits.UintSize
	const schoolbook = 40 // words, below which math/big multiplies word by word
	return long * short * math.Pow(max(short, schoolbook), math.Log2(3)-2)
}

// SqrWork predicts what Worked will be told in the course of Sqr of a number of that many bits.
func SqrWork(xBits float64) float64 { return 0.75 * Work(xBits, xBits) }

func (c Calculator) limit() int {
	if c.mulWords > 0 {
		return c.mulWords
	}
	return defaultMulWords
}

func (c Calculator) worked(units float64) {
	if c.Worked != nil {
		c.Worked(units)
	}
}

// piece multiplies by math/big.
func (c Calculator) piece(ctx context.Context, x, y *big.Int) (*big.Int, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	z := new(big.Int).Mul(x, y)
	if x == y {
		c.worked(SqrWork(float64(x.BitLen())))
	} else {
		c.worked(Work(float64(x.BitLen()), float64(y.BitLen())))
	}
	return z, nil
}

// unbalanced multiplies x by a much shorter y: it cuts x into pieces as long as y.
func (c Calculator) unbalanced(ctx context.Context, x, y *big.Int) (*big.Int, error) {
	step := max(len(y.Bits()), c.limit())
	z := new(big.Int)
	for i := (len(x.Bits()) - 1) / step * step; i >= 0; i -= step {
		p, err := c.Mul(ctx, words(x, i, i+step), y)
		if err != nil {
			return nil, err
		}
		z.Add(shift(z, step), p)
	}
	return z, nil
}

// karatsuba multiplies with three products of half the length: with B = 2^h,
// (x1·B + x0)(y1·B + y0) = x1·y1·B² + ((x1+x0)(y1+y0) − x1·y1 − x0·y0)·B + x0·y0.
func (c Calculator) karatsuba(ctx context.Context, x, y *big.Int) (*big.Int, error) {
	n := len(x.Bits())
	h := (n + 1) / 2
	x0, x1 := words(x, 0, h), words(x, h, n)
	y0, y1, sumX := x0, x1, new(big.Int).Add(x0, x1)
	sumY := sumX
	if x != y {
		y0, y1 = words(y, 0, h), words(y, h, n)
		sumY = new(big.Int).Add(y0, y1)
	}
	low, err := c.Mul(ctx, x0, y0)
	if err != nil {
		return nil, err
	}
	high, err := c.Mul(ctx, x1, y1)
	if err != nil {
		return nil, err
	}
	middle, err := c.Mul(ctx, sumX, sumY)
	if err != nil {
		return nil, err
	}
	middle.Sub(middle, low).Sub(middle, high)
	z := shift(high, h)
	z = shift(z.Add(z, middle), h)
	return z.Add(z, low), nil
}

// words returns the words i…j−1 of x ≥ 0 as a number that shares their memory: it must not be changed. Words past the end are 0.
func words(x *big.Int, i, j int) *big.Int {
	w := x.Bits()
	i, j = min(i, len(w)), min(j, len(w))
	return new(big.Int).SetBits(w[i:j:j])
}

// shift returns x·2^(n words), in the memory of x if there is room.
func shift(x *big.Int, n int) *big.Int { return x.Lsh(x, uint(n)*bits.UintSize) }
