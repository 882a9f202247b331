package logarithm

import (
	"math/big"
	"strings"
	"testing"
)

// parse reads a decimal fraction as a rational number.
func parse(t *testing.T, text string) *big.Rat {
	t.Helper()
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is not a number", text)
	}
	return x
}

// check sees that x lies around the number with the given leading digits, and is no wider than 2^−bits.
func check(t *testing.T, name string, x Interval, digits string, bits uint) {
	t.Helper()
	unit := new(big.Int).Lsh(one, x.prec)
	low, high := new(big.Rat).SetFrac(x.low, unit), new(big.Rat).SetFrac(x.high, unit)
	truthLow := parse(t, digits)
	_, fraction, _ := strings.Cut(digits, ".")
	last := new(big.Rat).SetFrac(one, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(fraction))), nil))
	truthHigh := new(big.Rat).Add(truthLow, last)
	if low.Cmp(truthHigh) > 0 || high.Cmp(truthLow) < 0 {
		t.Errorf("%s with %d bits is said to lie from %s to %s, want around %s", name, x.prec, low.FloatString(80), high.FloatString(80), digits)
	}
	width := new(big.Rat).Sub(high, low)
	if most := new(big.Rat).SetFrac(one, new(big.Int).Lsh(one, bits)); width.Cmp(most) > 0 {
		t.Errorf("%s with %d bits is as uncertain as %s, want at most 2^−%d", name, x.prec, width.FloatString(80), bits)
	}
}

// The constants were printed by MPFR, through gmpy2, to 300 bits and cut off.
func TestConstants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		of   Log
		want string
	}{
		{"ln 2", (*Constants).Ln2, "0.69314718055994530941723212145817656807550013436025525412068000949339362196969471560586"},
		{"ln 10", (*Constants).Ln10, "2.3025850929940456840179914546843642076011014886287729760333279009675726096773524802359"},
		{"ln φ", (*Constants).LnPhi, "0.48121182505960344749775891342436842313518433438566051966101816884016386760822177441200"},
		{"ln √5", (*Constants).LnSqrt5, "0.80471895621705018730037966661309381976280067713425886095632394573708949385382888231506"},
		{"ln √(2π)", (*Constants).LnSqrtTau, "0.91893853320467274178032973640561763986139747363778341281715154048276569592726039769474"},
		{"ln log2 10", (*Constants).LnLog2Of10, "1.20054536582962012681565220609020856496113457620278518041847945291449986769899820700834"},
		{"ln 1000000007", func(c *Constants, prec uint) Interval { return c.Ln(big.NewInt(1_000_000_007), prec) }, "20.723265843946411131661923206492610601493250092392270509466735424374099553642322722873"},
	} {
		for _, prec := range []uint{40, 64, 100, 250, 1000, 5000} {
			check(t, c.name, c.of(First, prec), c.want, min(prec, 512)-8)
			check(t, c.name+" by the second set", c.of(Second, prec), c.want, min(prec, 512)-8)
		}
	}
}

// TestLnOfProducts uses ln xy = ln x + ln y, far beyond any table.
func TestLnOfProducts(t *testing.T) {
	t.Parallel()
	x, y := big.NewInt(3), big.NewInt(7)
	for range 10 {
		for _, prec := range []uint{64, 200, 3000} {
			product, sum := First.Ln(new(big.Int).Mul(x, y), prec), Second.Ln(x, prec).Add(Second.Ln(y, prec))
			if product.low.Cmp(sum.high) > 0 || product.high.Cmp(sum.low) < 0 {
				t.Errorf("with %d bits ln(%v · %v) is not ln %v + ln %v", prec, x, y, x, y)
			}
		}
		x.Mul(x, x).Add(x, one)
		y.Mul(y, x).Sub(y, one)
	}
}

func TestLnOfOne(t *testing.T) {
	t.Parallel()
	check(t, "ln 1", First.Ln(one, 200), "0.00000000000000000000000000000000000000000000000000000000000000", 190)
}

// TestDigitsNextToPowersOfTen gives Digits the hardest numbers there are: those next to a power of ten.
func TestDigitsNextToPowersOfTen(t *testing.T) {
	t.Parallel()
	power := big.NewInt(10)
	for digits := int64(1); digits < 120; digits++ {
		for n, want := range map[*big.Int]int64{
			new(big.Int).Sub(power, one): digits,
			new(big.Int).Add(power, one): digits + 1,
		} {
			got := Digits(32, func(c *Constants, prec uint) Interval { return c.Ln(n, prec) })
			if got.Cmp(big.NewInt(want)) != 0 {
				t.Errorf("%v is said to have %v digits, want %d", n, got, want)
			}
		}
		power.Mul(power, big.NewInt(10))
	}
}

// TestIntervalsEnclose compares every operation with exact rational arithmetic on a few fractions at a low precision.
func TestIntervalsEnclose(t *testing.T) {
	t.Parallel()
	const prec = 12
	for p := range int64(30) {
		for q := int64(1); q < 30; q++ {
			exact := big.NewRat(p, q)
			x := Rational(big.NewInt(p), big.NewInt(q), prec)
			y := Rational(big.NewInt(q), big.NewInt(7), prec)
			exactY := big.NewRat(q, 7)
			encloses(t, "p/q", x, exact)
			encloses(t, "sum", x.Add(y), new(big.Rat).Add(exact, exactY))
			encloses(t, "difference", x.Add(y).Sub(y), exact)
			encloses(t, "product", x.mul(y), new(big.Rat).Mul(exact, exactY))
			encloses(t, "quotient", x.div(y), new(big.Rat).Quo(exact, exactY))
			encloses(t, "multiple", x.Times(big.NewInt(q)), big.NewRat(p, 1))
			encloses(t, "half", x.Half(), new(big.Rat).Quo(exact, big.NewRat(2, 1)))
			encloses(t, "shorter", x.to(5), exact)
			encloses(t, "wider", x.Widen(3), exact)
			root := x.sqrt()
			encloses(t, "root squared", root.mul(root), exact)
		}
	}
}

func encloses(t *testing.T, what string, x Interval, exact *big.Rat) {
	t.Helper()
	scaled := new(big.Rat).Mul(exact, new(big.Rat).SetInt(new(big.Int).Lsh(one, x.prec)))
	if scaled.Cmp(new(big.Rat).SetInt(x.low)) < 0 || scaled.Cmp(new(big.Rat).SetInt(x.high)) > 0 {
		t.Errorf("%s: %v·2^%d is outside %v…%v", what, exact, x.prec, x.low, x.high)
	}
}
