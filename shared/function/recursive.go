package function

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"numbermill/shared/bignum"
)

// Counted is a Result that was made by calling the function as it is defined.
type Counted interface {
	Result
	// Calls returns how many calls of the function were made, the first one included.
	Calls() uint64
}

// recursion is what can be told of an evaluation by the definition before it begins.
type recursion struct {
	work  float64 // units of work, which take equally long; may be +Inf
	nanos float64 // a unit, on the machine of the cost model
	bytes float64 // the most memory that is held at one time
	whole string  // what is counted up to, such as "25,172,538,049 calls", "" where there is no hope to get there
	start func() evaluation
}

// evaluation is a call of a function that is executed step by step. The calls that wait for the current one are on a stack of its own, which it keeps
// as short as their order allows; so it can stop after any call and go on later.
type evaluation interface {
	// advance does so many units of work, and tells how many it has done: more by a part of a step, or fewer once there is nothing left to do.
	advance(units uint64) (worked uint64, done bool)
	// steps returns how much of the recursion's whole has been done.
	steps() uint64
	// result returns the value and the number of calls made, once done.
	result() counted
}

// counted is the Result of an evaluation.
type counted struct {
	bignum.Decimal

	calls uint64
}

// Calls implements Counted.
func (c counted) Calls() uint64 { return c.calls }

// What a unit of work takes, measured on one core of an AMD EPYC (Zen 4) at 2.6 GHz.
const (
	fibonacciCallNanos = 0.9
	ackermannCallNanos = 0.42
	factorialUnitNanos = 5.1 // a limb times a word
	recursiveMillis    = 0.01
)

// recursiveMethod returns the method that executes what plan makes of the arguments. plan must answer at once for any arguments; its start is called
// only where the value has at most maxDigits digits.
func recursiveMethod(description string, plan func(a Args) recursion) Method {
	return Method{
		Name: "recursive", Title: "Step by step",
		Description: description,
		cost:        func(a Args, _ *big.Int) price { return plan(a).price() },
		compute: func(ctx context.Context, a Args, o Options) (Result, error) {
			return plan(a).execute(ctx, o)
		},
	}
}

func (r recursion) price() price {
	return price{recursiveMillis + r.work*r.nanos/1e6, r.bytes}
}

// execute runs the evaluation to its end, a few milliseconds at a time.
func (r recursion) execute(ctx context.Context, o Options) (Result, error) {
	const (
		batch  = 1 << 20 // units between two looks at the context
		shares = 1000    // reports of equal shares of the work
		growth = 50      // reports before that, when the work done has grown by a part
	)
	e := r.start()
	next := 0.0
	for worked, done := 0.0, false; !done; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if worked >= next {
			o.Progress(min(worked/r.work, 0.999), r.detail(e.steps()))
			next = worked + min(max(worked/growth, batch), r.work/shares)
		}
		var units uint64
		units, done = e.advance(batch)
		worked += float64(units)
	}
	return e.result(), nil
}

// detail says how far it has come.
func (r recursion) detail(steps uint64) string {
	text := grouped(new(big.Int).SetUint64(steps))
	if r.whole == "" {
		return text + " calls"
	}
	return fmt.Sprintf("%s of %s", text, r.whole)
}

// callByCall is a recursion each unit of whose work is a call, in a little memory. calls is how many it takes, nil only where they are more than 10^36.
func callByCall(calls *big.Int, nanos float64, start func() evaluation) recursion {
	const bytes = 1 << 12
	r := recursion{work: math.Inf(1), nanos: nanos, bytes: bytes, start: start}
	if calls == nil {
		return r
	}
	r.work = float(calls)
	if calls.IsUint64() {
		r.whole = grouped(calls) + " calls"
	}
	return r
}

// grouped writes x ≥ 0 with commas.
func grouped(x *big.Int) string {
	text := x.String()
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
