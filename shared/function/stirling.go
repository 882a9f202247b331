package function

import (
	"math/big"
	"sync"

	"numbermill/shared/function/internal/logarithm"
)

// factorialDigits returns the number of digits of n!. Up to 1000 it multiplies; beyond it takes Stirling's series
// ln n! = (n + ½)·ln n − n + ln √(2π) + Σ B(2k) / (2k·(2k−1)·n^(2k−1)),
// whose terms alternate in sign, and whose error is less than the first term left out (NIST Handbook of Mathematical Functions, 5.11.1 and
// 5.11(ii)). For n > 1000 the terms fall until k is about 3,000. Where a few terms of it in floating point tell, they do.
func factorialDigits(n *big.Int) *big.Int {
	const small = 1000
	if isNear(n) {
		if digits := digitsNearly(factorialNearly(float(n))); digits != nil {
			return digits
		}
	}
	if n.Cmp(big.NewInt(small)) <= 0 {
		return decimalLength(new(big.Int).MulRange(1, n.Int64()))
	}
	return logarithm.Digits(uint(n.BitLen())+96, lnFactorial(n))
}

// lnFactorial returns ln n!, for n > 1000. It takes the more terms the higher the precision.
func lnFactorial(n *big.Int) logarithm.Log {
	return func(c *logarithm.Constants, prec uint) logarithm.Interval { return stirling(c, n, prec) }
}

func stirling(c *logarithm.Constants, n *big.Int, prec uint) logarithm.Interval {
	ln := c.Ln(n, prec)
	plus := ln.Times(n).Add(ln.Half()).Add(c.LnSqrtTau(prec))
	minus := logarithm.Exactly(n, prec)
	power, square := new(big.Int).Set(n), new(big.Int).Mul(n, n)
	for k := int64(1); ; k++ {
		b := bernoulli(int(2 * k))
		numerator := new(big.Int).Abs(b.Num())
		denominator := new(big.Int).Mul(b.Denom(), big.NewInt(2*k*(2*k-1)))
		denominator.Mul(denominator, power)
		// below is a power of two, as an exponent, that the term stays under: the term is less than 2^(a − b + 1).
		below := denominator.BitLen() - numerator.BitLen() - 1
		if below >= int(prec) || int(k) > int(prec)/8 {
			return plus.Sub(minus).Widen(uint(max(below, 0)))
		}
		term := logarithm.Rational(numerator, denominator, prec)
		if b.Sign() > 0 {
			plus = plus.Add(term)
		} else {
			minus = minus.Add(term)
		}
		power.Mul(power, square)
	}
}

// lnFactorialAgain returns ln n!, for n > 1000, by a series in 1/(n + ½):
// ln n! = z·ln z − z + ln √(2π) − Σ (2^(2k−1) − 1)·B(2k) / (2k·(2k−1)·w^(2k−1)) with z = n + ½ and w = 2z
// (NIST Handbook of Mathematical Functions, 5.11.8 with h = ½ and B(2k, ½) = −(1 − 2^(1−2k))·B(2k)). The sum stands for −2·∫ arctan(t/z)/(e^(2πt) + 1) dt from 0 to
// infinity with the series of the arctangent, whose error is less than the first term left out; and so is this one's.
func lnFactorialAgain(n *big.Int) logarithm.Log {
	w := new(big.Int).Lsh(n, 1)
	w.Add(w, one)
	return func(c *logarithm.Constants, prec uint) logarithm.Interval {
		plus := c.Ln(w, prec).Sub(c.Ln2(prec)).Times(w).Half().Add(c.LnSqrtTau(prec))
		minus := logarithm.Exactly(w, prec).Half()
		power, square := new(big.Int).Set(w), new(big.Int).Mul(w, w)
		for k := int64(1); ; k++ {
			b := bernoulli(int(2 * k))
			top := new(big.Int).Lsh(one, uint(2*k-1))
			top.Sub(top, one).Mul(top, b.Num()).Abs(top)
			bottom := new(big.Int).Mul(b.Denom(), big.NewInt(2*k*(2*k-1)))
			bottom.Mul(bottom, power)
			// The term is less than 2^−below.
			below := bottom.BitLen() - top.BitLen() - 1
			if below >= int(prec) || int(k) > int(prec)/8 {
				return plus.Sub(minus).Widen(uint(max(below, 0)))
			}
			if term := logarithm.Rational(top, bottom, prec); b.Sign() > 0 {
				minus = minus.Add(term)
			} else {
				plus = plus.Add(term)
			}
			power.Mul(power, square)
		}
	}
}

var bernoulliNumbers struct {
	mu    sync.Mutex
	known []*big.Rat
}

// bernoulli returns the Bernoulli number B(i), from the recurrence C(m+1,0)·B(0) + … + C(m+1,m)·B(m) = 0. It must not be changed.
func bernoulli(i int) *big.Rat {
	cache := &bernoulliNumbers
	cache.mu.Lock()
	defer cache.mu.Unlock()
	for m := int64(len(cache.known)); m <= int64(i); m++ {
		if m == 0 {
			cache.known = append(cache.known, big.NewRat(1, 1))
			continue
		}
		sum := new(big.Rat)
		for j, b := range cache.known {
			choose := new(big.Int).Binomial(m+1, int64(j))
			sum.Add(sum, new(big.Rat).Mul(b, new(big.Rat).SetInt(choose)))
		}
		cache.known = append(cache.known, sum.Mul(sum, big.NewRat(-1, m+1)))
	}
	return cache.known[i]
}
