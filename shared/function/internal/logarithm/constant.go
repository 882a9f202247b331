package logarithm

import (
	"math/big"
	"sync"
)

// constant is a number that is computed when first needed, and again only for more precision.
type constant struct {
	compute func(prec uint) Interval
	mu      sync.Mutex
	known   Interval
}

var (
	ln2 = constant{compute: func(prec uint) Interval { return artanhInverse(3, prec).double() }}
	// ln(5/4) = 2·artanh(1/9).
	ln5over4  = constant{compute: func(prec uint) Interval { return artanhInverse(9, prec).double() }}
	lnPhi     = constant{compute: computeLnPhi}
	lnSqrtTau = constant{compute: computeLnSqrtTau}
)

// Ln2 returns an interval around ln 2.
func Ln2(prec uint) Interval { return ln2.at(prec) }

// Ln10 returns an interval around ln 10 = 3·ln 2 + ln(5/4).
func Ln10(prec uint) Interval { return Ln2(prec).Times(big.NewInt(3)).Add(ln5over4.at(prec)) }

// LnSqrt5 returns an interval around ln √5 = ln 2 + ln(5/4)/2.
func LnSqrt5(prec uint) Interval { return Ln2(prec).Add(ln5over4.at(prec).Half()) }

// LnPhi returns an interval around the logarithm of the golden ratio φ = (1+√5)/2.
func LnPhi(prec uint) Interval { return lnPhi.at(prec) }

// LnSqrtTau returns an interval around ln √(2π).
func LnSqrtTau(prec uint) Interval { return lnSqrtTau.at(prec) }

// computeLnPhi uses artanh(1/√5) = ½·ln((√5+1)/(√5−1)) = ½·ln φ² = ln φ.
func computeLnPhi(prec uint) Interval {
	return artanh(Exactly(one, prec).div(Exactly(big.NewInt(5), prec).sqrt()))
}

// computeLnSqrtTau uses Machin's formula 2π = 32·arctan(1/5) − 8·arctan(1/239).
func computeLnSqrtTau(prec uint) Interval {
	tau := arctanInverse(5, prec).Times(big.NewInt(32)).Sub(arctanInverse(239, prec).Times(big.NewInt(8)))
	return lnInterval(tau).Half()
}

func (c *constant) at(prec uint) Interval {
	c.mu.Lock()
	defer c.mu.Unlock()
	const guard = 64 // bits that the series may lose to rounding
	if c.known.prec < prec+guard {
		c.known = c.compute(max(prec, 2*c.known.prec, 512) + guard)
	}
	return c.known.to(prec)
}
