package logarithm

import (
	"math/big"
	"sync"
)

// constant is a number that is computed when first needed, and again only for more precision.
type constant struct {
	compute func(c *Constants, prec uint) Interval // c is the set that it belongs to
	mu      sync.Mutex
	known   Interval
}

func (k *constant) at(c *Constants, prec uint) Interval {
	k.mu.Lock()
	defer k.mu.Unlock()
	const guard = 64 // bits that the series may lose to rounding
	if k.known.prec < prec+guard {
		k.known = k.compute(c, max(prec, min(2*k.known.prec, mostDoubled), 512)+guard)
	}
	return k.known.to(prec)
}

// mostDoubled is up to how many bits a constant is made twice as precise as before, so that it is not computed for every few bits more.
const mostDoubled = 1 << 13

// Constants are the logarithms of a few numbers, and with Ln2 those of all others. There are two sets, by different series, which check each other.
type Constants struct{ ln2, ln10, lnSqrt5, lnPhi, lnSqrtTau constant }

// First is the set that is meant when none is named.
var First = &Constants{
	ln2:     constant{compute: ln2ByThree},
	ln10:    constant{compute: ln10ByThree},
	lnSqrt5: constant{compute: func(c *Constants, prec uint) Interval { return c.Ln10(prec).Sub(c.Ln2(prec)).Half() }},
	lnPhi:   constant{compute: lnPhiByRoot},
	lnSqrtTau: constant{compute: func(c *Constants, prec uint) Interval {
		// 2π by Machin's formula.
		return c.ln(times(arctanInverse(5, prec), 32).Sub(times(arctanInverse(239, prec), 8))).Half()
	}},
}

// Second is the other set.
var Second = &Constants{
	ln2: constant{compute: func(_ *Constants, prec uint) Interval { return times(artanhInverse(3, prec), 2) }},
	// ln 10 = 3·ln 2 + ln(5/4) and ln √5 = ln 2 + ln(5/4)/2, with ln(5/4) = 2·artanh(1/9).
	ln10: constant{compute: func(c *Constants, prec uint) Interval {
		return times(c.Ln2(prec), 3).Add(times(artanhInverse(9, prec), 2))
	}},
	lnSqrt5: constant{compute: func(c *Constants, prec uint) Interval { return c.Ln2(prec).Add(artanhInverse(9, prec)) }},
	// arsinh(1/2) = ln(1/2 + √(1/4 + 1)) = ln φ.
	lnPhi: constant{compute: func(_ *Constants, prec uint) Interval { return arsinhHalf(prec) }},
	lnSqrtTau: constant{compute: func(c *Constants, prec uint) Interval {
		// π by Gauss's formula.
		pi := times(arctanInverse(18, prec), 48).Add(times(arctanInverse(57, prec), 32)).Sub(times(arctanInverse(239, prec), 20))
		return c.ln(times(pi, 2)).Half()
	}},
}

// ln2ByThree uses 2 = (27/25)^9 · (4800/4802) · (8750/8748)^4, and ln((q+1)/(q−1)) = 2·artanh(1/q).
func ln2ByThree(_ *Constants, prec uint) Interval {
	return times(artanhInverse(26, prec), 18).Sub(times(artanhInverse(4801, prec), 2)).Add(times(artanhInverse(8749, prec), 8))
}

// ln10ByThree uses 10 = (32/30)^23 · (50/48)^17 · (162/160)^10.
func ln10ByThree(_ *Constants, prec uint) Interval {
	return times(artanhInverse(31, prec), 46).Add(times(artanhInverse(49, prec), 34)).Add(times(artanhInverse(161, prec), 20))
}

// lnPhiByRoot uses artanh(1/√5) = ½·ln((√5+1)/(√5−1)) = ½·ln φ² = ln φ.
func lnPhiByRoot(_ *Constants, prec uint) Interval {
	return artanh(Exactly(one, prec).div(Exactly(big.NewInt(5), prec).sqrt()))
}

func times(x Interval, n int64) Interval { return x.Times(big.NewInt(n)) }

// Ln2 returns an interval around ln 2.
func (c *Constants) Ln2(prec uint) Interval { return c.ln2.at(c, prec) }

// Ln10 returns an interval around ln 10.
func (c *Constants) Ln10(prec uint) Interval { return c.ln10.at(c, prec) }

// LnSqrt5 returns an interval around ln √5.
func (c *Constants) LnSqrt5(prec uint) Interval { return c.lnSqrt5.at(c, prec) }

// LnPhi returns an interval around the logarithm of the golden ratio φ = (1+√5)/2.
func (c *Constants) LnPhi(prec uint) Interval { return c.lnPhi.at(c, prec) }

// LnSqrtTau returns an interval around ln √(2π).
func (c *Constants) LnSqrtTau(prec uint) Interval { return c.lnSqrtTau.at(c, prec) }
