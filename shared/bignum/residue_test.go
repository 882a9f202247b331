package bignum

import (
	"math/big"
	"slices"
	"testing"
)

func TestResidueAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, modulus := range []uint64{1, 2, 10, 1_000_000_007, 1<<61 - 1, 1<<64 - 59} {
		for n := range 20 {
			x := value(randomLimbs(r, n))
			residue := NewResidue(modulus)
			for text := []byte(x.String()); len(text) > 0; {
				cut := 1 + r.IntN(len(text))
				if n, err := residue.Write(text[:cut]); n != cut || err != nil {
					t.Fatalf("took %d of %d digits: %v", n, cut, err)
				}
				text = text[cut:]
			}
			want := new(big.Int).Mod(x, new(big.Int).SetUint64(modulus)).Uint64()
			if got := residue.Value(); got != want {
				t.Errorf("%v mod %d = %d, want %d", x, modulus, got, want)
			}
		}
	}
}

func TestResidueRefusesWhatIsNoDigit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"12a", "1 2", "-1", "1\n", "１"} {
		if _, err := NewResidue(97).Write([]byte(text)); err == nil {
			t.Errorf("%q was taken for digits", text)
		}
	}
	right := []byte("012345678901234567890123456789")
	for at := range right {
		for _, wrong := range []byte{0, '\n', '/', ':', '?', 'p', 0x80 | '5', 0xff} {
			text := slices.Clone(right)
			text[at] = wrong
			if n, err := NewResidue(97).Write(text); n != at || err == nil {
				t.Errorf("%q: %d digits were taken, with the error %v; byte %d is none", text, n, err, at)
			}
		}
	}
}
