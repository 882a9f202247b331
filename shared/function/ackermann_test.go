package function

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"
)

// definition computes A(m,n) by the definition, with a stack of the levels that are still to be applied.
func definition(m, n int) int {
	for stack := []int{m}; len(stack) > 0; {
		m, stack = stack[len(stack)-1], stack[:len(stack)-1]
		switch {
		case m == 0:
			n++
		case n == 0:
			stack, n = append(stack, m-1), 1
		default:
			stack, n = append(stack, m-1, m), n-1
		}
	}
	return n
}

func TestAckermannFromTheDefinition(t *testing.T) {
	t.Parallel()
	for m, last := range []int{50, 50, 50, 7, 0} {
		for n := range last + 1 {
			f, a := parsed(t, "ackermann", fmt.Sprintf("m=%d n=%d", m, n))
			got, err := f.Compute(t.Context(), a, "", Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := digitsOf(t, got), strconv.Itoa(definition(m, n)); got != want {
				t.Errorf("%s = %s, want %s", f.Label(a), got, want)
			}
		}
	}
}

// TestAckermannTowers uses A(m, 0) = A(m−1, 1), for m = 4 and 5, and A(4,1) = A(3, A(4,0)), A(4,2) = A(3, A(4,1)).
func TestAckermannTowers(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"m=4 n=0", "m=3 n=1"}, {"m=5 n=0", "m=4 n=1"}, {"m=4 n=1", "m=3 n=13"}, {"m=4 n=2", "m=3 n=65533"},
	} {
		f, a := parsed(t, "ackermann", pair[0])
		_, b := parsed(t, "ackermann", pair[1])
		x, errX := f.Compute(t.Context(), a, "", Options{})
		y, errY := f.Compute(t.Context(), b, "", Options{})
		if errX != nil || errY != nil || digitsOf(t, x) != digitsOf(t, y) {
			t.Errorf("%s is not %s; errors %v, %v", f.Label(a), f.Label(b), errX, errY)
		}
	}
}

func TestAckermannDigitsOfPowers(t *testing.T) {
	t.Parallel()
	f, _ := Lookup("ackermann")
	three := big.NewInt(3)
	power, ten, digits := big.NewInt(8), big.NewInt(10), int64(1)
	for n := range int64(20_000) {
		value := new(big.Int).Sub(power, three)
		for value.Cmp(ten) >= 0 {
			ten.Mul(ten, big.NewInt(10))
			digits++
		}
		a := Args{names: []string{"m", "n"}, values: []*big.Int{three, big.NewInt(n)}}
		if got := f.digits(a); got.Int64() != digits {
			t.Fatalf("A(3,%d) is said to have %v digits, want %d", n, got, digits)
		}
		power.Lsh(power, 1)
	}
}

func TestAckermannCannotBeWrittenDown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"m=4 n=3", "m=4 n=10^999", "m=5 n=1", "m=6 n=0", "m=2^64 n=0", "m=10^999 n=10^999"} {
		f, a := parsed(t, "ackermann", text)
		if reason, exceeds := f.Estimate(a, "").Exceeds(Limits{}); !exceeds || reason != ReasonNotRepresentable {
			t.Errorf("%s exceeds no limits for the reason %q, want %q", f.Label(a), reason, ReasonNotRepresentable)
		}
	}
}
