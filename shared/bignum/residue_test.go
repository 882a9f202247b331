package bignum

import (
	"bytes"
	"math/big"
	"slices"
	"testing"
)

func TestResidueAgreesWithMathBig(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	moduli := []uint64{1, 2, 10, 1_000_000_007, 1<<61 - 1, 1<<64 - 59}
	for _, n := range []int{0, 1, 2, 3, 10, 56, 57, 58, 200} { // 57 limbs are two digits more than a block
		x := value(randomLimbs(r, n))
		residues := NewResidues(moduli...)
		for text := []byte(x.String()); len(text) > 0; {
			cut := 1 + r.IntN(len(text))
			if n, err := residues.Write(text[:cut]); n != cut || err != nil {
				t.Fatalf("took %d of %d digits: %v", n, cut, err)
			}
			text = text[cut:]
		}
		for i, modulus := range moduli {
			want := new(big.Int).Mod(x, new(big.Int).SetUint64(modulus)).Uint64()
			if got := residues.Values()[i]; got != want {
				t.Errorf("%v mod %d = %d, want %d", x, modulus, got, want)
			}
		}
	}
}

// TestResiduesOfNines has the largest sums that a block can have.
func TestResiduesOfNines(t *testing.T) {
	t.Parallel()
	moduli := []uint64{1<<64 - 59, 1<<64 - 1, 1 << 63}
	text := bytes.Repeat([]byte("9"), 5*wordsInBlock*wordDigits)
	residues := NewResidues(moduli...)
	if _, err := residues.Write(text); err != nil {
		t.Fatal(err)
	}
	x, _ := new(big.Int).SetString(string(text), 10)
	for i, modulus := range moduli {
		want := new(big.Int).Mod(x, new(big.Int).SetUint64(modulus)).Uint64()
		if got := residues.Values()[i]; got != want {
			t.Errorf("mod %d: got %d, want %d", modulus, got, want)
		}
	}
}

func TestResidueRefusesWhatIsNoDigit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"12a", "1 2", "-1", "1\n", "１"} {
		if _, err := NewResidues(97).Write([]byte(text)); err == nil {
			t.Errorf("%q was taken for digits", text)
		}
	}
	right := []byte("012345678901234567890123456789")
	for at := range right {
		for _, wrong := range []byte{0, '\n', '/', ':', '?', 'p', 0x80 | '5', 0xff} {
			text := slices.Clone(right)
			text[at] = wrong
			if n, err := NewResidues(97).Write(text); n != at || err == nil {
				t.Errorf("%q: %d digits were taken, with the error %v; byte %d is none", text, n, err, at)
			}
		}
	}
}
