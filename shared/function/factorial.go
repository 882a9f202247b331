package function

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"

	"numbermill/shared/bignum"
)

var _ = register(&Function{
	Name: "factorial", Title: "Factorial", order: 30,
	Summary:     "The product of all whole numbers from 1 to n.",
	Definition:  "0! = 1, n! = n · (n−1)!",
	Notation:    "{n}!",
	Sequence:    "A000142",
	CostFormula: "about n·(log10 n − 0.434) digits; the time grows as d·(log d)² with their number d",
	Parameters: []Parameter{{
		Name: "n", Title: "Number n", Description: "The last factor of the product.",
		Examples: []string{"100", "1e5", "10^6"},
	}},
	Methods: []Method{
		{
			Name: DefaultMethod, Title: "Prime swing",
			Description: "The exact value, from the prime factors of n!/(n/2)!², by Luschny's prime swing.",
			demand:      factorialDemand,
			compute: func(ctx context.Context, a Args, o Options) (Result, error) {
				return factorial(ctx, a.get("n").Uint64(), o)
			},
		},
		recursiveMethod("n calls down to 0!, then a product for each on the way back: four times the work for twice the n. Slow on purpose.", factorialRecursion),
		factsMethod("factorial", factorialFacts{}),
	},
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

// factorial returns n!, n < 2^32, from (n/2)!, that from (n/4)! and so on: n! = (n/2)!² · swing(n). Unlike Luschny, who leaves the factors of
// two for the end, where in binary they are a shift, it keeps them with the others: in decimal they would be one more product.
func factorial(ctx context.Context, n uint64, o Options) (bignum.Decimal, error) {
	steps := max(bits.Len64(n/(smallFactorial+1)), 0)
	m := newMeter(o, factorialWork(float64(n), steps))
	defer m.engine.Close()
	m.begin("Finding primes")
	primes, err := oddPrimes(ctx, m.engine, n)
	if err != nil {
		return bignum.Decimal{}, err
	}
	product := uint64(1)
	for k := range n >> steps {
		product *= k + 1
	}
	x := bignum.FromUint64(product)
	if err := m.engine.Reserve(ctx, factorialLimbs(float64(n/2)), 0); err != nil {
		return x, err
	}
	if x, err = m.engine.WithRoom(ctx, x, factorialLimbs(float64(n))+rounding); err != nil {
		return x, err
	}
	for i := steps - 1; i >= 0; i-- {
		m.begin(fmt.Sprintf("Step %d of %d", steps-i, steps))
		if x, err = swingStep(ctx, m.engine, x, n>>i, primes); err != nil {
			return bignum.Decimal{}, err
		}
	}
	return x, nil
}

// smallFactorial is the largest number whose factorial is below 2^64.
const smallFactorial = 20

// swingStep returns n!, given x = (n/2)!.
func swingStep(ctx context.Context, engine *bignum.Engine, x bignum.Decimal, n uint64, primes []uint32) (bignum.Decimal, error) {
	factors, err := swingFactors(ctx, engine, n, primes)
	if err != nil {
		return x, err
	}
	swing, err := engine.Product(ctx, factors)
	if err != nil {
		return x, err
	}
	if x, err = engine.SqrOver(ctx, x); err != nil {
		return x, err
	}
	return engine.MulOver(ctx, x, swing)
}

// swingFactors returns factors for Product whose product is swing(n) = n!/(n/2)!², n < 2^32. There the prime p stands as often as ⌊n/p^i⌋ is odd for
// i = 1, 2, … primes holds the odd primes from 3 to n at least.
func swingFactors(ctx context.Context, engine *bignum.Engine, n uint64, primes []uint32) ([]uint64, error) {
	const run = 1 << 14                                // primes
	end, _ := slices.BinarySearch(primes, uint32(n)+1) //nolint:gosec // n < 2^32
	parts := make([][]uint64, (end+run-1)/run+1)
	parts[0] = []uint64{1 << bits.OnesCount64(n/2)}
	err := engine.Each(ctx, len(parts)-1, swingWork*float64(end), func(i int) {
		parts[i+1] = oddSwingFactors(uint32(n), primes[i*run:min((i+1)*run, end)]) //nolint:gosec // n < 2^32
	})
	return slices.Concat(parts...), err
}

// swingWork is what it takes to find how often a prime stands in a swing number, in bignum's units of work.
const swingWork = 60

// oddSwingFactors returns factors whose product is what these primes contribute to swing(n).
func oddSwingFactors(n uint32, primes []uint32) []uint64 {
	var factors []uint64
	factor := uint64(1)
	for _, p := range primes {
		for q := n / p; q > 0; q = quotient(q, p) {
			if q%2 == 0 {
				continue
			}
			hi, lo := bits.Mul64(factor, uint64(p))
			if hi != 0 || lo >= bignum.FactorLimit {
				factors, lo = append(factors, factor), uint64(p)
			}
			factor = lo
		}
	}
	return append(factors, factor)
}

// quotient returns ⌊q/p⌋, nearly always without a division.
func quotient(q, p uint32) uint32 {
	if q < p {
		return 0
	}
	return q / p
}

// factorialWork predicts the units of work of factorial. swing(n) has about n bits.
func factorialWork(n float64, steps int) float64 {
	work := sieveWork*n + bignum.ReserveWork(factorialLimbs(n/2), 0)
	for range steps {
		work += swingWork * n / max(math.Log(n)-1, 1)
		half, swing := factorialLimbs(n/2), int(n*math.Log10(2)/18)+1
		work += bignum.SqrWork(half) + bignum.MulWork(2*half, swing) + bignum.TreeWork(swing)
		n /= 2
	}
	return work
}

// factorialLimbs is about the length of n! in pieces of 18 digits, by Stirling's formula.
func factorialLimbs(n float64) int { return int(max(n*(math.Log10(n)-math.Log10E), 0)/18) + 1 }

// factorialUnits are the units of work of factorial, up to results of maxDigits digits.
var factorialUnits = risingCurve(1<<28, func(n float64) float64 { return factorialWork(n, max(math.Ilogb(n/(smallFactorial+1))+1, 0)) })

func factorialDemand(a Args, digits float64) demand {
	n := float(a.get("n"))
	return demand{
		units: factorialUnits().at(n), digits: digits, steps: 5e4 + 0.045*n,
		bytes: engineBytes(digits, 1.1, bignum.Memory(limbsOf(digits/2), 0, severalThreads)),
	}
}
