// Package bignum computes with very large natural numbers in base 10^18, so that their decimal digits cost nothing.
//
// For an exact decimal answer, conversion from binary takes most of the time of any engine that computes in binary. Here additions and
// products are decimal from the start: large products go through number-theoretic transforms (package transform), small ones word by
// word. All answers are exact. Everything that takes long can be interrupted, tells how far it is, and uses as many threads as it is given.
// The package knows nothing of jobs.
package bignum

import (
	"context"
	"io"
)

// Natural is a finished natural number that can write itself out. It hides how the number is held.
type Natural interface {
	// WriteDecimal writes the decimal digits to w, most significant first, without leading zeros or a newline
	// (zero is "0"), in chunks, and returns how many it wrote. progress, if not nil, is told the share of the
	// work done, from 0 to 1, never falling; it is called on the caller's goroutine. An error is the context's or
	// the writer's; digits then says how many had been written. It may be called more than once, also concurrently.
	WriteDecimal(ctx context.Context, w io.Writer, progress func(fraction float64)) (digits int64, err error)
}
