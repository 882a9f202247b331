package verify_test

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/verify"
)

type verdict struct {
	job.Verification
	err error
}

// check checks digits against a function's value.
func check(t *testing.T, name string, args map[string]string, digits string) verdict {
	t.Helper()
	f, ok := function.Lookup(name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	a, err := f.ParseText(args)
	if err != nil {
		t.Fatal(err)
	}
	v, err := write(t, digits, func() int { return 1000 }).Check(t.Context(), f, a, function.DefaultMethod)
	return verdict{v, err}
}

func n(value string) map[string]string { return map[string]string{"n": value} }

func TestCheckPassesWhatIsRight(t *testing.T) {
	t.Parallel()
	factorial := new(big.Int).MulRange(1, 1000).String()
	sum := new(big.Int) // F(0)+…+F(298)
	for i := range 299 {
		x, _ := new(big.Int).SetString(fibonacci(i), 10)
		sum.Add(sum, x)
	}
	for _, c := range []struct {
		name   string
		args   map[string]string
		digits string
	}{
		{"fibonacci", n("0"), "0"},
		{"fibonacci", n("1"), "1"},
		{"fibonacci", n("300"), fibonacci(300)},
		{"fibonacci-sum", n("0"), "0"},
		{"fibonacci-sum", n("298"), sum.String()},
		{"factorial", n("0"), "1"},
		{"factorial", n("1000"), factorial},
		{"ackermann", map[string]string{"m": "2", "n": "3"}, "9"},
		{"ackermann", map[string]string{"m": "3", "n": "10"}, "8189"},
	} {
		v := check(t, c.name, c.args, c.digits)
		if v.err != nil || v.Method != "residue" || len(v.Residues) != len(v.Moduli) {
			t.Errorf("%s %v: got %+v, want it to pass", c.name, c.args, v)
		}
	}
}

// fibonacci adds its way up.
func fibonacci(n int) string {
	a, b := big.NewInt(0), big.NewInt(1)
	for range n {
		a.Add(a, b)
		a, b = b, a
	}
	return a.String()
}

func TestASingleWrongDigitIsCaught(t *testing.T) {
	t.Parallel()
	right := fibonacci(2000)
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for i := range right {
		wrong := []byte(right)
		wrong[i] = '0' + (wrong[i]-'0'+byte(1+rnd.IntN(9)))%10
		if v := check(t, "fibonacci", n("2000"), string(wrong)); !errors.Is(v.err, verify.ErrMismatch) {
			t.Fatalf("seed %d: digit %d is wrong, and the check says %v", seed, i, v.err)
		}
	}
}

func TestTwoDigitsSwappedAreCaught(t *testing.T) {
	t.Parallel()
	right := fibonacci(500)
	for i := 1; i < len(right); i++ {
		wrong := []byte(right)
		wrong[i-1], wrong[i] = wrong[i], wrong[i-1]
		if string(wrong) == right {
			continue
		}
		if v := check(t, "fibonacci", n("500"), string(wrong)); !errors.Is(v.err, verify.ErrMismatch) {
			t.Fatalf("digits %d and %d are swapped, and the check says %v", i-1, i, v.err)
		}
	}
}

func TestWrongLengthsAreCaught(t *testing.T) {
	t.Parallel()
	right := new(big.Int).MulRange(1, 100).String()
	for name, wrong := range map[string]string{
		"a zero missing":       right[:len(right)-1],
		"a zero too many":      right + "0",
		"a leading zero":       "0" + right, // the residues are right
		"many leading zeros":   strings.Repeat("0", 100) + right,
		"the last digits gone": right[:len(right)-30],
		"nothing":              "",
		"twice":                right + right,
		"zero":                 "0",
	} {
		if v := check(t, "factorial", n("100"), wrong); !errors.Is(v.err, verify.ErrMismatch) {
			t.Errorf("%s: the check says %v", name, v.err)
		}
	}
}

func TestAnotherValueIsCaught(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, n, digits string
	}{
		{"fibonacci", "100", fibonacci(99)},
		{"fibonacci", "100", fibonacci(101)},
		{"fibonacci-sum", "100", fibonacci(102)}, // one too many
		{"fibonacci-sum", "100", fibonacci(100)},
		{"factorial", "100", new(big.Int).MulRange(1, 99).String()},
		{"fibonacci", "0", "1"},
		{"factorial", "0", "0"},
	} {
		if v := check(t, c.name, n(c.n), c.digits); !errors.Is(v.err, verify.ErrMismatch) {
			t.Errorf("%s(%s): %s passes for it: %v", c.name, c.n, c.digits, v.err)
		}
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f, _ := function.Lookup("factorial")
	a, err := f.ParseText(n("100000000"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = write(t, "1", func() int { return 1 }).Check(ctx, f, a, function.DefaultMethod)
	if !errors.Is(err, context.Canceled) || errors.Is(err, verify.ErrMismatch) {
		t.Errorf("got %v, want the context's error", err)
	}
}
