package function

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"numbermill/shared/function/internal/logarithm"
	"numbermill/shared/function/internal/tower"
)

// tallest is the height from which all towers of twos end in the same trailingDigits digits.
const tallest = trailingDigits + 2

// ackermannFacts tells of A(m,n) = 2↑^(m−2)(n+3) − 3 in Knuth's arrows: for m = 3 a power of two, from m = 4 on a tower 2↑↑h, less 3.
type ackermannFacts struct{}

func (ackermannFacts) formula(a Args) string {
	m, k := a.get("m"), new(big.Int).Add(a.get("n"), big.NewInt(3))
	const mostArrows = 8
	if m.IsInt64() {
		switch arrows := m.Int64() - 2; {
		case arrows == -2:
			return fmt.Sprintf("%v + 1", a.get("n"))
		case arrows == -1:
			return fmt.Sprintf("2 + %v − 3", k)
		case arrows == 0:
			return fmt.Sprintf("2·%v − 3", k)
		case arrows <= mostArrows:
			return fmt.Sprintf("2%s%v − 3", strings.Repeat("↑", int(arrows)), k)
		}
	}
	return fmt.Sprintf("2 ↑^%v %v − 3, with %[1]v arrows", new(big.Int).Sub(m, big.NewInt(2)), k)
}

// height returns the h of A(m,n) = 2↑↑h − 3, at most tallest, or 0 for m < 4. A(5,0) = 2↑↑↑3 − 3 = 2↑↑4 − 3; already A(5,1) = 2↑↑↑4 − 3 is
// 2↑↑65536 − 3, which A(6,0) is as well, and all further values are larger.
func (ackermannFacts) height(a Args) int {
	m, n := a.get("m"), a.get("n")
	switch {
	case m.Cmp(big.NewInt(4)) < 0:
		return 0
	case m.Cmp(big.NewInt(4)) == 0 && n.Cmp(big.NewInt(tallest-3)) < 0:
		return int(n.Int64()) + 3
	case m.Cmp(big.NewInt(5)) == 0 && n.Sign() == 0:
		return 4
	}
	return tallest
}

// exponent returns the k of A(m,n) = 2^k − 3, if it can be written down: 2^65536 at most, for A(4,3). Else it returns nil.
func (s ackermannFacts) exponent(a Args) *big.Int {
	if form, ok := ackermannForm(a); ok {
		return form.exponent
	}
	if s.height(a) == 6 {
		return new(big.Int).Lsh(one, 65536)
	}
	return nil
}

func (ackermannFacts) short(a Args) *big.Int {
	const longest = 3321 // 2^3321 has 1,000 digits.
	form, ok := ackermannForm(a)
	switch {
	case !ok:
		return nil
	case form.value != nil:
		return form.value
	case form.exponent.Cmp(big.NewInt(longest)) > 0:
		return nil
	}
	x := new(big.Int).Lsh(one, uint(form.exponent.Uint64()))
	return x.Sub(x, big.NewInt(3))
}

func (ackermannFacts) zerosApart() bool { return false }

func (s ackermannFacts) stable(a Args) *int {
	h := s.height(a)
	if h == 0 {
		return nil
	}
	digits := min(tower.Stable(h), trailingDigits)
	return &digits
}

func (s ackermannFacts) verifyStable(a Args, t TrailingDigits) bool {
	if s.height(a) == 0 || t.Stable == nil {
		return s.height(a) == 0 && t.Stable == nil
	}
	x, ok := new(big.Int).SetString(t.Digits, 10)
	if !ok {
		return false
	}
	return tower.SharedWithNext(x.Add(x, big.NewInt(3)), trailingDigits) == *t.Stable
}

// ln returns ln(2^k − 3), for k > 3000. It is k·ln 2 + ln(1 − 3/2^k), the last part of which is nearer to 0 than 2^(2−k).
func (ackermannFacts) ln(k *big.Int) logarithm.Log {
	return func(c *logarithm.Constants, prec uint) logarithm.Interval {
		return c.Ln2(prec).Times(k).Widen(uint(min(float(k)-2, 1<<30)))
	}
}

// lnDigits returns the logarithm of the number of digits of A(4,4) = 2^(2^k) − 3 with k = 2^65536. These are ⌊x⌋ + 1, where x = 2^k·log10 2 and
// ln x = k·ln 2 − ln log2 10. The logarithm of the whole number is less than 1/x above that, and 1/x < 2^−3000.
func (ackermannFacts) lnDigits() logarithm.Log {
	k := new(big.Int).Lsh(one, 65536)
	return func(c *logarithm.Constants, prec uint) logarithm.Interval {
		return c.Ln2(prec).Times(k).Sub(c.LnLog2Of10(prec)).Widen(3000)
	}
}

