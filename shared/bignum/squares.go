package bignum

import (
	"context"

	"numbermill/shared/bignum/internal/transform"
)

// Squares returns x² and y², in the memory of x and y as far as that has room for them and one limb more. x and y are lost. It is meant for two numbers
// of about the same length: where there are several threads, short ones are squared at the same time.
func (e *Engine) Squares(ctx context.Context, x, y Decimal) (xx, yy Decimal, err error) {
	n := max(len(x.limbs), len(y.limbs))
	if e.threads < 2 || n < aside || n > apart {
		if xx, err = e.SqrOver(ctx, x); err != nil {
			return xx, yy, err
		}
		yy, err = e.SqrOver(ctx, y)
		return xx, yy, err
	}
	both := [2]Decimal{x, y}
	err = e.run(ctx).Each(2, 2*SqrWork(n), func(i int) {
		half := &transform.Run{Context: ctx, Threads: e.threads / 2, Helpers: &e.sides[i]}
		if square, err := e.over(half, both[i], both[i]); err == nil { // The context's error comes from Each.
			both[i] = square
		}
	})
	return both[0], both[1], err
}

// Operands from aside to apart limbs are multiplied on a goroutine each where there are several. Longer ones would take too much memory at the same
// time, shorter ones are not worth a goroutine.
const (
	aside = 200
	apart = 1 << 16
)
