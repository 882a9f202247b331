package function

import (
	"context"
	"fmt"
	"math/big"

	"numbermill/shared/function/internal/padic"
)

// factorialFacts tells of n!.
type factorialFacts struct{ noTower }

func (factorialFacts) formula(a Args) string {
	n := a.get("n")
	switch {
	case n.Sign() == 0:
		return "1, the product of no numbers"
	case n.Cmp(big.NewInt(4)) <= 0:
		return "1·2·3·4"[:n.Int64()+2*(n.Int64()-1)]
	}
	return fmt.Sprintf("1·2·3·…·%v", n)
}

func (factorialFacts) short(a Args) *big.Int {
	const longest = 450 // 450! has 1,001 digits.
	n := a.get("n")
	if n.Cmp(big.NewInt(longest)) >= 0 {
		return nil
	}
	return new(big.Int).MulRange(1, n.Int64())
}

func (factorialFacts) zerosApart() bool { return true }

func (factorialFacts) find(ctx context.Context, a Args, o Options) (Facts, error) {
	n := a.get("n")
	var facts Facts
	var err error
	if small := int64(1000); n.Cmp(big.NewInt(small)) <= 0 { // Stirling's series is not sharp enough.
		facts = factsOfDigits(new(big.Int).MulRange(1, n.Int64()).String(), true)
	} else {
		facts, err = firstDigits(ctx, uint(n.BitLen()), lnFactorial(n), o)
	}
	if err != nil {
		return facts, err
	}
	o.Progress(0.2, "Finding the last digits")
	unit, err := padic.Unit(ctx, n)
	if err != nil {
		return facts, err
	}
	zeros := padic.Zeros(n)
	facts.Trailing = TrailingDigits{Digits: fmt.Sprintf("%0*v", factorialTrailing, padic.BeforeZeros(unit, zeros)), Zeros: zeros.String()}
	facts.Residues, err = residuesOfFactorial(ctx, n, stage(o, 0.25, 1, "Finding remainders"))
	return facts, err
}

// verify finds the digits and the residues again: the first digits and their number by another series, the last ones by 5-adic logarithms.
func (s factorialFacts) verify(ctx context.Context, a Args, facts Facts) error {
	n := a.get("n")
	if err := verifyHead(facts, uint(n.BitLen())+512, lnFactorialAgain(n)); err != nil {
		return err
	}
	unit, err := padic.SecondUnit(ctx, n)
	if err != nil {
		return err
	}
	t, zeros := facts.Trailing, padic.SecondZeros(n)
	if t.Zeros != zeros.String() || t.Digits != fmt.Sprintf("%0*v", factorialTrailing, padic.BeforeZeros(unit, zeros)) || t.Complete {
		return errTrailing
	}
	for i, p := range factsModuli {
		if err := checkResidue(ctx, newWilson(n, p), facts.Residues[i]); err != nil {
			return err
		}
	}
	return nil
}

// millis counts the factors that the remainders are found and checked from, and the binary digits of n for everything else.
func (factorialFacts) millis(a Args) float64 {
	const (
		perFactor = 1e-6
		perPlain  = 2e-5
		perBit    = 0.1
		otherSide = 500 // the check by Wilson's theorem
	)
	n := a.get("n")
	x := float(n)
	millis := perPlain*min(x, mostPlain) + perFactor*min(x, mostFactors) + perBit*float64(n.BitLen())
	if x > mostPlain {
		millis += otherSide
	}
	return millis
}
