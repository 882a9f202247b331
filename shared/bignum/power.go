package bignum

import (
	"context"
	"math"
)

// Power returns base^exponent, for a base below FactorLimit and a result that fits into memory. It squares once for each binary digit of the
// exponent but the first ones, and multiplies by the base in between. step, if not nil, is told before each squaring its number,
// counted from 1, and how many there are.
func (e *Engine) Power(ctx context.Context, base, exponent uint64, step func(number, of int)) (Decimal, error) {
	if base >= FactorLimit {
		panic("bignum: a base that is not small")
	}
	if base < 2 {
		return FromUint64(powerWord(base, min(exponent, 1))), ctx.Err()
	}
	steps := squarings(base, exponent)
	limbs := powerLimbs(base, float64(exponent))
	if err := e.Reserve(ctx, limbs/2+1, 0); err != nil {
		return Decimal{}, err
	}
	x, err := e.WithRoom(ctx, FromUint64(powerWord(base, exponent>>steps)), limbs+2)
	for i := steps - 1; i >= 0 && err == nil; i-- {
		if step != nil {
			step(steps-i, steps)
		}
		if x, err = e.SqrOver(ctx, x); err == nil && exponent>>i%2 == 1 {
			x, err = e.mulSmall(ctx, x, base)
		}
	}
	return x, err
}

// powerWord returns base^exponent, which fits into a word.
func powerWord(base, exponent uint64) uint64 {
	x := uint64(1)
	for range exponent {
		x *= base
	}
	return x
}

// squarings is how many binary digits of the exponent are left when base to the power of the others is one limb.
func squarings(base, exponent uint64) int {
	steps := 0
	for ; powerLimbs(base, float64(exponent>>steps)) > 1; steps++ {
	}
	return steps
}

// powerLimbs is about how many limbs base^exponent has: surely 1 only if it is below FactorLimit.
func powerLimbs(base uint64, exponent float64) int {
	return int(exponent*math.Log10(float64(base))/limbWidth*(1+1e-12)) + 1
}

// PowerWork predicts how many units Worked will be told in the course of a Power.
func PowerWork(base, exponent uint64) float64 {
	if base < 2 {
		return 0
	}
	work := ReserveWork(powerLimbs(base, float64(exponent))/2+1, 0)
	for k, steps := float64(exponent), squarings(base, exponent); steps > 0; steps-- {
		work += smallWork(base) * float64(powerLimbs(base, k)) / 2
		k /= 2
		work += SqrWork(powerLimbs(base, k))
	}
	return work
}
