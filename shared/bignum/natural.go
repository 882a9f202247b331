// Package bignum multiplies very large natural numbers and writes them out in decimal, over math/big.
//
// It exists because math/big cannot be interrupted: one product of two numbers of 20 million digits keeps its
// goroutine for seconds. Everything here works in pieces of a few milliseconds and looks at its context between
// them. All answers are exact. The package knows nothing of jobs.
package bignum

import (
	"context"
	"io"
	"math/big"
)

// Natural is a finished natural number that can write itself out. It hides how the number is held, so that an
// engine that works in base 10^18 fits behind it as well as math/big does.
type Natural interface {
	// WriteDecimal writes the decimal digits to w, most significant first, without leading zeros or a newline
	// (zero is "0"), in chunks, and returns how many it wrote. progress, if not nil, is told the share of the
	// work done, from 0 to 1, never falling; it is called on the caller's goroutine. An error is the context's or
	// the writer's; digits then says how many had been written. It may be called more than once, also concurrently.
	WriteDecimal(ctx context.Context, w io.Writer, progress func(fraction float64)) (digits int64, err error)
}

// FromBig returns x as a Natural. It keeps x, which must not be changed afterwards, and panics if x is negative.
func FromBig(x *big.Int) Natural {
	if x.Sign() < 0 {
		panic("bignum: a Natural cannot be negative")
	}
	return binary{x}
}

// binary is a Natural held by math/big.
type binary struct{ x *big.Int }
