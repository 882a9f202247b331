package function

import (
	"context"
	"fmt"
	"math/big"

	"numbermill/shared/function/internal/logarithm"
)

// fibonacciFacts tells of F(n + ahead) − less: the Fibonacci numbers themselves, or their sums.
type fibonacciFacts struct {
	noTower

	ahead, less int64
}

func (s fibonacciFacts) index(a Args) *big.Int {
	return new(big.Int).Add(a.get("n"), big.NewInt(s.ahead))
}

// formula is Binet's.
func (s fibonacciFacts) formula(a Args) string {
	text, n := "(φ^%[1]v − ψ^%[1]v)/√5", s.index(a)
	if s.less != 0 {
		text += fmt.Sprintf(" − %d", s.less)
	}
	return fmt.Sprintf(text+" with φ = (1 + √5)/2 and ψ = (1 − √5)/2", n)
}

func (s fibonacciFacts) short(a Args) *big.Int {
	const longer = 4800 // F(4800) has 1,003 digits.
	n := s.index(a)
	if n.Cmp(big.NewInt(longer)) >= 0 {
		return nil
	}
	x, next := new(big.Int), big.NewInt(1)
	for range n.Int64() {
		x.Add(x, next)
		x, next = next, x
	}
	if x.Cmp(tooManyDigits) >= 0 {
		return nil
	}
	return x.Sub(x, big.NewInt(s.less))
}

func (fibonacciFacts) zerosApart() bool { return false }

// ln returns ln(F(n) − less), for n > 4000. It is ln F(n) + ln(1 − less/F(n)), the last part of which is nearer to 0 than 2^−3000.
func (s fibonacciFacts) ln(n *big.Int) logarithm.Log {
	return func(c *logarithm.Constants, prec uint) logarithm.Interval {
		return lnFibonacci(n)(c, prec).Widen(uint(min(0.69*float(n), 1<<30)))
	}
}

func (s fibonacciFacts) find(ctx context.Context, a Args, o Options) (Facts, error) {
	n := s.index(a)
	facts, err := firstDigits(ctx, uint(n.BitLen()), s.ln(n), o)
	if err != nil {
		return facts, err
	}
	end, err := fibonacciModulo(ctx, n, tailModulus, stage(o, 0.2, 0.9, "Finding the last digits"))
	if err != nil {
		return facts, err
	}
	less := big.NewInt(s.less)
	end.Sub(end, less)
	facts.Trailing = TrailingDigits{Digits: decimals(end.Mod(end, tailModulus)), Zeros: "0"}
	tell := stage(o, 0.9, 1, "Finding remainders")
	for _, m := range factsModuli {
		p := new(big.Int).SetUint64(m)
		r, err := fibonacciModulo(ctx, n, p, tell)
		if err != nil {
			return facts, err
		}
		tell = func(float64) {}
		r.Sub(r, less)
		facts.Residues = append(facts.Residues, knownResidue(m, r.Mod(r, p).Uint64()))
	}
	return facts, nil
}

// tailModulus is 10^trailingDigits: the last digits of a value are its remainder.
var tailModulus = new(big.Int).Exp(big.NewInt(10), big.NewInt(trailingDigits), nil)

// fibonacciModulo returns F(n) mod m by the pair F(k), F(k+1): F(2k) = F(k)·(2·F(k+1) − F(k)), F(2k+1) = F(k)² + F(k+1)².
func fibonacciModulo(ctx context.Context, n, m *big.Int, tell func(share float64)) (*big.Int, error) {
	f, g := new(big.Int), big.NewInt(1)
	for i := n.BitLen() - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell(1 - float64(i+1)/float64(n.BitLen()))
		even := new(big.Int).Lsh(g, 1)
		even.Mul(even.Sub(even, f), f)
		odd := new(big.Int).Add(f.Mul(f, f), g.Mul(g, g))
		if n.Bit(i) == 1 {
			even, odd = odd, even.Add(even, odd)
		}
		f, g = even.Mod(even, m), odd.Mod(odd, m)
	}
	return f, nil
}

// verify finds the digits and the residues again: the first digits and their number by other series, the rest by powers of φ with the exponent modulo the
// period of the Fibonacci numbers, the last digits apart modulo 2^1000 and 5^1000.
func (s fibonacciFacts) verify(ctx context.Context, a Args, facts Facts) error {
	n := s.index(a)
	if err := verifyHead(facts, uint(n.BitLen())+512, s.ln(n)); err != nil {
		return err
	}
	end := verifyTail(facts.Trailing)
	if end == nil {
		return errTrailing
	}
	for _, end2 := range []struct{ p, period int64 }{{2, 3}, {5, 20}} {
		// The period modulo 2 is 3, modulo 5 it is 20, and it takes p times as long for each further power of the prime p (Wall 1960).
		modulus := new(big.Int).Exp(big.NewInt(end2.p), big.NewInt(trailingDigits), nil)
		period := new(big.Int).Exp(big.NewInt(end2.p), big.NewInt(trailingDigits-1), nil)
		want, err := phiPower(ctx, new(big.Int).Mod(n, period.Mul(period, big.NewInt(end2.period))), modulus)
		if err != nil {
			return err
		}
		if new(big.Int).Mod(want.Sub(want, end).Sub(want, big.NewInt(s.less)), modulus).Sign() != 0 {
			return errTrailing
		}
	}
	return verifyResidues(facts, func(m uint64) *big.Int {
		// The period modulo a prime p other than 2 and 5 divides p² − 1, as the group of the powers of φ does.
		p := new(big.Int).SetUint64(m)
		period := new(big.Int).Mul(p, p)
		r, _ := phiPower(context.WithoutCancel(ctx), new(big.Int).Mod(n, period.Sub(period, one)), p)
		r.Sub(r, big.NewInt(s.less))
		return r.Mod(r, p)
	})
}

// phiPower returns F(n) mod m, the factor of φ in φ^n = F(n−1) + F(n)·φ, squaring from the lowest bit of n. With φ² = φ + 1,
// (a + b·φ)·(c + d·φ) = ac + bd + (ad + bc + bd)·φ.
func phiPower(ctx context.Context, n, m *big.Int) (*big.Int, error) {
	product := func(a, b, c, d *big.Int) (*big.Int, *big.Int) {
		ac, bd, mixed := new(big.Int).Mul(a, c), new(big.Int).Mul(b, d), new(big.Int).Mul(a, d)
		mixed.Add(mixed, new(big.Int).Mul(b, c)).Add(mixed, bd)
		ac.Add(ac, bd)
		return ac.Mod(ac, m), mixed.Mod(mixed, m)
	}
	a, b, c, d := big.NewInt(1), new(big.Int), new(big.Int), big.NewInt(1)
	for i := range n.BitLen() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if n.Bit(i) == 1 {
			a, b = product(a, b, c, d)
		}
		c, d = product(c, d, c, d)
	}
	return b, nil
}

// millis counts the steps of two computations modulo 10^1000, one for each binary digit of n.
func (s fibonacciFacts) millis(a Args) float64 {
	const perBit = 0.1
	return perBit * float64(s.index(a).BitLen())
}
