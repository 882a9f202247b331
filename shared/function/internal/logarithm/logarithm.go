package logarithm

import "math/big"

// Ln returns an interval around the natural logarithm of n ≥ 1. Its width is a few units of the precision for each bit of n's length.
func (c *Constants) Ln(n *big.Int, prec uint) Interval {
	const guard = 64
	return c.ln(Exactly(n, prec+guard)).to(prec)
}

// LnLog2Of10 returns an interval around ln(ln 10/ln 2), which is not much narrower than 2^−500 whatever the precision.
func (c *Constants) LnLog2Of10(prec uint) Interval {
	const enough, guard = 512, 64
	bits := min(prec, enough) + guard
	x := c.ln(c.Ln10(bits).div(c.Ln2(bits)))
	if prec <= bits {
		return x.to(prec)
	}
	return Interval{new(big.Int).Lsh(x.low, prec-bits), new(big.Int).Lsh(x.high, prec-bits), prec}
}

// ln returns an interval around ln x for x ≥ 1. It halves x until it is below 2, takes square roots until it is close to 1, and
// there sums ln x = 2·artanh((x−1)/(x+1)).
func (c *Constants) ln(x Interval) Interval {
	halvings := uint(x.high.BitLen()) - x.prec - 1
	m := Interval{new(big.Int).Rsh(x.low, halvings), ceilRsh(new(big.Int).Set(x.high), halvings), x.prec}
	const roots = 20
	for range roots {
		m = m.sqrt()
	}
	unit := Exactly(one, x.prec)
	series := artanh(m.Sub(unit).div(m.Add(unit)))
	ln := series.Times(new(big.Int).Lsh(one, roots+1))
	return ln.Add(c.Ln2(x.prec).Times(new(big.Int).SetUint64(uint64(halvings))))
}

// artanh returns an interval around artanh y = y + y³/3 + y⁵/5 + …, for 0 ≤ y ≤ 1/2.
func artanh(y Interval) Interval {
	sum, power, square := y, y, y.mul(y)
	for i := int64(3); power.high.Cmp(one) > 0; i += 2 {
		power = power.mul(square)
		sum = sum.Add(power.quo(big.NewInt(i)))
	}
	// What is left out is less than the last power, as y² ≤ 1/4 and so 1/4 + 1/16 + … < 1.
	return Interval{sum.low, new(big.Int).Add(sum.high, power.high), sum.prec}
}
