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
	Name: "fibonacci", Title: "Fibonacci number", order: 10,
	Summary:     "The n-th Fibonacci number: each is the sum of the two before it.",
	Definition:  "F(0) = 0, F(1) = 1, F(n) = F(n−1) + F(n−2)",
	Notation:    "F({n})",
	Sequence:    "A000045",
	CostFormula: "about 0.209·n digits; the time grows as n·log n",
	Parameters: []Parameter{{
		Name: "n", Title: "Index n", Description: "Which Fibonacci number, counted from F(0) = 0.",
		Examples: []string{"1000", "1e6", "10^7"},
	}},
	Methods: []Method{
		{
			Name: DefaultMethod, Title: "Fast doubling",
			Description: "The exact value, with two squarings for each binary digit of n.",
			demand:      fibonacciDemand,
			compute: func(ctx context.Context, a Args, o Options) (Result, error) {
				return fibonacci(ctx, a.get("n"), o)
			},
		},
		recursiveMethod("Each call calls twice, just as the definition says: F(49) takes 25,172,538,049 calls. Slow on purpose.", fibonacciRecursion),
		factsMethod("fibonacci", fibonacciFacts{}),
	},
	Examples: []Example{
		{Args: map[string]string{"n": "1000"}, Note: "Two hundred and nine digits, at once", SHA256: "30ad6e2a0cbbd0a636a53ce8df4f703ece426736cf4777519f1c5cffbea2e220"},
		{
			Args: map[string]string{"n": "1000000"}, Note: "A good first job",
			SHA256: "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706",
		},
		{Args: map[string]string{"n": "10000000"}, Note: "Two million digits, and you will hardly notice"},
	},
	digits: func(a Args) *big.Int { return fibonacciDigits(a.get("n")) },
	residue: func(_ context.Context, a Args, m uint64) (uint64, error) {
		return fibonacciResidue(a.get("n"), modulus(m)), nil
	},
})

// fibonacci returns F(n). From F(k) and F(k−1) it goes on to 2k or 2k+1 with two squarings:
// F(2k+1) = 4·F(k)² − F(k−1)² + 2·(−1)^k and F(2k−1) = F(k)² + F(k−1)², their difference being F(2k).
func fibonacci(ctx context.Context, n *big.Int, o Options) (bignum.Decimal, error) {
	steps := max(n.BitLen()-firstBits, 0)
	m := newMeter(o, fibonacciWork(float(n), steps))
	defer m.engine.Close()
	f, g, odd := firstFibonacci(new(big.Int).Rsh(n, uint(steps)).Uint64())
	half := fibonacciLimbs(float(n) / 2)
	if err := m.engine.Reserve(ctx, half, half); err != nil {
		return f, err
	}
	var err error
	if f, err = m.engine.WithRoom(ctx, f, half+rounding); err != nil {
		return f, err
	}
	if g, err = m.engine.WithRoom(ctx, g, half+rounding); err != nil {
		return g, err
	}
	for i := steps - 1; i >= 0; i-- {
		m.begin(fmt.Sprintf("Doubling %d of %d", steps-i, steps))
		bit := n.Bit(i) == 1
		if i == 0 {
			return lastDoubling(ctx, m.engine, f, g, odd, bit)
		}
		ff, gg, err := m.engine.Squares(ctx, f, g)
		if err != nil {
			return bignum.Decimal{}, err
		}
		sign := int64(2)
		if odd {
			sign = -2
		}
		above, middle, below := bignum.Row{X: 4, Y: -1, One: sign}, bignum.Row{X: 3, Y: -2, One: sign}, bignum.Row{X: 1, Y: 1}
		if bit {
			f, g, err = m.engine.Combine(ctx, ff, gg, above, middle)
		} else {
			f, g, err = m.engine.Combine(ctx, ff, gg, middle, below)
		}
		if err != nil {
			return f, err
		}
		odd = bit
	}
	return f, ctx.Err()
}

// firstBits is how many leading binary digits of n are taken at once: F(2^6) fits into a limb.
const firstBits = 6

// firstFibonacci returns F(k) and F(k−1), with F(−1) = 1, and whether k is odd.
func firstFibonacci(k uint64) (f, g bignum.Decimal, odd bool) {
	x, y := uint64(0), uint64(1)
	for range k {
		x, y = x+y, x
	}
	return bignum.FromUint64(x), bignum.FromUint64(y), k%2 == 1
}

