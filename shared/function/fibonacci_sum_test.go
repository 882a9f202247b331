package function

import (
	"math/big"
	"testing"
)

// TestFibonacciSumFromTheDefinition adds up as the definition says.
func TestFibonacciSumFromTheDefinition(t *testing.T) {
	t.Parallel()
	f, _ := Lookup("fibonacci-sum")
	sum, x, y := new(big.Int), new(big.Int), big.NewInt(1)
	for n := range int64(500) {
		sum.Add(sum, x)
		a := Args{names: []string{"n"}, values: []*big.Int{big.NewInt(n)}}
		got, err := f.Compute(t.Context(), a, "", Options{})
		if err != nil || digitsOf(t, got) != sum.String() {
			t.Fatalf("S(%d) is not %v; error %v", n, sum, err)
		}
		if digits := f.digits(a); digits.Int64() != int64(len(sum.String())) {
			t.Fatalf("S(%d) = %v is said to have %v digits", n, sum, digits)
		}
		x.Add(x, y)
		x, y = y, x
	}
}
