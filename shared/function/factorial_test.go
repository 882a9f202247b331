package function

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"testing"

	"numbermill/shared/bignum"
	"numbermill/shared/function/internal/logarithm"
)

// TestFactorialFromTheDefinition multiplies the numbers one by one, and watches the lengths of the products grow.
func TestFactorialFromTheDefinition(t *testing.T) {
	t.Parallel()
	const last = 5000
	x, power, digits := big.NewInt(1), big.NewInt(10), int64(1)
	for n := range int64(last) {
		if n > 0 {
			x.Mul(x, big.NewInt(n))
		}
		for x.Cmp(power) >= 0 {
			power.Mul(power, big.NewInt(10))
			digits++
		}
		if got := factorialDigits(big.NewInt(n)); got.Int64() != digits {
			t.Fatalf("%d! is said to have %v digits, want %d", n, got, digits)
		}
		if n < 600 || n%100 < 2 {
			if got, err := factorial(t.Context(), uint64(n), silent); err != nil || big10(t, got).Cmp(x) != 0 {
				t.Fatalf("%d! = %v, want %v; error %v", n, got, x, err)
			}
		}
	}
}

// TestStirlingAgreesWithItself takes precisions that make the series long.
func TestStirlingAgreesWithItself(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1001, 1002, 12345, 1_000_000} {
		want := factorialDigits(big.NewInt(n))
		for _, prec := range []uint{100, 500, 1500} {
			got := logarithm.Digits(prec, lnFactorial(big.NewInt(n)))
			if got.Cmp(want) != 0 {
				t.Errorf("with %d bits %d! has %v digits, want %v", prec, n, got, want)
			}
		}
	}
}

func TestBernoulli(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{0: "1/1", 1: "-1/2", 2: "1/6", 3: "0/1", 4: "-1/30", 12: "-691/2730", 20: "-174611/330", 40: "-261082718496449122051/13530"} {
		if got := bernoulli(i).String(); got != want {
			t.Errorf("B(%d) = %s, want %s", i, got, want)
		}
	}
}

func TestFactorialResidueBeyondTheModulus(t *testing.T) {
	t.Parallel()
	f, a := parsed(t, "factorial", "n=10^30")
	if got, err := f.Residue(t.Context(), a, 1<<61-1); got != 0 || err != nil {
		t.Errorf("(10^30)! mod 2^61−1 = %d, want 0; error %v", got, err)
	}
}

func TestFactorialResidueStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, a := parsed(t, "factorial", "n=10^17")
	if _, err := f.Residue(ctx, a, 1<<61-1); !errors.Is(err, context.Canceled) {
		t.Errorf("got the error %v, want context.Canceled", err)
	}
}

func TestOddPrimes(t *testing.T) {
	t.Parallel()
	engine := bignum.New(bignum.Config{Threads: 2})
	for n := range uint64(300) {
		var want []uint32
		for p := uint64(3); p <= n; p++ {
			if big.NewInt(int64(p)).ProbablyPrime(0) {
				want = append(want, uint32(p))
			}
		}
		if got, err := oddPrimes(t.Context(), engine, n); err != nil || !slices.Equal(got, want) {
			t.Fatalf("the odd primes up to %d are %v, want %v; error %v", n, got, want, err)
		}
	}
	for n, want := range map[uint64]int{1_000_000: 78_498 - 1, 1<<19 + 1: 43_390 - 1, 10_000_000: 664_579 - 1} {
		if got, err := oddPrimes(t.Context(), engine, n); err != nil || len(got) != want {
			t.Errorf("there are %d odd primes up to %d, want %d; error %v", len(got), n, want, err)
		}
	}
}