// lastDoubling returns F(2k) = F(k)·(F(k) + 2·F(k−1)), or with bit F(2k+1) = (2·F(k) + F(k−1))·(2·F(k) − F(k−1)) + 2·(−1)^k.
func lastDoubling(ctx context.Context, engine *bignum.Engine, f, g bignum.Decimal, odd, bit bool) (bignum.Decimal, error) {
	first, second, sign := bignum.Row{X: 1}, bignum.Row{X: 1, Y: 2}, int64(0)
	if bit {
		first, second, sign = bignum.Row{X: 2, Y: 1}, bignum.Row{X: 2, Y: -1}, 2
		if odd {
			sign = -2
		}
	}
	f, g, err := engine.Combine(ctx, f, g, first, second)
	if err != nil {
		return f, err
	}
	x, err := engine.Mul(ctx, f, g)
	if err != nil {
		return x, err
	}
	return x.AddSmall(sign), nil
}

// rounding is more limbs than any prediction of a length is wrong by, and than carries need.
const rounding = 4

// fibonacciLimbs is about how many pieces of 18 digits F(n) has: log10 φ digits for each unit of the index.
func fibonacciLimbs(n float64) int { return int(n*math.Log10(math.Phi)/18) + 1 }

// fibonacciWork predicts the units of work of fibonacci.
func fibonacciWork(n float64, steps int) float64 {
	half := fibonacciLimbs(n / 2)
	work := 1 + bignum.ReserveWork(half, half) + bignum.CombineWork(half) + bignum.MulWork(half, half)
	for range steps - 1 {
		n /= 2
		work += 2*bignum.SqrWork(fibonacciLimbs(n/2)) + bignum.CombineWork(fibonacciLimbs(n))
	}
	return work
}

// fibonacciDigits returns the number of digits of F(n). By Binet's formula F(n) = φ^n/√5·(1 ± φ^−2n), and |ln(1 ± x)| ≤ 2x
// for x ≤ 1/2, so ln F(n) = n·ln φ − ln √5 up to 2·φ^−2n < 2^(1 − 1.388·n).
func fibonacciDigits(n *big.Int) *big.Int {
	const small = 300
	if n.IsInt64() && n.Int64() <= small {
		f, g := new(big.Int), big.NewInt(1)
		for range n.Int64() {
			f.Add(f, g)
			f, g = g, f
		}
		return decimalLength(f)
	}
	if isNear(n) {
		if digits := digitsNearly(fibonacciNearly(float(n))); digits != nil {
			return digits
		}
	}
	return logarithm.Digits(uint(n.BitLen())+96, lnFibonacci(n))
}

// lnFibonacci returns ln F(n), for n > 100.
func lnFibonacci(n *big.Int) logarithm.Log {
	return func(c *logarithm.Constants, prec uint) logarithm.Interval {
		sure := uint(min(1.388*float(n)-2, 1<<30))
		return c.LnPhi(prec).Times(n).Sub(c.LnSqrt5(prec)).Widen(sure)
	}
}

// fibonacciResidue returns F(n) mod m by the pair F(k), F(k+1): F(2k) = F(k)·(2·F(k+1) − F(k)), F(2k+1) = F(k)² + F(k+1)².
func fibonacciResidue(n *big.Int, m modulus) uint64 {
	f, g := uint64(0), 1%uint64(m)
	for i := n.BitLen() - 1; i >= 0; i-- {
		f, g = m.mul(f, m.sub(m.add(g, g), f)), m.add(m.mul(f, f), m.mul(g, g))
		if n.Bit(i) == 1 {
			f, g = g, m.add(f, g)
		}
	}
	return f
}

// decimalLength returns the number of digits of x ≥ 0, which is not large.
func decimalLength(x *big.Int) *big.Int { return big.NewInt(int64(len(x.String()))) }

// fibonacciUnits are the units of work of fibonacci, up to results of maxDigits digits.
var fibonacciUnits = risingCurve(1<<34, func(n float64) float64 { return fibonacciWork(n, max(math.Ilogb(n)+1-firstBits, 0)) })

func fibonacciDemand(a Args, digits float64) demand {
	half := limbsOf(digits / 2)
	return demand{
		units: fibonacciUnits().at(float(a.get("n"))), digits: digits,
		bytes: engineBytes(digits, 1.2, bignum.Memory(half, half, severalThreads)),
	}
}
