package logarithm

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestSetsMeet compares the two sets of constants at precisions on both sides of what is kept.
func TestSetsMeet(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]Log{
		"ln 2": (*Constants).Ln2, "ln 10": (*Constants).Ln10, "ln √5": (*Constants).LnSqrt5, "ln φ": (*Constants).LnPhi, "ln √(2π)": (*Constants).LnSqrtTau,
	} {
		for _, prec := range []uint{1, 17, 511, 512, 513, 1200, 3000, 4000} {
			meet(t, name, of(First, prec), of(Second, prec))
		}
	}
	for _, prec := range []uint{9000, 70_000} {
		meet(t, "ln 2", First.Ln2(prec), Second.Ln2(prec))
		meet(t, "ln 10", First.Ln10(prec), Second.Ln10(prec))
	}
}

func meet(t *testing.T, name string, x, y Interval) {
	t.Helper()
	width := new(big.Int).Sub(x.high, x.low)
	if x.low.Cmp(y.high) > 0 || y.low.Cmp(x.high) > 0 || width.BitLen() > 8 {
		t.Errorf("%s with %d bits: the intervals, one %v units wide, do not meet or are wide", name, x.prec, width)
	}
}

// power returns the logarithm of base^exponent, and the number itself.
func power(base, exponent int64) (Log, *big.Int) {
	k := big.NewInt(exponent)
	return func(c *Constants, prec uint) Interval { return c.Ln(big.NewInt(base), prec+8).to(prec).Times(k) }, new(big.Int).Exp(big.NewInt(base), k, nil)
}

// TestLeadingOfPowers compares with the powers written out.
func TestLeadingOfPowers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, exponent int64 }{{2, 200}, {2, 3000}, {3, 150}, {7, 2024}, {999_999_999, 300}, {1_000_000_001, 300}} {
		ln, x := power(c.base, c.exponent)
		text := x.String()
		digits := Digits(64, ln)
		if digits.Cmp(big.NewInt(int64(len(text)))) != 0 {
			t.Errorf("%d^%d is said to have %v digits, want %d", c.base, c.exponent, digits, len(text))
		}
		for _, count := range []int{2, 7, 30, 50} {
			got := Leading(count, digits, 32, ln)
			if got.String() != text[:count] {
				t.Errorf("%d^%d is said to begin %v, want %s", c.base, c.exponent, got, text[:count])
			}
			if !Begins(got, digits, 32, ln) {
				t.Errorf("%d^%d does not begin %v for Begins", c.base, c.exponent, got)
			}
		}
	}
}

// TestBeginsRefuses gives Begins a wrong digit at each place, and wrong lengths.
func TestBeginsRefuses(t *testing.T) {
	t.Parallel()
	ln, x := power(7, 2024)
	text := x.String()
	digits := big.NewInt(int64(len(text)))
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 1))
	for i := range 50 {
		wrong := []byte(text[:50])
		wrong[i] = '0' + (wrong[i]-'0'+byte(1+rnd.IntN(9)))%10
		leading, _ := new(big.Int).SetString(string(wrong), 10)
		if Begins(leading, digits, 32, ln) {
			t.Errorf("seed %d: 7^2024 is said to begin %s", seed, wrong)
		}
	}
	leading, _ := new(big.Int).SetString(text[:50], 10)
	for _, wrong := range []int64{0, 49, 50, int64(len(text)) - 1, int64(len(text)) + 1, int64(len(text)) * 2} {
		if Begins(leading, big.NewInt(wrong), 32, ln) {
			t.Errorf("7^2024 is said to have %d digits, want %d", wrong, len(text))
		}
	}
	if Begins(new(big.Int), digits, 32, ln) {
		t.Error("7^2024 is said to begin with 0")
	}
}

// TestExpUndoesLn takes e^ln n.
func TestExpUndoesLn(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1, 2, 3, 10, 1_000_003, 1 << 62} {
		for _, prec := range []uint{80, 200, 1000} {
			x := First.exp(Second.Ln(big.NewInt(n), prec))
			encloses(t, "e^ln n", x, big.NewRat(n, 1))
			if width := new(big.Int).Sub(x.high, x.low); width.BitLen() > 8+big.NewInt(n).BitLen() {
				t.Errorf("e^ln %d is %v units of 2^−%d wide", n, width, prec)
			}
		}
	}
}
