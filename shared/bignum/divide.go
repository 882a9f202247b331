package bignum

import (
	"context"
	"math/big"
	"math/bits"
)

// divisor is a positive number made ready to divide by: shifted left until its top bit is the top bit of its top word, and its length
// in words can be halved down to a piece for math/big.
type divisor struct {
	value *big.Int // the number itself
	ready *big.Int // value·2^shift
	shift uint
	words int // length of ready
}

func (c Calculator) newDivisor(value *big.Int) divisor {
	n, unit := len(value.Bits()), 1
	for (n+unit-1)/unit > c.decimalLimit() {
		unit *= 2
	}
	n = (n + unit - 1) / unit * unit
	s := uint(n*bits.UintSize - value.BitLen())
	return divisor{value, new(big.Int).Lsh(value, s), s, n}
}

// divide returns the quotient and the remainder of x by d, for 0 ≤ x < d². It leaves x alone.
func (c Calculator) divide(ctx context.Context, x *big.Int, d divisor) (q, r *big.Int, err error) {
	q, r, err = c.divide2by1(ctx, new(big.Int).Lsh(x, d.shift), d.ready, d.words)
	if err != nil {
		return nil, nil, err
	}
	return q, r.Rsh(r, d.shift), nil
}

// divide2by1 divides a < b·2^(n words) by b, which fills n words to the top bit. The method is Burnikel and Ziegler's: "Fast
// Recursive Division", MPI-I-98-1-022, algorithms 1 and 2. The results may share memory with neither a nor b.
func (c Calculator) divide2by1(ctx context.Context, a, b *big.Int, n int) (q, r *big.Int, err error) {
	if n <= c.decimalLimit() || n%2 != 0 {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		q, r = new(big.Int).QuoRem(a, b, new(big.Int))
		c.worked(divideWork(n))
		return q, r, nil
	}
	h := n / 2
	q1, r, err := c.divide3by2(ctx, words(a, n, 2*n), words(a, h, n), b, h)
	if err != nil {
		return nil, nil, err
	}
	q, r, err = c.divide3by2(ctx, r, words(a, 0, h), b, h)
	if err != nil {
		return nil, nil, err
	}
	return q.Add(q, shift(q1, h)), r, nil
}

// divide3by2 divides high·2^(n words) + low by b, which fills 2n words to the top bit; high < b, low < 2^(n words).
func (c Calculator) divide3by2(ctx context.Context, high, low, b *big.Int, n int) (q, r *big.Int, err error) {
	b1, b0 := words(b, n, 2*n), words(b, 0, n)
	if words(high, n, 2*n).Cmp(b1) < 0 {
		q, r, err = c.divide2by1(ctx, high, b1, n)
		if err != nil {
			return nil, nil, err
		}
	} else { // The quotient digit is as large as can be: 2^(n words) − 1.
		q = shift(big.NewInt(1), n)
		r = shift(new(big.Int).Set(b1), n)
		r.Sub(high, r).Add(r, b1)
		q.Sub(q, big.NewInt(1))
	}
	p, err := c.Mul(ctx, q, b0)
	if err != nil {
		return nil, nil, err
	}
	r = shift(r, n)
	r.Add(r, low).Sub(r, p)
	for r.Sign() < 0 { // At most twice.
		q.Sub(q, big.NewInt(1))
		r.Add(r, b)
	}
	return q, r, nil
}

// divideWork predicts what Worked will be told in the course of a division of 2n by n words: as much as by two products.
func divideWork(n int) float64 {
	length := float64(n) * bits.UintSize
	return 2 * Work(length, length)
}
