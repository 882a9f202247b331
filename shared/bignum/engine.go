package bignum

import (
	"context"

	"numbermill/shared/bignum/internal/transform"
)

// Config says how an Engine works.
type Config struct {
	// Threads is how many goroutines may compute at a time; 0 means 1.
	Threads int
	// Portable forbids assembly: for machines whose arithmetic is in doubt, and for tests.
	Portable bool
	// Worked, if not nil, is called every few milliseconds with the amount of work that has been done since, in the unit of the Work functions. It is
	// called on the goroutine that called the Engine.
	Worked func(units float64)
	// Go, if not nil, starts each goroutine of the Engine, in place of a go statement. It may put it on a thread of its own: the Engine starts few then, and
	// keeps them until it is closed.
	Go func(work func())
	// Fault, if not nil, makes the Engine compute wrongly: for tests alone.
	Fault *Fault
}

// Engine multiplies. It keeps tables and memory from one product to the next, until it is closed: one Engine is made for one computation, and
// serves one caller at a time. Its methods fail only with the error of their context, after at most some milliseconds.
type Engine struct {
	multiplier *transform.Multiplier
	threads    int
	start      func(work func())
	worked     func(units float64)
	limits     limits
	helpers    transform.Helpers
	sides      [2]transform.Helpers // of two products at the same time
}

// New returns an Engine.
func New(c Config) *Engine {
	if c.Portable || transform.Best() == transform.Portable {
		return newEngine(c, portableLimits)
	}
	return newEngine(c, assemblyLimits)
}

func newEngine(c Config, l limits) *Engine {
	e := &Engine{multiplier: transform.New(c.Portable, l.longest), threads: max(c.Threads, 1), start: c.Go, worked: c.Worked, limits: l}
	e.helpers.Go, e.sides[0].Go, e.sides[1].Go = c.Go, c.Go, c.Go
	c.Fault.breaks(e, c)
	return e
}

// Close gives back the memory that the Engine keeps. The Decimals it has made stay.
func (e *Engine) Close() {
	e.helpers.Close()
	for i := range e.sides {
		e.sides[i].Close()
	}
	e.multiplier.Close()
}

// Threads returns how many goroutines may compute at a time.
func (e *Engine) Threads() int { return e.threads }

// Kernels names the inner loops that the Engine uses on this machine: "avx512", "avx2" or "portable".
func (e *Engine) Kernels() string { return e.multiplier.Kernels() }

// run is how the Engine's own goroutine works: with all threads.
func (e *Engine) run(ctx context.Context) *transform.Run {
	return &transform.Run{Context: ctx, Threads: e.threads, Worked: e.worked, Helpers: &e.helpers}
}

// Each calls work for 0…n−1 on all threads, for what a computation does besides products. It takes that many units of work in all.
func (e *Engine) Each(ctx context.Context, n int, units float64, work func(i int)) error {
	return e.run(ctx).Each(n, units, work)
}

// alone is how one of several goroutines works.
func alone(ctx context.Context) *transform.Run { return &transform.Run{Context: ctx, Threads: 1} }

// Mul returns x·y.
func (e *Engine) Mul(ctx context.Context, x, y Decimal) (Decimal, error) {
	if len(x.limbs) == 0 || len(y.limbs) == 0 {
		return Decimal{}, ctx.Err()
	}
	n := len(x.limbs) + len(y.limbs)
	z, err := transform.Make(ctx, n+1, e.start) // One limb more: sums often follow.
	if err != nil {
		return Decimal{}, err
	}
	return e.product(e.run(ctx), z[:n], x.limbs, y.limbs)
}

// Sqr returns x², in about two thirds of the time of a product.
func (e *Engine) Sqr(ctx context.Context, x Decimal) (Decimal, error) { return e.Mul(ctx, x, x) }

// MulOver returns x·y, in the memory of x if that has room for it and one limb more. x is lost.
func (e *Engine) MulOver(ctx context.Context, x, y Decimal) (Decimal, error) {
	return e.over(e.run(ctx), x, y)
}

// SqrOver returns x² likewise.
func (e *Engine) SqrOver(ctx context.Context, x Decimal) (Decimal, error) {
	return e.MulOver(ctx, x, x)
}

// over does as MulOver. Short products are copied to where they are to be.
func (e *Engine) over(r *transform.Run, x, y Decimal) (Decimal, error) {
	n := len(x.limbs) + len(y.limbs)
	room := n < cap(x.limbs)
	switch z := x.limbs[:0]; {
	case len(x.limbs) == 0 || len(y.limbs) == 0:
		return Decimal{z}, r.Context.Err()
	case room && e.inPlace(len(x.limbs), len(y.limbs)):
		return e.product(r, z[:n], x.limbs, y.limbs)
	default:
		made, err := transform.Make(r.Context, n+1, e.start)
		if err != nil {
			return Decimal{}, err
		}
		product, err := e.product(r, made[:n], x.limbs, y.limbs)
		if room && err == nil {
			return Decimal{append(z, product.limbs...)}, nil
		}
		return product, err
	}
}

func (e *Engine) product(r *transform.Run, z, x, y []uint64) (Decimal, error) {
	if err := e.multiply(r, z, x, y); err != nil {
		return Decimal{}, err
	}
	return normal(z), nil
}

// WithRoom returns x in memory for so many limbs, or x itself if it has that already.
func (e *Engine) WithRoom(ctx context.Context, x Decimal, limbs int) (Decimal, error) {
	if limbs <= cap(x.limbs) {
		return x, ctx.Err()
	}
	z, err := transform.Make(ctx, limbs, e.start)
	if err != nil {
		return Decimal{}, err
	}
	return Decimal{z[:copy(z, x.limbs)]}, nil
}

// Reserve sees to it that a product of x by y limbs, or the square of x limbs if y is 0, finds its memory, and what is done before with shorter numbers takes
// none of its own: to be called once, for the largest product that is to come.
func (e *Engine) Reserve(ctx context.Context, x, y int) error {
	switch {
	case y == 0 && x >= e.limits.transform && 2*x <= e.limits.longest:
		e.multiplier.Reserve(2*x, true, e.threads)
	case min(x, y) >= e.limits.transform && x+y <= e.limits.longest && !transform.Long(max(x, y), min(x, y)):
		e.multiplier.Reserve(x+y, false, e.threads)
	}
	return ctx.Err()
}
