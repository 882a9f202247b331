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

// Product returns the product of factors below FactorLimit, 1 if there are none, by a balanced tree. Its levels take turns in two pieces of memory.
func (e *Engine) Product(ctx context.Context, factors []uint64) (Decimal, error) {
	level, memory, err := e.leaves(ctx, factors)
	if err != nil {
		return Decimal{}, err
	}
	other := make([]uint64, limbsIn(level))
	for len(level) > 1 {
		if level, err = e.pairs(ctx, level, other); err != nil {
			return Decimal{}, err
		}
		memory, other = other, memory
	}
	return normal(level[0]), nil
}

func limbsIn(numbers [][]uint64) int {
	n := 0
	for _, x := range numbers {
		n += len(x)
	}
	return n
}

// leaves multiplies the factors in groups, and returns the memory too in which the products are.
func (e *Engine) leaves(ctx context.Context, factors []uint64) (level [][]uint64, memory []uint64, err error) {
	count := max((len(factors)+leafFactors-1)/leafFactors, 1)
	level, memory = make([][]uint64, count), make([]uint64, leafFactors*count)
	const batch = batchLimbs / leafFactors
	err = e.run(ctx).Each((count+batch-1)/batch, leafWork*float64(len(factors)), func(task int) {
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
	return level, memory, err
}

// pairs multiplies neighbours, into memory that has room for all of them. As long as there are many, each pair is left to one goroutine.
func (e *Engine) pairs(ctx context.Context, level [][]uint64, memory []uint64) ([][]uint64, error) {
	count := len(level) / 2
	size := len(level[0]) + len(level[1])
	units := float64(count) * MulWork(len(level[0]), len(level[1]))
	next := make([][]uint64, count, count+1)
	for i := range next {
		n := len(level[2*i]) + len(level[2*i+1])
		next[i], memory = memory[:n:n], memory[n:]
	}
	pair := func(r *transform.Run, i int) error {
		err := e.multiply(r, next[i], level[2*i], level[2*i+1])
		next[i] = normal(next[i]).limbs
		return err
	}
	var err error
	if shared := count >= 4*e.threads || count%e.threads == 0 && size <= 2*apart; shared {
		batch := max(batchLimbs/size, 1)
		err = e.run(ctx).Each((count+batch-1)/batch, units, func(task int) {
			for i := task * batch; i < min((task+1)*batch, count); i++ {
				_ = pair(alone(ctx), i) // The context's error comes from Each.
			}
		})
	} else {
		for i := 0; i < count && err == nil; i++ {
			err = pair(e.run(ctx), i)
		}
	}
	if len(level)%2 == 1 {
		next = append(next, memory[:copy(memory, level[2*count])])
	}
	return next, err
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
