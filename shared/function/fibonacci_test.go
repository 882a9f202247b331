package function

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// silent are Options with a Progress that nobody looks at.
var silent = Options{Progress: func(float64, string) {}}

// big10 returns n as math/big reads its digits.
func big10(t *testing.T, n Result) *big.Int {
	t.Helper()
	x, ok := new(big.Int).SetString(digitsOf(t, n), 10)
	if !ok {
		t.Fatal("these are no digits")
	}
	return x
}

// TestFibonacciFromTheDefinition adds up the numbers one by one, and watches their lengths grow.
func TestFibonacciFromTheDefinition(t *testing.T) {
	t.Parallel()
	const last = 20_000
	x, y, power, digits := new(big.Int), big.NewInt(1), big.NewInt(10), int64(1)
	for n := range int64(last) {
		for x.Cmp(power) >= 0 {
			power.Mul(power, big.NewInt(10))
			digits++
		}
		if got := fibonacciDigits(big.NewInt(n)); got.Int64() != digits {
			t.Fatalf("F(%d) is said to have %v digits, want %d", n, got, digits)
		}
		if n < 1000 || n%500 < 2 {
			if got, err := fibonacci(t.Context(), big.NewInt(n), silent); err != nil || big10(t, got).Cmp(x) != 0 {
				t.Fatalf("F(%d) = %v, want %v; error %v", n, got, x, err)
			}
		}
		x.Add(x, y)
		x, y = y, x
	}
}

// TestFibonacciDivides uses that F(d) divides F(n) exactly if d divides n, for d > 2.
func TestFibonacciDivides(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	at := func(n int64) *big.Int {
		x, err := fibonacci(t.Context(), big.NewInt(n), silent)
		if err != nil {
			t.Fatal(err)
		}
		return big10(t, x)
	}
	for range 50 {
		d, n := 3+r.Int64N(300), r.Int64N(20_000)
		zero := new(big.Int).Mod(at(n), at(d)).Sign() == 0
		if want := n%d == 0; zero != want {
			t.Errorf("seed %d: F(%d) divides F(%d): %v, want %v", seed, d, n, zero, want)
		}
	}
}