func (s ackermannFacts) find(ctx context.Context, a Args, o Options) (Facts, error) {
	var facts Facts
	var err error
	if k := s.exponent(a); k != nil {
		facts, err = firstDigits(ctx, uint(k.BitLen()), s.ln(k), o)
	} else if s.height(a) == 7 {
		const bits = 65536
		o.Progress(0.05, "Counting the digits of the digit count")
		facts.DigitsOfDigits = text(logarithm.Digits(bits+128, s.lnDigits()))
	}
	if err != nil {
		return facts, err
	}
	end, err := s.end(ctx, a, stage(o, 0.2, 0.95, "Climbing the tower"))
	if err != nil {
		return facts, err
	}
	end.Sub(end, big.NewInt(3))
	facts.Trailing = TrailingDigits{Digits: decimals(end.Mod(end, tailModulus)), Zeros: "0"}
	o.Progress(0.95, "Finding remainders")
	for _, m := range factsModuli {
		var r uint64
		if h := s.height(a); h > 0 {
			r = tower.Residue(h, m)
		} else {
			r = modulus(m).power(2, s.exponent(a))
		}
		facts.Residues = append(facts.Residues, knownResidue(m, modulus(m).sub(r, 3)))
	}
	return facts, ctx.Err()
}

// end returns the last digits of the value plus 3.
func (s ackermannFacts) end(ctx context.Context, a Args, tell func(share float64)) (*big.Int, error) {
	if h := s.height(a); h > 0 {
		return tower.Last(ctx, h, trailingDigits, tell)
	}
	return new(big.Int).Exp(big.NewInt(2), s.exponent(a), tailModulus), ctx.Err()
}

// verify finds the digits and the residues again: the first digits and their number by other series, the last ones and the residues by other recursions, or
// for a power of two by exponents that are smaller, by the theorems of Euler and Fermat, and the last digits apart modulo 2^1000 and 5^1000.
func (s ackermannFacts) verify(ctx context.Context, a Args, facts Facts) error {
	if err := s.verifyHead(a, facts); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	end := verifyTail(facts.Trailing)
	if end == nil {
		return errTrailing
	}
	if ok, err := s.endsIn(ctx, a, end.Add(end, big.NewInt(3))); err != nil {
		return err
	} else if !ok {
		return errTrailing
	}
	return verifyResidues(facts, func(m uint64) *big.Int {
		p := new(big.Int).SetUint64(m)
		r := new(big.Int)
		if h := s.height(a); h > 0 {
			r.SetUint64(tower.SecondResidue(h, m))
		} else {
			period := new(big.Int).Sub(p, one)
			r.Exp(big.NewInt(2), period.Mod(s.exponent(a), period), p)
		}
		return r.Mod(r.Sub(r, big.NewInt(3)), p)
	})
}

func (s ackermannFacts) verifyHead(a Args, facts Facts) error {
	if k := s.exponent(a); k != nil {
		return verifyHead(facts, uint(k.BitLen())+512, s.ln(k))
	}
	if facts.Digits != nil || facts.Leading != nil {
		return errLeading
	}
	count := number(facts.DigitsOfDigits)
	if s.height(a) != 7 {
		if facts.DigitsOfDigits != nil {
			return errLeading
		}
		return nil
	}
	const bits = 65536
	if count == nil || !logarithm.Counts(count, bits+512, s.lnDigits()) {
		return errLeading
	}
	return nil
}

// endsIn reports whether the value plus 3 ends in the digits of x.
func (s ackermannFacts) endsIn(ctx context.Context, a Args, x *big.Int) (bool, error) {
	x.Mod(x, tailModulus)
	if h := s.height(a); h > 0 {
		return tower.Ends(ctx, h, trailingDigits, x)
	}
	five := new(big.Int).Exp(big.NewInt(5), big.NewInt(trailingDigits), nil)
	period := new(big.Int).Quo(five, big.NewInt(5)) // 4·5^999
	period.Mul(period, big.NewInt(4)).Mod(s.exponent(a), period)
	want := new(big.Int).Exp(big.NewInt(2), period, five)
	return x.TrailingZeroBits() >= trailingDigits && want.Cmp(new(big.Int).Mod(x, five)) == 0, ctx.Err()
}

// millis is mostly that of the check, which climbs a tower that is not tall step by step.
func (s ackermannFacts) millis(a Args) float64 {
	const (
		perBit   = 0.05
		low      = 1
		tower    = 400
		perStep  = 2
		tallOnly = 300
	)
	h := s.height(a)
	switch {
	case h == 0:
		return perBit * float64(a.get("n").BitLen())
	case h <= 4:
		return low
	case a.get("m").Cmp(big.NewInt(4)) == 0:
		return tower + perStep*float64(h)
	}
	return tallOnly
}
