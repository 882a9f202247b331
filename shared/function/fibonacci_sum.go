package function

import (
	"context"
	"math/big"
)

var _ = register(&Function{
	Name: "fibonacci-sum", Title: "Sum of Fibonacci numbers", order: 20,
	Summary:     "The sum of the Fibonacci numbers from F(0) up to F(n).",
	Definition:  "S(n) = F(0) + F(1) + … + F(n) = F(n+2) − 1",
	Notation:    "S({n})",
	Sequence:    "A000071",
	CostFormula: "about 0.209·n digits; the time grows as n·log n",
	Parameters: []Parameter{{
		Name: "n", Title: "Last index n", Description: "The index of the last Fibonacci number in the sum.",
		Examples: []string{"1000", "1e6", "10^7"},
	}},
	Methods: []Method{
		{
			Name: DefaultMethod, Title: "Fast doubling",
			Description: "The exact value, as F(n+2) − 1, with two squarings for each binary digit of n.",
			demand:      fibonacciDemand,
			compute: func(ctx context.Context, a Args, o Options) (Result, error) {
				x, err := fibonacci(ctx, afterNext(a), o)
				if err != nil {
					return nil, err
				}
				return x.AddSmall(-1), nil
			},
		},
		recursiveMethod("F(0), F(1) and so on up to F(n), each by its own definition, added up: S(40) takes 866,988,831 calls. Slow on purpose.", fibonacciSumRecursion),
		factsMethod("fibonacci-sum", fibonacciFacts{ahead: 2, less: 1}),
	},
	Examples: []Example{
		{Args: map[string]string{"n": "10"}, Note: "Small enough to add up by hand: 143", SHA256: "d6f0c71ef0c88e45e4b3a2118fcb83b0def392d759c901e9d755d0e879028727"},
		{
			Args: map[string]string{"n": "1000000"}, Note: "A million and one numbers, added without adding them",
			SHA256: "cec9b5b4a42e5c42bf51ecf63dc8e84f4c118c01de8af4caf458cad39db53fdb",
		},
	},
	// F(n+2) − 1 is as long as F(n+2), since no Fibonacci number above 1 is a power of ten: those up to F(12) = 144 are not, and each later
	// one has a prime factor that none before it has (Carmichael's theorem), so not only F(3) = 2 and F(5) = 5.
	digits: func(a Args) *big.Int { return fibonacciDigits(afterNext(a)) },
	residue: func(_ context.Context, a Args, m uint64) (uint64, error) {
		return modulus(m).sub(fibonacciResidue(afterNext(a), modulus(m)), 1%m), nil
	},
})

// afterNext returns n+2.
func afterNext(a Args) *big.Int { return new(big.Int).Add(a.get("n"), big.NewInt(2)) }
