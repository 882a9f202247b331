package function

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsed reads arguments that are known to be good.
func parsed(t *testing.T, name, text string) (*Function, Args) {
	t.Helper()
	return parseRow(t, name, text)
}

func TestArgsAreCanonical(t *testing.T) {
	t.Parallel()
	f, _ := Lookup("ackermann")
	fromJSON, err := f.ParseArgs(map[string]json.RawMessage{"n": json.RawMessage(`"1 000"`), "m": json.RawMessage(`3.0`)})
	if err != nil {
		t.Fatal(err)
	}
	_, fromText := parsed(t, "ackermann", "m=03 n=10^3")
	if !fromJSON.Equal(fromText) || fromJSON.Equal(Args{}) {
		t.Errorf("%v and %v are not the same", fromJSON, fromText)
	}
	if got, want := fromJSON.String(), "m=3 n=1000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if diff := cmp.Diff(map[string]string{"m": "3", "n": "1000"}, fromJSON.Canonical()); diff != "" {
		t.Errorf("canonical arguments (-want +got):\n%s", diff)
	}
	if got, want := f.Fingerprint(fromText, "fast"), f.Fingerprint(fromJSON, ""); got != want {
		t.Errorf("the same arguments have the fingerprints %s and %s", got, want)
	}
}

func TestArgsCannotBeChanged(t *testing.T) {
	t.Parallel()
	_, a := parsed(t, "fibonacci", "n=10")
	a.Big("n").SetInt64(5)
	a.Canonical()["n"] = "5"
	if got := a.String(); got != "n=10" {
		t.Errorf("the arguments became %s", got)
	}
	if a.Big("m") != nil {
		t.Error("there is an m that nobody gave")
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ function, args, want string }{
		{"fibonacci", "n=1000000", "F(1000000)"},
		{"fibonacci-sum", "n=10", "S(10)"},
		{"factorial", "n=5", "5!"},
		{"ackermann", "m=4 n=2", "A(4,2)"},
		{"fibonacci", "n=" + strings.Repeat("1234567890", 3), "F(123456789012345678901234567890)"},
		{"fibonacci", "n=" + strings.Repeat("1234567890", 100), "F(1234567890…1234567890)"},
	} {
		f, a := parsed(t, c.function, c.args)
		if got := f.Label(a); got != c.want {
			t.Errorf("%s %s is labelled %q, want %q", c.function, c.args, got, c.want)
		}
	}
}

// TestFingerprintsStay pins fingerprints that are stored in Redis: they may change with ResultFormatVersion alone.
func TestFingerprintsStay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ function, args, want string }{
		{"fibonacci", "n=1000000", "f93a0d35519de2e1680f2579e946580f64720da2"},
		{"ackermann", "m=4 n=2", "99020d011507c3e21e4da786d5ee471a2bb4db04"},
	} {
		f, a := parsed(t, c.function, c.args)
		if got := f.Fingerprint(a, DefaultMethod); got != c.want {
			t.Errorf("the fingerprint of %s is %s, want %s", f.Label(a), got, c.want)
		}
	}
}

func TestUnknownMethod(t *testing.T) {
	t.Parallel()
	f, a := parsed(t, "fibonacci", "n=10")
	if _, ok := f.Method("slow"); ok {
		t.Error("there is a method slow")
	}
	if m, ok := f.Method(""); !ok || m.Name != DefaultMethod {
		t.Errorf("no method means %q, want %q", m.Name, DefaultMethod)
	}
	if _, err := f.Compute(t.Context(), a, "slow", Options{}); !errors.Is(err, ErrUnknownMethod) {
		t.Errorf("got the error %v, want ErrUnknownMethod", err)
	}
	if reason, exceeds := f.Estimate(a, "slow").Exceeds(Limits{CostMillis: math.MaxInt64 - 1}); !exceeds || reason == "" {
		t.Error("a limit lets an unknown method through")
	}
}

func TestModulus(t *testing.T) {
	t.Parallel()
	for _, f := range All() {
		a := exampleArgs(t, f, f.Examples[0])
		n, err := f.Compute(t.Context(), a, "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		value, _ := new(big.Int).SetString(digitsOf(t, n), 10)
		for _, m := range []uint64{1, 2, 3, 10, 64, 97, 1 << 32, 1<<61 - 1, 1<<63 - 25, 1 << 63} {
			want := new(big.Int).Mod(value, new(big.Int).SetUint64(m)).Uint64()
			if got, err := f.Residue(t.Context(), a, m); err != nil || got != want {
				t.Errorf("%s mod %d = %d, want %d; error %v", f.Label(a), m, got, want, err)
			}
		}
		for _, m := range []uint64{0, 1<<63 + 1, math.MaxUint64} {
			if _, err := f.Residue(t.Context(), a, m); !errors.Is(err, ErrModulus) {
				t.Errorf("modulus %d: got the error %v, want ErrModulus", m, err)
			}
		}
	}
}
