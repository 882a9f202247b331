package function

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFormulas compares the closed forms with small values, the arrows applied by their definition.
func TestFormulas(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"m=0 n=7":      "7 + 1",
		"m=1 n=7":      "2 + 10 − 3",
		"m=2 n=7":      "2·10 − 3",
		"m=3 n=7":      "2↑10 − 3",
		"m=4 n=3":      "2↑↑6 − 3",
		"m=5 n=2":      "2↑↑↑5 − 3",
		"m=10 n=0":     "2↑↑↑↑↑↑↑↑3 − 3",
		"m=11 n=1":     "2 ↑^9 4 − 3, with 9 arrows",
		"m=10^21 n=97": "2 ↑^999999999999999999998 100 − 3, with 999999999999999999998 arrows",
	} {
		_, a := parsed(t, "ackermann", args)
		if got := (ackermannFacts{}).formula(a); got != want {
			t.Errorf("A(%s) has the closed form %q, want %q", args, got, want)
		}
	}
	for _, c := range []struct{ arrows, k, want int }{{1, 3, 8}, {1, 10, 1024}, {2, 3, 16}, {2, 4, 65536}, {3, 3, 65536}, {0, 5, 10}} {
		if got := arrow(c.arrows, c.k); got != c.want {
			t.Errorf("2 ↑^%d %d = %d, want %d", c.arrows, c.k, got, c.want)
		}
		const patient = 3000
		if c.want > patient {
			continue
		}
		if got := definition(c.arrows+2, c.k-3); got != c.want-3 {
			t.Errorf("A(%d,%d) = %d, want %d", c.arrows+2, c.k-3, got, c.want-3)
		}
	}
}

// arrow returns 2 ↑^arrows k by Knuth's definition, no arrow being a product.
func arrow(arrows, k int) int {
	switch {
	case arrows == 0:
		return 2 * k
	case k == 1:
		return 2
	}
	return arrow(arrows-1, arrow(arrows, k-1))
}

// TestTowersByTheCheck has towers of all kinds of heights checked, and digits of theirs corrupted.
func TestTowersByTheCheck(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 4))
	for args, parts := range map[string]string{
		"m=4 n=0": ".", "m=4 n=2": ".", "m=4 n=3": ".", "m=4 n=4": ".digits_of_digits", "m=4 n=5": ".", "m=5 n=0": ".", "m=6 n=6": ".",
		"m=4 n=60": ".trailing.digits", "m=4 n=200": "none", "m=4 n=999": ".trailing",
	} {
		f, a := parsed(t, "ackermann", args)
		text := documentOf(t, f, a, "facts")
		if err := f.CheckDocument(t.Context(), a, "facts", []byte(text)); err != nil {
			t.Errorf("the check refuses %s: %v", f.Label(a), err)
		}
		for _, l := range leaves(t, text) {
			if !strings.HasPrefix(l.path, parts) {
				continue
			}
			wrong := text[:l.from] + corrupt(rnd, text[l.from:l.to]) + text[l.to:]
			if f.CheckDocument(t.Context(), a, "facts", []byte(wrong)) == nil {
				t.Errorf("seed %d, %s: the check does not see that %s is wrong", seed, f.Label(a), l.path)
			}
			if l.path == ".trailing.stable" {
				wrong = text[:l.from] + "null" + text[l.to:]
				if f.CheckDocument(t.Context(), a, "facts", []byte(wrong)) == nil {
					t.Errorf("%s: the check does not miss %s", f.Label(a), l.path)
				}
			}
		}
	}
}

// TestLastDigitsOfATower uses that 2^(2^65536) can be had by one power modulo 10^1000.
func TestLastDigitsOfATower(t *testing.T) {
	t.Parallel()
	f, a := parsed(t, "ackermann", "m=4 n=3")
	want := new(big.Int).Exp(big.NewInt(2), new(big.Int).Lsh(one, 65536), tailModulus)
	want.Sub(want, big.NewInt(3))
	if text := documentOf(t, f, a, "facts"); !strings.Contains(text, `"digits": "`+want.String()+`"`) {
		t.Errorf("%s does not end in %v:\n%s", f.Label(a), want, text)
	}
}
