package bignum

import (
	"context"

	"numbermill/shared/bignum/internal/transform"
)

// Squares returns x² and y². It is meant for two numbers of about the same length: short ones are squared at the same time.
func (e *Engine) Squares(ctx context.Context, x, y Decimal) (xx, yy Decimal, err error) {
	n := max(len(x.limbs), len(y.limbs))
	if e.threads < 2 || n < aside || n > apart || min(len(x.limbs), len(y.limbs)) == 0 {
		if xx, err = e.Sqr(ctx, x); err != nil {
			return xx, yy, err
		}
		yy, err = e.Sqr(ctx, y)
		return xx, yy, err
	}
	both := [2]Decimal{x, y}
	r := e.run(ctx)
	err = r.Each(2, 2*SqrWork(n), func(i int) {
		one := both[i].limbs
		z := make([]uint64, 2*len(one)+1)[:2*len(one)]
		if e.multiply(alone(ctx), z, one, one) == nil { // The context's error comes from Each.
			both[i] = normal(z)
		}
	})
	return both[0], both[1], err
}

// Operands from aside to apart limbs are multiplied on a goroutine each where there are several. Longer ones are worth all goroutines,
// shorter ones not one more.
const (
	aside = 200
	apart = 1 << 13
)

// MulWork predicts how many units Worked will be told in the course of a product of numbers of that many limbs; one unit takes some 0.1 ns.
func MulWork(x, y int) float64 {
	if min(x, y) < 2 {
		return 0
	}
	return transform.ProductWork(x, y)
}

// SqrWork is MulWork for a square.
func SqrWork(x int) float64 {
	if x < 2 {
		return 0
	}
	return transform.Work(2*x, true)
}

// Memory returns how many bytes the product of x by y limbs, or the square of x limbs if y is 0, takes besides its operands and itself, with as
// many threads. It never falls as they grow.
func Memory(x, y, threads int) int64 {
	if y == 0 {
		return transform.Memory(2*x, true, threads)
	}
	return transform.Memory(x+y, false, threads)
}
