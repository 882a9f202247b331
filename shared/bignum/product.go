package bignum

import (
	"context"

	"numbermill/shared/bignum/internal/transform"
)

// FactorLimit is what a factor of Product is less than.
const FactorLimit = base

const (
	leafFactors = 8       // are multiplied one after the other
	leafWork    = 400     // units a factor
	batchLimbs  = 1 << 12 // of products are one task, some 100 µs of work
)

// Product returns the product of factors below FactorLimit, 1 if there are none, by a balanced tree.
func (e *Engine) Product(ctx context.Context, factors []uint64) (Decimal, error) {
	level, err := e.leaves(ctx, factors)
	if err != nil {
		return Decimal{}, err
	}
	for len(level) > 1 {
		if level, err = e.pairs(ctx, level); err != nil {
			return Decimal{}, err
		}
	}
	return normal(level[0]), nil
}

// leaves multiplies the factors in groups.
func (e *Engine) leaves(ctx context.Context, factors []uint64) ([][]uint64, error) {
	count := max((len(factors)+leafFactors-1)/leafFactors, 1)
	level, memory := make([][]uint64, count), make([]uint64, leafFactors*count)
	const batch = batchLimbs / leafFactors
	err := e.run(ctx).Each((count+batch-1)/batch, leafWork*float64(len(factors)), func(task int) {
		for i := task * batch; i < min((task+1)*batch, count); i++ {
			group := factors[min(i*leafFactors, len(factors)):min((i+1)*leafFactors, len(factors))]
			product := memory[i*leafFactors:][:1:leafFactors]
			product[0] = 1
			for _, f := range group {
				if carry := multiplyWord(product, product, f, 0); carry > 0 {
					product = append(product, carry)
				}
			}
			level[i] = product
		}
	})
	return level, err
}

// pairs multiplies neighbours. As long as there are many, each pair is left to one goroutine.
func (e *Engine) pairs(ctx context.Context, level [][]uint64) ([][]uint64, error) {
	count := len(level) / 2
	size := len(level[0]) + len(level[1])
	units := float64(count) * MulWork(len(level[0]), len(level[1]))
	next := make([][]uint64, count, count+1)
	pair := func(r *transform.Run, i int) error {
		x, y := level[2*i], level[2*i+1]
		z := make([]uint64, len(x)+len(y))
		err := e.multiply(r, z, x, y)
		next[i] = normal(z).limbs
		return err
	}
	var err error
	if e.threads > 1 && (count < 2*e.threads || size > 2*apart) {
		for i := 0; i < count && err == nil; i++ {
			err = pair(e.run(ctx), i)
		}
	} else {
		batch := max(batchLimbs/size, 1)
		err = e.run(ctx).Each((count+batch-1)/batch, units, func(task int) {
			for i := task * batch; i < min((task+1)*batch, count); i++ {
				_ = pair(alone(ctx), i) // The context's error comes from Each.
			}
		})
	}
	return append(next, level[2*count:]...), err
}

// TreeWork predicts the units of work of Product for a result of that many limbs.
func TreeWork(limbs int) float64 {
	work := leafWork * float64(limbs)
	for pieces := 1.0; limbs > leafFactors; pieces *= 2 {
		half := limbs / 2
		work += pieces * MulWork(half, half)
		limbs = half
	}
	return work
}
