//go:build !race

package function

import (
	"math/big"
	"testing"
)

// TestAckermannCallsOnAllLevels goes through all levels.
func TestAckermannCallsOnAllLevels(t *testing.T) {
	t.Parallel()
	got, _ := finish(newAckermannCalls(5, new(big.Int), halfWord), 1<<20)
	if digits := digitsOf(t, got); digits != "65533" || got.Calls() != 2_862_984_011 {
		t.Errorf("A(5,0) = %s by %d calls, want 65533 by 2862984011", digits, got.Calls())
	}
}
