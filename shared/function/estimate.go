package function

import (
	"math"
	"math/big"
	"sort"
)

// Estimate tells what one computation will take, from its arguments alone, without computing it.
type Estimate struct {
	Kind       Kind       // of the result
	Digits     *big.Int   // exact number of decimal digits of the value; nil if that number itself has more than 1,000 digits
	Bytes      *big.Int   // size of the digits as text; nil for a Document, which is small, and where Digits is nil
	CostMillis int64      // CPU milliseconds for computing, writing out and checking; math.MaxInt64 stands for that and all beyond
	PeakBytes  int64      // the most memory of a process that computes nothing else; math.MaxInt64 stands for that and all beyond
	Seconds    [2]float64 // a likely range of elapsed seconds while nothing else runs; finite
	Shares     [3]float64 // the parts of that time that computing, writing out and checking take, 1 in all
}

// Limits bound what a computation may take. A field of 0 or less does not limit.
type Limits struct {
	CostMillis int64
	Digits     int64
	PeakBytes  int64
}

// Reason is why an Estimate exceeds its Limits.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	ReasonNotRepresentable Reason = "not-representable" // Digits is nil: no limit can let it through
	ReasonDigits           Reason = "digits"
	ReasonPeakBytes        Reason = "peak-bytes"
	ReasonCost             Reason = "cost"
)

// price is what a Method's cost model says. Both may be +Inf.
type price struct {
	millis float64 // CPU, on the machine of the built-in constants unless another is named
	peak   float64 // bytes
}

// overhead is the memory of a process that computes something small, in bytes.
const overhead = 22 << 20

// spread is how far elapsed time may lie from the cost model, either way.
const spread = 1.5

// Estimate returns what Compute, WriteText and the check of f(a) will take on one thread of the machine of the built-in constants. It
// answers within milliseconds for any arguments. An unknown method costs math.MaxInt64.
func (f *Function) Estimate(a Args, method string) Estimate {
	return f.EstimateOn(Reference(false), a, method, 1)
}

// EstimateOn is Estimate for so many threads of another machine. Threads make a difference to Seconds only.
func (f *Function) EstimateOn(on Machine, a Args, method string, threads int) Estimate {
	e := Estimate{Digits: f.DigitCount(a)}
	cost, phases := price{math.Inf(1), math.Inf(1)}, [3]float64{math.Inf(1)}
	if m, ok := f.Method(method); ok && (e.Digits != nil || m.Kind == Document) {
		cost, phases = m.price(on, a, e.Digits, threads)
		if e.Kind = m.Kind; e.Kind == Digits {
			e.Bytes = new(big.Int).Set(e.Digits)
		}
	}
	e.CostMillis = saturate(cost.millis)
	e.PeakBytes = saturate(cost.peak + overhead)
	wall := phases[0] + phases[1] + phases[2]
	seconds := min(wall, math.MaxInt64) / 1000
	e.Seconds = [2]float64{seconds / spread, seconds * spread}
	e.Shares = [3]float64{1, 0, 0}
	if !math.IsInf(wall, 1) {
		e.Shares = [3]float64{phases[0] / wall, phases[1] / wall, phases[2] / wall}
	}
	return e
}

// price returns the price of f(a) by m on that machine, and the elapsed milliseconds of each phase on so many threads of it.
func (m Method) price(on Machine, a Args, digits *big.Int, threads int) (p price, phases [3]float64) {
	if m.demand != nil {
		return on.price(m.demand(a, float(digits)), threads)
	}
	p = on.scaled(m.cost(a, digits))
	return p, [3]float64{p.millis, 0, 0}
}

// saturate rounds x ≥ 0 up to an integer, at most math.MaxInt64.
func saturate(x float64) int64 {
	if x >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(math.Ceil(x))
}

// Exceeds reports whether e passes a limit, and the first Reason why.
func (e Estimate) Exceeds(l Limits) (Reason, bool) {
	switch {
	case e.Kind == Digits && e.Digits == nil:
		return ReasonNotRepresentable, true
	case e.Kind == Digits && l.Digits > 0 && e.Digits.Cmp(big.NewInt(l.Digits)) > 0:
		return ReasonDigits, true
	case l.PeakBytes > 0 && e.PeakBytes > l.PeakBytes:
		return ReasonPeakBytes, true
	case l.CostMillis > 0 && e.CostMillis > l.CostMillis:
		return ReasonCost, true
	}
	return "", false
}

// LargestAdmissible returns a with its last argument replaced by the largest that stays within l by Estimate, the others kept; above
// 2^128 it is the largest that differs in the first 128 binary digits. It reports false if not even 0 does.
func (f *Function) LargestAdmissible(a Args, method string, l Limits) (Args, bool) {
	return f.LargestAdmissibleOn(Reference(false), a, method, l)
}

// LargestAdmissibleOn is LargestAdmissible by EstimateOn.
func (f *Function) LargestAdmissibleOn(on Machine, a Args, method string, l Limits) (Args, bool) {
	fits := func(n *big.Int) bool {
		_, exceeds := f.EstimateOn(on, a.withLast(n), method, 1).Exceeds(l)
		return !exceeds
	}
	if largest := new(big.Int).Sub(tooManyDigits, one); fits(largest) {
		return a.withLast(largest), true
	}
	low := new(big.Int)
	if !fits(low) {
		return Args{}, false
	}
	power := func(bits int) *big.Int { return new(big.Int).Lsh(one, uint(bits)) }
	bits := sort.Search(tooManyDigits.BitLen(), func(bits int) bool { return !fits(power(bits)) })
	if bits > 0 {
		low = power(bits - 1)
	}
	// 2^step is the largest power of two that may still be added to low: bit by bit from the top.
	for step := bits - 2; step >= max(bits-significantBits, 0); step-- {
		if middle := new(big.Int).Add(low, power(step)); fits(middle) {
			low = middle
		}
	}
	return a.withLast(low), true
}

// significantBits is how many leading binary digits LargestAdmissible finds: a probe of an argument of 1,000 digits takes milliseconds.
const significantBits = 128

var (
	one = big.NewInt(1)
	// tooManyDigits is 10^1000: one more than the largest argument and the largest digit count.
	tooManyDigits = new(big.Int).Exp(big.NewInt(10), big.NewInt(maxArgumentDigits), nil)
)
