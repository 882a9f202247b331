//go:build !race

package function

import "testing"

// TestFactorialModuloOfABillion compares with what a loop over all factors in C, with the compiler's 128-bit remainders, has found.
func TestFactorialModuloOfABillion(t *testing.T) {
	t.Parallel()
	for m, want := range map[uint64]uint64{1_000_000_007: 698_611_116, 1<<61 - 1: 1_271_824_943_253_701_933} {
		if got, err := factorialModulo(t.Context(), 1e9, m, func(float64) {}); err != nil || got != want {
			t.Errorf("(10^9)! mod %d = %d, want %d; error %v", m, got, want, err)
		}
	}
}
