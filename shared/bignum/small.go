package bignum

import (
	"context"

	"numbermill/shared/bignum/internal/transform"
)

// MulSmall returns x·w, for w below FactorLimit. It does so in the memory of x, which is lost, and takes some nanoseconds for each limb.
func (x Decimal) MulSmall(w uint64) Decimal {
	if w >= FactorLimit {
		panic("bignum: a factor that is not small")
	}
	z := x.limbs
	if carry := multiplyWord(z, z, w, 0); carry > 0 {
		z = append(z, carry)
	}
	return normal(z)
}

// mulSmall is MulSmall for long numbers.
func (e *Engine) mulSmall(ctx context.Context, x Decimal, w uint64) (Decimal, error) {
	if w == 2 {
		return e.Double(ctx, x)
	}
	z, carry := extend(x.limbs, len(x.limbs)+1), uint64(0)
	one := &transform.Run{Context: ctx, Threads: 1, Worked: e.worked} // One stretch needs the carry of the one before.
	err := one.Each(stretches(len(z)), smallWork(w)*float64(len(z)), func(i int) {
		part := z[i*stretch : min((i+1)*stretch, len(z))]
		carry = multiplyWord(part, part, w, carry)
	})
	return normal(z), err
}

// smallWork is what a limb takes to be multiplied by w, in units.
func smallWork(w uint64) float64 {
	if w == 2 {
		return doubleWork
	}
	return 15
}
