package function

import (
	"math"

	"numbermill/shared/bignum"
)

// factorialRecursion executes n! = n·(n−1)!: n+1 calls down to 0!, then a product for each that returns. A unit of work is a call, the return
// of one, or a limb in a product.
func factorialRecursion(a Args) recursion {
	n := a.get("n")
	x := max(float(n), 1)
	// The limbs of k!, by Stirling's formula (k·ln k − k)/(18·ln 10), integrated over k from 0 to x.
	limbs := max(x*x/2*(math.Log(x)-1.5), 0) / (18 * math.Ln10)
	last := max(x*(math.Log(x)-1), 0) / (18 * math.Ln10)
	const bytes = 32 // a limb of the result: it moves to a larger place whenever it has grown by a quarter
	return recursion{
		work:  2.5*x + limbs,
		nanos: factorialUnitNanos,
		bytes: 1<<12 + bytes*last,
		whole: grouped(n) + " products",
		start: func() evaluation { return &factorialCalls{argument: n.Uint64()} },
	}
}

// factorialCalls executes the definition of the factorial. The calls that wait are those with the next arguments above the current one, up to n: the
// stack is how many they are.
type factorialCalls struct {
	argument  uint64 // of the current call
	waiting   uint64 // calls
	returning bool   // value is what the current call returns
	value     bignum.Decimal

	made, products uint64
}

func (f *factorialCalls) advance(units uint64) (worked uint64, done bool) {
	for ; !f.returning && worked < units; worked++ {
		f.made++
		if f.argument == 0 {
			f.value, f.returning = bignum.FromUint64(1), true
			continue
		}
		f.argument--
		f.waiting++
	}
	for f.returning && f.waiting > 0 && worked < units {
		f.waiting--
		f.argument++
		f.products++
		f.value = f.value.MulSmall(f.argument)
		worked += 1 + uint64(f.value.Limbs()) //nolint:gosec // not negative
	}
	return worked, f.returning && f.waiting == 0
}

func (f *factorialCalls) steps() uint64 { return f.products }

func (f *factorialCalls) result() counted { return counted{f.value, f.made} }
