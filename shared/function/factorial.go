package function

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/bits"

	"numbermill/shared/bignum"
)

var _ = register(&Function{
	Name: "factorial", Title: "Factorial", order: 30,
	Summary:     "The product of all whole numbers from 1 to n.",
	Definition:  "0! = 1, n! = n · (n−1)!",
	Notation:    "{n}!",
	Sequence:    "A000142",
	CostFormula: "about n·(log10 n − 0.434) digits; the time grows as their 1.6th power",
	Parameters: []Parameter{{
		Name: "n", Title: "Number n", Description: "The last factor of the product.",
		Examples: []string{"100", "1e5", "10^6"},
	}},
	Methods: []Method{{
		Name: DefaultMethod, Title: "Prime swing",
		Description: "The exact value, from the prime factors of n!/(n/2)!², by Luschny's prime swing.",
		cost:        factorialCost,
		compute: func(ctx context.Context, a Args, p Progress) (bignum.Natural, error) {
			x, err := factorial(ctx, a.get("n").Uint64(), p)
			if err != nil {
				return nil, err
			}
			return bignum.FromBig(x), nil
		},
	}},
	Examples: []Example{
		{Args: map[string]string{"n": "100"}, Note: "More than the atoms in the visible universe"},
		{
			Args: map[string]string{"n": "100000"}, Note: "A good first job",
			SHA256: "820239691ef9b4887957093bb745a1ac33d3184b272db3e9a0d0a37062a13399",
		},
		{Args: map[string]string{"n": "1000000"}, Note: "Five and a half million digits"},
	},
	digits:  func(a Args) *big.Int { return factorialDigits(a.get("n")) },
	residue: factorialResidue,
})

// factorial returns n!, n < 2^32. It builds the odd part of n! from that of (n/2)!, of (n/4)! and so on:
// odd(n!) = odd((n/2)!)² · swing(n), and in the end puts in the n − (ones in n) factors of 2.
func factorial(ctx context.Context, n uint64, p Progress) (*big.Int, error) {
	steps := bits.Len64(n)
	m := &meter{report: p, total: factorialWork(float64(n), steps)}
	calc := m.calculator()
	m.begin("Finding primes")
	primes, err := oddPrimes(ctx, n)
	if err != nil {
		return nil, err
	}
	x := big.NewInt(1)
	for i := steps - 1; i >= 0; i-- {
		m.begin(fmt.Sprintf("Step %d of %d", steps-i, steps))
		if x, err = swingStep(ctx, calc, x, n>>i, primes); err != nil {
			return nil, err
		}
	}
	return x.Lsh(x, uint(n)-uint(bits.OnesCount64(n))), nil
}

// swingStep returns odd(n!), given x = odd((n/2)!).
func swingStep(ctx context.Context, calc bignum.Calculator, x *big.Int, n uint64, primes []uint32) (*big.Int, error) {
	factors, err := swingFactors(ctx, n, primes)
	if err != nil {
		return nil, err
	}
	swing, err := product(ctx, calc, factors)
	if err != nil {
		return nil, err
	}
	square, err := calc.Sqr(ctx, x)
	if err != nil {
		return nil, err
	}
	return calc.Mul(ctx, square, swing)
}

// swingFactors returns words whose product is the odd part of n!/(n/2)!². There p stands as often as ⌊n/p^i⌋ is odd for i = 1, 2, …
// primes holds the odd primes from 3 to n at least.
func swingFactors(ctx context.Context, n uint64, primes []uint32) ([]uint64, error) {
	var factors []uint64
	factor := uint64(1)
	for i, prime := range primes {
		if i%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		p := uint64(prime)
		if p > n {
			break
		}
		for q := n / p; q > 0; q /= p {
			if q%2 == 0 {
				continue
			}
			hi, lo := bits.Mul64(factor, p)
			if hi != 0 {
				factors, lo = append(factors, factor), p
			}
			factor = lo
		}
	}
	return append(factors, factor), nil
}

// product multiplies the factors, of which there is at least one, in a balanced tree.
func product(ctx context.Context, calc bignum.Calculator, factors []uint64) (*big.Int, error) {
	if len(factors) <= 8 {
		x := new(big.Int).SetUint64(factors[0])
		for _, f := range factors[1:] {
			x.Mul(x, new(big.Int).SetUint64(f))
		}
		return x, nil
	}
	half := len(factors) / 2
	x, err := product(ctx, calc, factors[:half])
	if err != nil {
		return nil, err
	}
	y, err := product(ctx, calc, factors[half:])
	if err != nil {
		return nil, err
	}
	return calc.Mul(ctx, x, y)
}

// factorialWork predicts the units of work of factorial. swing(n) has about n bits.
func factorialWork(n float64, steps int) float64 {
	work := 1.0
	for range steps {
		half := oddFactorialBits(n / 2)
		work += bignum.SqrWork(half) + bignum.Work(2*half, n)
		for piece, count := n/2, 1.0; piece > 8*64; piece, count = piece/2, count*2 {
			work += count * bignum.Work(piece, piece)
		}
		n /= 2
	}
	return work
}

// oddFactorialBits is about the length of the odd part of n!, by Stirling's formula.
func oddFactorialBits(n float64) float64 { return max(n*(math.Log2(n)-math.Log2E-1), 0) }

// factorialResidue multiplies the numbers from 1 to n, one after the other.
func factorialResidue(ctx context.Context, a Args, m uint64) (uint64, error) {
	n := a.get("n")
	if n.Cmp(new(big.Int).SetUint64(m)) >= 0 {
		return 0, nil // m itself is among the factors.
	}
	r := 1 % m
	for i := uint64(1); i <= n.Uint64(); i++ {
		if i%(1<<20) == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		r = modulus(m).mul(r, i)
	}
	return r, nil
}

// factorialMillis is the measured cost of the multiplications alone, by digits of the result.
var factorialMillis = curve{
	{2.5e3, 0.05},
	{3.5e4, 0.8},
	{4.5e5, 31},
	{1.5e6, 200},
	{5.5e6, 1350},
	{1.8e7, 7700},
	{1.8e8, 7700 * 38.5},
}

func factorialCost(_ Args, digits *big.Int) price {
	d := float(digits)
	return price{factorialMillis.at(d) + writingMillis.at(d), writingBytes * d}
}
