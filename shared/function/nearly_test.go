package function

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"numbermill/shared/function/internal/logarithm"
)

// TestNearlyIsRight compares what is sure with what intervals tell, for arguments of all sizes, and with n! from its definition where it is small.
func TestNearlyIsRight(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	unsure := 0
	check := func(what string, n *big.Int, log10 float64, want func() *big.Int) {
		t.Helper()
		if got := digitsNearly(log10); got == nil {
			unsure++
		} else if right := want(); got.Cmp(right) != 0 {
			t.Errorf("seed %d: %s has %v digits for n = %v, want %v", seed, what, got, n, right)
		}
	}
	product := new(big.Int).MulRange(1, 100)
	for i := int64(101); i < 3000; i++ {
		n := big.NewInt(i)
		product.Mul(product, n)
		check("n!", n, factorialNearly(float64(i)), func() *big.Int { return decimalLength(product) })
	}
	for range 1000 {
		i := 1001 + r.Int64N(nearlyAll-1001)>>r.IntN(22)
		n := big.NewInt(i)
		check("n!", n, factorialNearly(float64(i)), func() *big.Int { return logarithm.Digits(160, lnFactorial(n)) })
		check("F(n)", n, fibonacciNearly(float64(i)), func() *big.Int { return logarithm.Digits(160, lnFibonacci(n)) })
	}
	if unsure > 20 {
		t.Errorf("seed %d: %d of 5000 cannot be told, want about 1", seed, unsure)
	}
}

// TestNearIsBounded: what is too small or too large for the quick way takes the exact one.
func TestNearIsBounded(t *testing.T) {
	t.Parallel()
	for n, want := range map[string]bool{
		"0": false, "100": false, "101": true, "4294967295": true, "4294967296": false, "18446744073709551616": false, "18446744073709551800": false,
	} {
		x, _ := new(big.Int).SetString(n, 10)
		if got := isNear(x); got != want {
			t.Errorf("%s is near: got %v, want %v", n, got, want)
		}
	}
}
