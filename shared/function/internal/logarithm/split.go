package logarithm

import "math/big"

// artanhInverse returns an interval around artanh(1/q) = 1/q + 1/3q³ + 1/5q⁵ + …, for q ≥ 3. It adds neighbouring terms to fractions, those to
// larger fractions and so on, and divides only once: 70,000 bits take less than a tenth of a second.
func artanhInverse(q int64, prec uint) Interval {
	// What is left out after n terms is less than q^−2n ≤ 2^−prec, as q² ≥ 2^(BitLen−1).
	square := big.NewInt(q * q)
	terms := int64(prec)/int64(square.BitLen()-1) + 1 //nolint:gosec // some 70,000 bits
	sum := split(0, terms, square)
	sum.t.Mul(sum.t, big.NewInt(q)).Lsh(sum.t, prec)
	low := sum.t.Quo(sum.t, sum.b.Mul(sum.b, sum.q))
	return Interval{low, new(big.Int).Add(low, big.NewInt(2)), prec}
}

// partial is the sum of 1/((2i+1)·q^2(i−a+1)) for i from a to b−1, as the fraction t/(b·q) of integers.
type partial struct{ t, b, q *big.Int }

// split returns the terms from first to last−1. With l and r for its halves, t/(b·q) = l.t/(l.b·l.q) + r.t/(r.b·r.q·l.q).
func split(first, last int64, square *big.Int) partial {
	if last-first == 1 {
		return partial{big.NewInt(1), big.NewInt(2*first + 1), square}
	}
	middle := (first + last) / 2
	l, r := split(first, middle, square), split(middle, last, square)
	t := new(big.Int).Mul(r.b, r.q)
	t.Mul(t, l.t).Add(t, r.t.Mul(r.t, l.b))
	return partial{t, new(big.Int).Mul(l.b, r.b), new(big.Int).Mul(l.q, r.q)}
}

// arctanInverse returns an interval around arctan(1/q), for q ≥ 3.
func arctanInverse(q int64, prec uint) Interval {
	power, square := Rational(one, big.NewInt(q), prec), big.NewInt(q*q)
	plus, minus := power, Exactly(new(big.Int), prec)
	for i := int64(3); power.high.Cmp(one) > 0; i += 2 {
		power = power.quo(square)
		if term := power.quo(big.NewInt(i)); i%4 == 3 {
			minus = minus.Add(term)
		} else {
			plus = plus.Add(term)
		}
	}
	return plus.Sub(minus).Widen(prec) // The terms alternate and fall, so the rest is less than the last: one unit.
}

// arsinhHalf returns an interval around arsinh(1/2) = Σ (−1)^k·c(k)/(4k+2) with c(0) = 1 and c(k+1) = c(k)·(2k+1)/(8k+8).
func arsinhHalf(prec uint) Interval {
	// c(k) is rounded down each time, and what that loses is then multiplied by less than 1/4: it stays below two units, and so does a
	// term's error. The terms alternate and fall, so what is left out is less than the last.
	c, sum, term := new(big.Int).Lsh(one, prec), new(big.Int), new(big.Int)
	k := int64(0)
	for ; c.Sign() > 0; k++ {
		if term.Quo(c, big.NewInt(4*k+2)); k%2 == 0 {
			sum.Add(sum, term)
		} else {
			sum.Sub(sum, term)
		}
		c.Mul(c, big.NewInt(2*k+1)).Quo(c, big.NewInt(8*k+8))
	}
	lost := big.NewInt(2*k + 2)
	return Interval{new(big.Int).Sub(sum, lost), sum.Add(sum, lost), prec}
}
