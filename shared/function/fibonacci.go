package function

import (
	"context"
	"math/big"

	"numbermill/shared/bignum"
)

var _ = register(&Function{
	Name: "fibonacci", Title: "Fibonacci numbers", order: 10,
	Summary:     "The n-th Fibonacci number, each the sum of the two before it.",
	Definition:  "F(0) = 0, F(1) = 1, F(n) = F(n−1) + F(n−2)",
	Notation:    "F({n})",
	Sequence:    "A000045",
	CostFormula: "0.209·n digits; time grows like n^1.6",
	Parameters: []Parameter{{
		Name: "n", Title: "Index n", Description: "Which Fibonacci number, from 0 up.", Examples: []string{"1000", "1e6", "10^7"},
	}},
	Methods: []Method{{
		Name: DefaultMethod, Title: "Fast doubling", Description: "The exact value, by two squarings for each binary digit of n.",
		cost: fibonacciCost,
		compute: func(ctx context.Context, a Args, p Progress) (bignum.Natural, error) {
			x, _, err := fibonacciPair(ctx, a.get("n"), p)
			return bignum.FromBig(x), err
		},
	}},
	Examples: []Example{
		{Args: map[string]string{"n": "1000"}, Note: "Small enough to read"},
		{Args: map[string]string{"n": "1000000"}, Note: "A good first job"},
	},
	digits: func(a Args) *big.Int { return fibonacciDigits(a.get("n")) },
	residue: func(_ context.Context, a Args, modulus uint64) (uint64, error) {
		return 0, nil
	},
})

func fibonacciPair(ctx context.Context, n *big.Int, p Progress) (x, y *big.Int, err error) {
	x, y = new(big.Int), big.NewInt(1)
	for i := n.BitLen() - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		t := new(big.Int).Lsh(y, 1)
		t.Mul(t.Sub(t, x), x)
		y.Add(y.Mul(y, y), x.Mul(x, x))
		x = t
		if n.Bit(i) == 1 {
			x, y = y, x.Add(x, y)
		}
		p(1/float64(i+1), "Doubling")
	}
	return x, y, nil
}
func fibonacciDigits(n *big.Int) *big.Int { return new(big.Int).Div(n, big.NewInt(5)) }
func fibonacciCost(a Args, digits *big.Int) price {
	d, _ := new(big.Float).SetInt(digits).Float64()
	return price{1 + d/1e4, 10 * d}
}
