package function

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"numbermill/shared/bignum"
	"numbermill/shared/cputime"
)

// What Calibrate computes with, in pieces of 18 digits: a number whose square stays in the caches, and one whose square does not.
const (
	nearLimbs = 2_000
	farLimbs  = 50_000
)

// tries is how often each thing is measured. The least time counts: whatever else the machine does only adds to it.
const tries = 4

// Calibrate measures this machine, on one thread and on so many. It takes about a tenth of a second and some 20 MB, and fails only with
// the error of its context.
func Calibrate(ctx context.Context, threads int) (Machine, error) {
	c := calibration{ctx: ctx, engine: bignum.New(bignum.Config{Threads: 1}), clock: cputime.Start()}
	defer c.clock.Stop()
	defer c.engine.Close()
	near := c.grown(bignum.FromUint64(0x9e3779b97f4a7c15), nearLimbs)
	far := c.grown(near, farLimbs)
	m := Machine{
		UnitNanos: c.squaring(near, 10), FarUnitNanos: c.squaring(far, 1),
		DigitNanos: c.writing(near), StepNanos: c.stepping(),
	}
	if threads > 1 {
		m.Gain = c.gain(far, threads)
	}
	if c.err != nil {
		return Machine{}, fmt.Errorf("calibrate: %w", c.err)
	}
	return m, nil
}

// calibration measures until its first error.
type calibration struct {
	ctx    context.Context //nolint:containedctx // it belongs to one call of Calibrate
	engine *bignum.Engine
	clock  *cputime.Clock
	err    error
}

// grown squares x until it has that many limbs.
func (c *calibration) grown(x bignum.Decimal, limbs int) bignum.Decimal {
	for x.Limbs() < limbs && c.err == nil {
		x, c.err = c.engine.Sqr(c.ctx, x)
	}
	return x
}

// least returns the nanoseconds of one of so many repetitions of f, of which a first one does not count: it makes tables and touches
// memory.
func (c *calibration) least(repetitions int, clock func() time.Duration, f func() error) float64 {
	var least time.Duration
	for i := range tries + 1 {
		start := clock()
		for range repetitions {
			if c.err == nil {
				c.err = f()
			}
		}
		if took := clock() - start; i == 1 || took < least {
			least = took
		}
	}
	return float64(max(least, 1)) / float64(repetitions)
}

// squaring measures a unit of work in squares of x.
func (c *calibration) squaring(x bignum.Decimal, repetitions int) float64 {
	return c.least(repetitions, c.clock.Elapsed, func() error {
		_, err := c.engine.Sqr(c.ctx, x)
		return err
	}) / bignum.SqrWork(x.Limbs())
}

// gain compares the processor time of squares on one thread and on several: where threads share a core, each is slower. Elapsed time would
// tell of whatever else runs at this moment.
func (c *calibration) gain(x bignum.Decimal, threads int) float64 {
	const alone = 0.05 // of a square is done by one thread, whatever their number
	square := func(engine *bignum.Engine) func() error {
		return func() error {
			_, err := engine.Sqr(c.ctx, x)
			return err
		}
	}
	one := c.least(1, cputime.Process, square(c.engine))
	team := bignum.New(bignum.Config{Threads: threads})
	defer team.Close()
	several := c.least(1, cputime.Process, square(team))
	speedup := 1 / (alone + (1-alone)*several/one/float64(threads))
	return min(max((speedup-1)/float64(threads-1), 0), 1)
}

// writing measures what becomes of a digit: see package verify.
func (c *calibration) writing(x bignum.Decimal) float64 {
	out := io.MultiWriter(sha256.New(), bignum.NewResidues(1<<61-1, 1_000_000_007))
	return c.least(1, c.clock.Elapsed, func() error {
		_, err := x.WriteText(c.ctx, out, nil)
		return err
	}) / float64(18*x.Limbs())
}

func (c *calibration) stepping() float64 {
	const steps = 1 << 15
	m, x := modulus(1<<61-1), uint64(3)
	nanos := c.least(1, c.clock.Elapsed, func() error {
		for i := range uint64(steps) {
			x = m.mul(x, x+i)
		}
		return c.ctx.Err()
	})
	if x == 0 {
		return 1 // so that the compiler does not find that x is never used
	}
	return nanos / steps
}
