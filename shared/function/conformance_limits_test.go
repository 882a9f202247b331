package function

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestLargestAdmissibleIsTheBorder(t *testing.T) {
	t.Parallel()
	limits := []Limits{
		{CostMillis: 1},
		{CostMillis: 10_000},
		{CostMillis: math.MaxInt64 - 1},
		{Digits: 1000},
		{Digits: 1_000_000_000},
		{PeakBytes: 500 << 20},
		{CostMillis: 100_000, Digits: 2_000_000, PeakBytes: 1 << 40},
		{},
	}
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := exampleArgs(t, f, f.Examples[len(f.Examples)-1])
			for _, l := range limits {
				got, ok := f.LargestAdmissible(a, method, l)
				if !ok {
					t.Errorf("nothing is within %+v", l)
					continue
				}
				if reason, exceeds := f.Estimate(got, method).Exceeds(l); exceeds {
					t.Errorf("%s is not within %+v: %s", f.Label(got), l, reason)
				}
				last := got.values[len(got.values)-1]
				next := new(big.Int).Add(last, new(big.Int).Lsh(one, uint(max(last.BitLen()-significantBits, 0))))
				if _, exceeds := f.Estimate(got.withLast(next), method).Exceeds(l); !exceeds && next.Cmp(tooManyDigits) < 0 {
					t.Errorf("%s is not the largest within %+v", f.Label(got), l)
				}
			}
			if got, ok := f.LargestAdmissible(a, method, Limits{PeakBytes: 1}); ok {
				t.Errorf("%s is within a single byte", f.Label(got))
			}
		})
	}
}

// TestHugeArguments takes every combination of small and astronomical arguments: all must be answered at once.
func TestHugeArguments(t *testing.T) {
	t.Parallel()
	values := []string{"0", "1", "3", "4", "5", "10^18", "2^64", "1e300", "10^999", strings.Repeat("9", maxArgumentDigits)}
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			values := values
			if m, _ := f.Method(method); m.Kind == Document { // Each of them is computed.
				values = []string{"0", "3", "5", "10^999"}
			}
			count := int(math.Pow(float64(len(values)), float64(len(f.Parameters))))
			for i := range count {
				given := map[string]string{}
				for _, p := range f.Parameters {
					given[p.Name] = values[i%len(values)]
					i /= len(values)
				}
				a, err := f.ParseText(given)
				if err != nil {
					t.Fatal(err)
				}
				checkHuge(t, f, a, method)
			}
		})
	}
}

func checkHuge(t *testing.T, f *Function, a Args, method string) {
	t.Helper()
	e := f.Estimate(a, method)
	for _, x := range []float64{float64(e.CostMillis), float64(e.PeakBytes), e.Seconds[0], e.Seconds[1]} {
		if !(x > 0 && x <= math.MaxInt64) {
			t.Errorf("%s has an estimate that is not finite and positive: %+v", f.Label(a), e)
		}
	}
	if e.Kind == Document {
		checkHugeDocument(t, f, a, method)
		return
	}
	_, residueErr := f.Residue(t.Context(), a, 1_000_003)
	if e.Digits == nil {
		if _, err := f.Compute(t.Context(), a, method, Options{}); !errors.Is(err, ErrNotRepresentable) || !errors.Is(residueErr, ErrNotRepresentable) {
			t.Errorf("%s cannot be written down, but the errors are %v and %v", f.Label(a), err, residueErr)
		}
		return
	}
	if residueErr != nil {
		t.Errorf("the residue of %s: %v", f.Label(a), residueErr)
	}
	if e.Digits.Cmp(big.NewInt(maxDigits)) > 0 {
		if _, err := f.Compute(t.Context(), a, method, Options{}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s has %v digits, but the error is %v", f.Label(a), e.Digits, err)
		}
	} else if e.CostMillis <= patience {
		checkComputation(t, f, a, method, "")
	}
}
