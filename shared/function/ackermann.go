package function

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"numbermill/shared/bignum"
	"numbermill/shared/function/internal/logarithm"
)

var _ = register(&Function{
	Name: "ackermann", Title: "Ackermann–Péter function", order: 40,
	Summary:     "The function that outgrows every tower of powers: from m = 4 on, hardly a value can be written down.",
	Definition:  "A(0,n) = n+1, A(m,0) = A(m−1, 1), A(m,n) = A(m−1, A(m, n−1))",
	Notation:    "A({m},{n})",
	Sequence:    "A143796",
	CostFormula: "A(3,n) = 2^(n+3) − 3 has about 0.301·n digits; the time grows as n·log n",
	Parameters: []Parameter{
		{
			Name: "m", Title: "Level m", Description: "How fast the function grows in n: 0 and 1 count, 2 doubles, 3 takes powers, 4 builds towers.",
			Examples: []string{"2", "3", "4"},
		},
		{
			Name: "n", Title: "Argument n", Description: "How far to go on that level.",
			Examples: []string{"2", "10", "1e6"},
		},
	},
	Methods: []Method{
		{
			Name: DefaultMethod, Title: "Closed form",
			Description: "The exact value: n+1, n+2, 2n+3, 2^(n+3) − 3, or a tower of n+3 twos, less 3.",
			demand:      ackermannDemand,
			compute:     ackermann,
		},
		recursiveMethod("Call by call, just as the definition says: A(3,14) takes 11,452,590,817 calls. Slow on purpose.", ackermannRecursion),
		factsMethod("ackermann", ackermannFacts{}),
	},
	Examples: []Example{
		{Args: map[string]string{"m": "3", "n": "10"}, Note: "8189: by the definition it takes 44,698,325 calls"},
		{
			Args: map[string]string{"m": "4", "n": "2"}, Note: "Two to the 65,536th, less three",
			SHA256: "daeafdfae592d817542850bc06b0ae8c808ab7727edd8a71f0c5d588c7b7083b",
		},
		{Args: map[string]string{"m": "5", "n": "0"}, Note: "The last stop before the towers: 65533"},
		{Args: map[string]string{"m": "3", "n": "1000000"}, Note: "A long row of doublings"},
	},
	digits:  ackermannDigits,
	residue: ackermannResidue,
})

// closedForm is a value of A(m,n): value itself if it is not nil, else 2^exponent − 3.
type closedForm struct{ value, exponent *big.Int }

// ackermannForm returns the closed form of A(m,n), in Knuth's arrows 2 ↑^(m−2) (n+3) − 3, if its exponent can be written down. It reports
// false for A(4,3) = 2^(2^65536) − 3, A(5,1) = A(4,65533) and all beyond.
func ackermannForm(a Args) (closedForm, bool) {
	m, n := a.get("m"), a.get("n")
	plus := func(k int64) *big.Int { return new(big.Int).Add(n, big.NewInt(k)) }
	if !m.IsInt64() {
		return closedForm{}, false
	}
	switch m.Int64() {
	case 0:
		return closedForm{value: plus(1)}, true
	case 1:
		return closedForm{value: plus(2)}, true
	case 2:
		return closedForm{value: plus(0).Add(n, plus(3))}, true
	case 3:
		return closedForm{exponent: plus(3)}, true
	case 4: // Towers of three, four and five twos: 2^4, 2^16, 2^65536.
		if towers := []int64{4, 16, 65536}; n.Cmp(big.NewInt(2)) <= 0 {
			return closedForm{exponent: big.NewInt(towers[n.Int64()])}, true
		}
	case 5: // A(5,0) = A(4,1).
		if n.Sign() == 0 {
			return closedForm{exponent: big.NewInt(16)}, true
		}
	}
	return closedForm{}, false
}

func ackermann(ctx context.Context, a Args, o Options) (Result, error) {
	form, ok := ackermannForm(a)
	switch {
	case !ok:
		return nil, ErrNotRepresentable
	case form.value != nil:
		return bignum.FromBig(form.value), ctx.Err()
	}
	k := form.exponent.Uint64()
	m := newMeter(o, 1+bignum.PowerWork(2, k))
	defer m.engine.Close()
	x, err := m.engine.Power(ctx, 2, k, func(number, of int) { m.begin(fmt.Sprintf("Squaring %d of %d", number, of)) })
	if err != nil {
		return nil, err
	}
	return x.AddSmall(-3), nil
}

// ackermannDigits returns the number of digits of A(m,n). 2^k − 3 has as many as 2^k for k ≥ 3: 8, 16, 32 and 64 show it up to two digits, and from
// 100 on 10^j, 10^j + 1 and 10^j + 2 are no powers of two, since the first has the factor 5, the second is odd and the third is 2 mod 4.
func ackermannDigits(a Args) *big.Int {
	form, ok := ackermannForm(a)
	switch {
	case !ok:
		return nil
	case form.value != nil:
		return decimalLength(form.value)
	}
	k := form.exponent
	return logarithm.Digits(uint(k.BitLen())+96, func(c *logarithm.Constants, prec uint) logarithm.Interval {
		return c.Ln2(prec).Times(k)
	})
}

// ackermannResidue raises 2 to the exponent of the closed form, modulo m.
func ackermannResidue(_ context.Context, a Args, m uint64) (uint64, error) {
	form, ok := ackermannForm(a)
	switch {
	case !ok:
		return 0, ErrNotRepresentable
	case form.value != nil:
		return modulus(m).of(form.value), nil
	}
	return modulus(m).sub(modulus(m).power(2, form.exponent), 3%m), nil
}

// powerUnits are the units of work of 2^k, up to maxDigits digits.
var powerUnits = risingCurve(1<<34, func(k float64) float64 { return 1 + bignum.PowerWork(2, uint64(k)) })

func ackermannDemand(_ Args, digits float64) demand {
	return demand{
		units: powerUnits().at(digits / math.Log10(2)), digits: digits,
		bytes: engineBytes(digits, 0.6, bignum.Memory(limbsOf(digits/2), 0, severalThreads)),
	}
}
