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
	// Fault, if not nil, makes the Engine compute wrongly: for tests alone.
	Fault *Fault
}

// Engine multiplies. It keeps tables and memory from one product to the next, until it is closed: one Engine is made for one computation, and
// serves one caller at a time. Its methods fail only with the error of their context, after at most some milliseconds.
type Engine struct {
	multiplier *transform.Multiplier
	threads    int
	worked     func(units float64)
	limits     limits
}

// New returns an Engine.
func New(c Config) *Engine {
	if c.Portable || transform.Best() == transform.Portable {
		return newEngine(c, portableLimits)
	}
	return newEngine(c, assemblyLimits)
}

func newEngine(c Config, l limits) *Engine {
	e := &Engine{multiplier: transform.New(c.Portable, l.longest), threads: max(c.Threads, 1), worked: c.Worked, limits: l}
	c.Fault.breaks(e, c)
	return e
}

// Close gives back the memory that the Engine keeps. The Decimals it has made stay.
func (e *Engine) Close() { e.multiplier.Close() }

// Threads returns how many goroutines may compute at a time.
func (e *Engine) Threads() int { return e.threads }

// Kernels names the inner loops that the Engine uses on this machine: "avx2" or "portable".
func (e *Engine) Kernels() string { return e.multiplier.Kernels() }

// run is how the Engine's own goroutine works: with all threads.
func (e *Engine) run(ctx context.Context) *transform.Run {
	return &transform.Run{Context: ctx, Threads: e.threads, Worked: e.worked}
}

// alone is how one of several goroutines works.
func alone(ctx context.Context) *transform.Run { return &transform.Run{Context: ctx, Threads: 1} }

// Mul returns x·y.
func (e *Engine) Mul(ctx context.Context, x, y Decimal) (Decimal, error) {
	if len(x.limbs) == 0 || len(y.limbs) == 0 {
		return Decimal{}, ctx.Err()
	}
	n := len(x.limbs) + len(y.limbs)
	z, err := transform.Make(ctx, n+1) // One limb more: sums often follow.
	if err != nil {
		return Decimal{}, err
	}
	z = z[:n]
	if err := e.multiply(e.run(ctx), z, x.limbs, y.limbs); err != nil {
		return Decimal{}, err
	}
	return normal(z), nil
}

// Sqr returns x², in about two thirds of the time of a product.
func (e *Engine) Sqr(ctx context.Context, x Decimal) (Decimal, error) { return e.Mul(ctx, x, x) }

// Reserve sees to it that a product of x by y limbs, or the square of x limbs if y is 0, finds its memory, and what is done before with shorter numbers takes
// none of its own: to be called once, for the largest product that is to come.
func (e *Engine) Reserve(ctx context.Context, x, y int) error {
	switch {
	case y == 0 && x >= e.limits.transform && 2*x <= e.limits.longest:
		return e.multiplier.Reserve(e.run(ctx), 2*x, true)
	case min(x, y) >= e.limits.transform && x+y <= e.limits.longest && !transform.Long(max(x, y), min(x, y)):
		return e.multiplier.Reserve(e.run(ctx), x+y, false)
	}
	return ctx.Err()
}
