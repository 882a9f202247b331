package padic

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFromTheDefinition multiplies the numbers one by one, without their factors of 5.
func TestFromTheDefinition(t *testing.T) {
	t.Parallel()
	unit, zeros := uint64(1), int64(0)
	for n := range uint64(1_000_001) {
		if n > 0 {
			x := n
			for ; x%5 == 0; x /= 5 {
				zeros++
			}
			unit = mul(unit, x)
		}
		if n > 300 && n%15_625 > 1 && n%9973 != 0 {
			continue
		}
		x := new(big.Int).SetUint64(n)
		got, err := Unit(t.Context(), x)
		second, secondErr := SecondUnit(t.Context(), x)
		if err = errors.Join(err, secondErr); err != nil || got != unit || second != unit {
			t.Fatalf("%d! without its factors of 5 is %d, by the second road %d, want %d; error %v", n, got, second, unit, err)
		}
		if first, second := Zeros(x), SecondZeros(x); first.Int64() != zeros || second.Int64() != zeros {
			t.Fatalf("%d! has %v zeros, by the second road %v, want %d", n, first, second, zeros)
		}
	}
}

// TestBothRoads compares them where no product could be made.
func TestBothRoads(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 7))
	numbers := []string{"1e15", strings.Repeat("9", 1000)}
	for _, k := range []int64{18, 19, 20, 21, 40, 100} {
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(k), nil)
		for _, d := range []int64{-2, -1, 0, 1, 7} {
			numbers = append(numbers, new(big.Int).Add(five, big.NewInt(d)).String())
		}
	}
	for range 40 {
		digits := make([]byte, 1+rnd.IntN(60))
		for i := range digits {
			digits[i] = byte('0' + rnd.IntN(10))
		}
		numbers = append(numbers, "1"+string(digits))
	}
	for _, text := range numbers {
		n, ok := new(big.Int).SetString(strings.Replace(text, "e15", strings.Repeat("0", 15), 1), 10)
		if !ok {
			t.Fatal(text)
		}
		first, err := Unit(t.Context(), n)
		second, secondErr := SecondUnit(t.Context(), n)
		if err = errors.Join(err, secondErr); err != nil || first != second {
			t.Errorf("seed %d: %s! without its factors of 5 is %d, by the second road %d; error %v", seed, text, first, second, err)
		}
		if first, second := Zeros(n), SecondZeros(n); first.Cmp(second) != 0 {
			t.Errorf("seed %d: %s! has %v zeros, by the second road %v", seed, text, first, second)
		}
	}
}

// TestBeforeZeros compares with factorials written out.
func TestBeforeZeros(t *testing.T) {
	t.Parallel()
	x := big.NewInt(1)
	for n := int64(1); n <= 3000; n++ {
		x.Mul(x, big.NewInt(n))
		if n < 100 || n%50 > 2 {
			continue
		}
		text := strings.TrimRight(x.String(), "0")
		unit, err := Unit(t.Context(), big.NewInt(n))
		got := fmt.Sprintf("%020v", BeforeZeros(unit, Zeros(big.NewInt(n))))
		if want := text[len(text)-Digits:]; err != nil || got != want {
			t.Errorf("%d! has %s before its zeros, want %s; error %v", n, got, want, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, of := range []func(context.Context, *big.Int) (uint64, error){Unit, SecondUnit} {
		if _, err := of(ctx, big.NewInt(1e18)); !errors.Is(err, context.Canceled) {
			t.Errorf("got the error %v, want context.Canceled", err)
		}
	}
}

func BenchmarkUnit(b *testing.B) {
	n, _ := new(big.Int).SetString(strings.Repeat("9", 1000), 10)
	for b.Loop() {
		if _, err := Unit(b.Context(), n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSecondUnit(b *testing.B) {
	n, _ := new(big.Int).SetString(strings.Repeat("9", 1000), 10)
	for b.Loop() {
		if _, err := SecondUnit(b.Context(), n); err != nil {
			b.Fatal(err)
		}
	}
}
