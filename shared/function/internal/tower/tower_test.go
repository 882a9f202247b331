package tower

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"
)

func silent(float64) {}

// direct returns 2↑↑height mod m for height ≤ 5, by the definition.
func direct(height int, m *big.Int) *big.Int {
	x := big.NewInt(1)
	for range height {
		if x = new(big.Int).Lsh(big.NewInt(1), uint(x.Uint64())); x.BitLen() > 1<<17 {
			panic("too tall")
		}
	}
	return x.Mod(x, m)
}

// six returns 2↑↑6 mod m: the exponent 2^65536 can be written down.
func six(m *big.Int) *big.Int {
	return new(big.Int).Exp(big.NewInt(2), power(2, 65536), m)
}

func TestLastFromTheDefinition(t *testing.T) {
	t.Parallel()
	for digits := 2; digits < 40; digits++ {
		m := power(10, digits)
		for height := range 6 {
			got, err := Last(t.Context(), height, digits, silent)
			if want := direct(height, m); err != nil || got.Cmp(want) != 0 {
				t.Errorf("2↑↑%d ends in %d digits %v, want %v; error %v", height, digits, got, want, err)
			}
		}
	}
	for _, digits := range []int{5, 20, 1000} {
		got, err := Last(t.Context(), 6, digits, silent)
		if want := six(power(10, digits)); err != nil || got.Cmp(want) != 0 {
			t.Errorf("2↑↑6 ends in %d digits %v, want %v; error %v", digits, got, want, err)
		}
	}
}

// TestLastByBothWays compares the recursions, and sees that a wrong digit anywhere is found.
func TestLastByBothWays(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 3))
	for _, digits := range []int{2, 3, 7, 30, 100} {
		for height := 3; height < digits+8; height++ {
			x, err := Last(t.Context(), height, digits, silent)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := Ends(t.Context(), height, digits, x); err != nil || !ok {
				t.Errorf("2↑↑%d does not end in %v; error %v", height, x, err)
			}
			if got, want := SharedWithNext(x, digits), min(Stable(height), digits); got != want {
				t.Errorf("2↑↑%d and the next share %d of %d digits, want %d", height, got, digits, want)
			}
			wrong := new(big.Int).Mul(power(10, rnd.IntN(digits)), big.NewInt(int64(1+rnd.IntN(9))))
			wrong.Add(wrong, x).Mod(wrong, power(10, digits))
			if ok, _ := Ends(t.Context(), height, digits, wrong); ok {
				t.Errorf("seed %d: 2↑↑%d is said to end in %v, not only in %v", seed, height, wrong, x)
			}
		}
	}
}

// TestStable compares the ends of towers of all heights with those of the next ones.
func TestStable(t *testing.T) {
	t.Parallel()
	const digits = 60
	last, err := Last(t.Context(), 3, digits, silent)
	for height := 3; height < digits+10; height++ {
		next, nextErr := Last(t.Context(), height+1, digits, silent)
		if err = errors.Join(err, nextErr); err != nil {
			t.Fatal(err)
		}
		difference := new(big.Int).Sub(next, last)
		shared := 0
		for shared < digits && new(big.Int).Mod(difference, power(10, shared+1)).Sign() == 0 {
			shared++
		}
		if want := min(Stable(height), digits); shared != want {
			t.Errorf("2↑↑%d and 2↑↑%d share %d digits, want %d", height, height+1, shared, want)
		}
		last = next
	}
}

func TestResidues(t *testing.T) {
	t.Parallel()
	moduli := []uint64{998_244_353, 1_000_000_007, 1<<61 - 1, 1 << 40, 3 << 20, 1_000_000_000_000_000_000}
	for m := uint64(1); m < 700; m++ {
		moduli = append(moduli, m)
	}
	for _, m := range moduli {
		modulus := new(big.Int).SetUint64(m)
		for height := range 12 {
			got, second := Residue(height, m), SecondResidue(height, m)
			want := new(big.Int).SetUint64(got)
			if height < 6 {
				want = direct(height, modulus)
			} else if height == 6 {
				want = six(modulus)
			}
			if got != want.Uint64() || second != got {
				t.Errorf("2↑↑%d mod %d = %d, by the second way %d, want %v", height, m, got, second, want)
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Last(ctx, 1002, 1000, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("Last: got the error %v, want context.Canceled", err)
	}
	for _, height := range []int{4, 100, 1002} {
		if _, err := Ends(ctx, height, 1000, big.NewInt(65536)); !errors.Is(err, context.Canceled) {
			t.Errorf("Ends at height %d: got the error %v, want context.Canceled", height, err)
		}
	}
}

func BenchmarkLast(b *testing.B) {
	for b.Loop() {
		if _, err := Last(b.Context(), 1002, 1000, silent); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEnds(b *testing.B) {
	x, err := Last(b.Context(), 1001, 1000, silent)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, err := Ends(b.Context(), 1001, 1000, x); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}
