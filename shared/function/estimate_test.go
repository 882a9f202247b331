package function

import (
	"math"
	"math/big"
	"testing"
)

func TestEstimateKnownDigitCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ function, args, want string }{
		{"fibonacci", "n=100000000", "20898764"},
		{"fibonacci", "n=1000000000", "208987640"},
		{"factorial", "n=1000000", "5565709"},
		{"factorial", "n=10000000", "65657060"},
		{"factorial", "n=100000000", "756570557"},
		{"ackermann", "m=4 n=2", "19729"},
		{"ackermann", "m=0 n=9", "2"},
	} {
		f, a := parsed(t, c.function, c.args)
		if got := f.Estimate(a, "").Digits.String(); got != c.want {
			t.Errorf("%s is said to have %s digits, want %s", f.Label(a), got, c.want)
		}
	}
}

func TestExceeds(t *testing.T) {
	t.Parallel()
	e := Estimate{Digits: big.NewInt(100), CostMillis: 50, PeakBytes: 1000}
	for _, c := range []struct {
		limits Limits
		want   Reason
	}{
		{Limits{}, ""},
		{Limits{CostMillis: 50, Digits: 100, PeakBytes: 1000}, ""},
		{Limits{CostMillis: 49}, ReasonCost},
		{Limits{Digits: 99}, ReasonDigits},
		{Limits{PeakBytes: 999}, ReasonPeakBytes},
		{Limits{CostMillis: 1, Digits: 1, PeakBytes: 1}, ReasonDigits},
		{Limits{CostMillis: -1, Digits: -1, PeakBytes: -1}, ""},
	} {
		if got, exceeds := e.Exceeds(c.limits); got != c.want || exceeds != (c.want != "") {
			t.Errorf("%+v: got %q, %v, want %q", c.limits, got, exceeds, c.want)
		}
	}
	if got, exceeds := (Estimate{}).Exceeds(Limits{}); got != ReasonNotRepresentable || !exceeds {
		t.Errorf("without digits: got %q, %v, want %q", got, exceeds, ReasonNotRepresentable)
	}
}

// TestEstimatesGrow sees that neither cost nor memory falls as n grows, on which LargestAdmissible relies.
func TestEstimatesGrow(t *testing.T) {
	t.Parallel()
	for _, f := range All() {
		a := exampleArgs(t, f, f.Examples[len(f.Examples)-1])
		last := Estimate{Digits: new(big.Int)}
		for n := 1.0; n < 1e30; n *= 1.03 {
			whole, _ := big.NewFloat(n).Int(nil)
			e := f.Estimate(a.withLast(whole), "")
			if e.CostMillis < last.CostMillis || e.PeakBytes < last.PeakBytes || e.Digits.Cmp(last.Digits) < 0 {
				t.Fatalf("%s: %+v comes after %+v", f.Label(a.withLast(whole)), e, last)
			}
			last = e
		}
		if last.CostMillis != math.MaxInt64 || last.PeakBytes != math.MaxInt64 {
			t.Errorf("%s: %+v at n = 10^30, want the largest cost and memory", f.Name, last)
		}
	}
}

func TestCurvePassesItsPoints(t *testing.T) {
	t.Parallel()
	c := curve{{1, 10}, {10, 20}, {100, 2000}}
	for x, want := range map[float64]float64{1: 10, 10: 20, 100: 2000, 1000: 200_000} {
		if got := c.at(x); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("at %v the curve is at %v, want %v", x, got, want)
		}
	}
	if got := c.at(math.Inf(1)); !math.IsInf(got, 1) {
		t.Errorf("at infinity the curve is at %v", got)
	}
}
