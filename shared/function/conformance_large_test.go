//go:build !race

package function

import "testing"

// The conformance suite once more, with as many digits as its time allows. One test waits for the other: each takes half a gibibyte.

func TestLargeExamples(t *testing.T) {
	for f, method := range everyMethod {
		for _, e := range f.Examples {
			a := exampleArgs(t, f, e)
			estimate := f.Estimate(a, method)
			_, large := estimate.Exceeds(Limits{Digits: ordinaryDigits})
			if _, exceeds := estimate.Exceeds(Limits{CostMillis: patience}); large && !exceeds {
				checkComputation(t, f, a, method, e.SHA256)
			}
		}
	}
}

func TestLargeProgressLeaps(t *testing.T) { progressLeaps(t, 0) }

func TestLargeCancelStopsComputing(t *testing.T) { cancelStopsComputing(t, 0) }

func TestLargeCancelStopsWriting(t *testing.T) { cancelStopsWriting(t, 0) }
