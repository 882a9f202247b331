package function

import (
	"math"
	"math/big"
	"testing"
)

func TestFactorialWorkIsForeseen(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{500, 2000, 5000} {
		r := factorialRecursion(argument(n))
		got, worked := finish(r.start(), 1000)
		if ratio := r.work / float64(worked); math.Abs(ratio-1) > 0.05 {
			t.Errorf("%d! took %d units, foreseen %.0f", n, worked, r.work)
		}
		want := new(big.Int).MulRange(1, n).String()
		if digits := digitsOf(t, got); digits != want {
			t.Errorf("%d! is wrong: %d digits, want %d", n, len(digits), len(want))
		}
	}
}

// TestFactorialStopsAnywhere asks for as little as can be done at a time.
func TestFactorialStopsAnywhere(t *testing.T) {
	t.Parallel()
	for n := range int64(60) {
		got, _ := finish(factorialRecursion(argument(n)).start(), 1)
		if want := new(big.Int).MulRange(1, n).String(); digitsOf(t, got) != want || got.Calls() != uint64(n)+1 {
			t.Errorf("%d! = %s by %d calls, want %s by %d", n, digitsOf(t, got), got.Calls(), want, n+1)
		}
	}
}
