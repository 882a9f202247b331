package verify_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"numbermill/shared/verify"
)

// write feeds digits in chunks that cut returns the length of.
func write(t *testing.T, digits string, cut func() int) *verify.Digest {
	t.Helper()
	d, err := verify.NewDigest()
	if err != nil {
		t.Fatal(err)
	}
	for rest := digits; rest != ""; {
		n := min(cut(), len(rest))
		if got, err := d.Write([]byte(rest[:n])); err != nil || got != n {
			t.Fatalf("write %d digits: got %d, %v", n, got, err)
		}
		rest = rest[n:]
	}
	return d
}

func TestDigestTellsWhatThereIsToKnow(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 100)
	for name, digits := range map[string]string{
		"zero":                       "0",
		"one digit":                  "7",
		"short":                      "144",
		"19 digits":                  "1234567890123456789",
		"20 digits":                  "12345678901234567890",
		"21 digits":                  "123456789012345678901",
		"a power of ten":             "1" + zeros,
		"zeros inside":               "1" + zeros + "1",
		"zeros inside and after":     "1" + zeros + "1" + zeros,
		"no zero":                    strings.Repeat("9", 500),
		"nearly everything trailing": "12" + zeros + zeros,
	} {
		for _, chunk := range []int{1, 2, 7, 19, 20, 21, 1000} {
			r := write(t, digits, func() int { return chunk }).Result()
			wantZeros := int64(len(digits) - len(strings.TrimRight(digits, "0")))
			if digits == "0" {
				wantZeros = 0
			}
			sum := sha256.Sum256([]byte(digits))
			switch {
			case r.Digits != int64(len(digits)):
				t.Errorf("%s in chunks of %d: got %d digits, want %d", name, chunk, r.Digits, len(digits))
			case r.Leading != digits[:min(20, len(digits))]:
				t.Errorf("%s in chunks of %d: got leading %q", name, chunk, r.Leading)
			case r.Trailing != digits[max(0, len(digits)-20):]:
				t.Errorf("%s in chunks of %d: got trailing %q", name, chunk, r.Trailing)
			case r.TrailingZeros != wantZeros:
				t.Errorf("%s in chunks of %d: got %d trailing zeros, want %d", name, chunk, r.TrailingZeros, wantZeros)
			case r.SHA256 != hex.EncodeToString(sum[:]):
				t.Errorf("%s in chunks of %d: got sum %s", name, chunk, r.SHA256)
			}
		}
	}
}

// However the digits are cut, the digest is the same.
func TestDigestDoesNotDependOnChunks(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var b strings.Builder
		b.WriteByte('1')
		for range rnd.IntN(300) {
			b.WriteByte("0000123"[rnd.IntN(7)]) // many zeros, in runs
		}
		whole := write(t, b.String(), b.Len).Result()
		parts := write(t, b.String(), func() int { return 1 + rnd.IntN(40) }).Result()
		if whole.TrailingZeros != parts.TrailingZeros || whole.Trailing != parts.Trailing || whole.Leading != parts.Leading || whole.SHA256 != parts.SHA256 {
			t.Errorf("seed %d: %s\ngot  %+v in parts\nwant %+v", seed, b.String(), parts, whole)
		}
	}
}

func TestDigestRefusesWhatIsNoDigit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"12a", "-1", "1 2", "1\n", "1.5", "١"} {
		d, err := verify.NewDigest()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Write([]byte(text)); err == nil {
			t.Errorf("%q is taken for digits", text)
		}
	}
}

// Two digests of one process must not be predictable from each other: a wrong result could be made to pass.
func TestModuliAreDrawnAfresh(t *testing.T) {
	t.Parallel()
	seen := map[uint64]bool{}
	for range 20 {
		v := check(t, "fibonacci", map[string]string{"n": "12"}, "144")
		if v.err != nil {
			t.Fatal(v.err)
		}
		if len(v.Moduli) != 2 || v.Moduli[1] != 1_000_000_007 {
			t.Fatalf("got moduli %v, want a drawn one and 10^9+7", v.Moduli)
		}
		p := v.Moduli[0]
		if p>>60 != 1 || !new(big.Int).SetUint64(p).ProbablyPrime(10) {
			t.Errorf("%d is not a prime of 61 bits", p)
		}
		if seen[p] {
			t.Errorf("%d is drawn twice", p)
		}
		seen[p] = true
		for i, m := range v.Moduli {
			if want := 144 % m; v.Residues[i] != want {
				t.Errorf("144 modulo %d: got %d, want %d", m, v.Residues[i], want)
			}
		}
	}
}
