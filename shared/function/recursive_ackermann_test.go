package function

import (
	"math/big"
	"testing"
)

// TestAckermannCallsInPortions has the second argument come in portions, as if words were short.
func TestAckermannCallsInPortions(t *testing.T) {
	t.Parallel()
	most := []uint64{100, 100, 40, 5, 0}
	for m, largest := range most {
		for n := range largest + 1 {
			for _, portion := range []uint64{8, 13, 64} {
				level := uint64(m)
				got, _ := finish(newAckermannCalls(level, new(big.Int).SetUint64(n), portion), portion-1)
				calls := uint64(0)
				want := plainAckermann(level, n, &calls)
				if digitsOf(t, got) != decimal(want) || got.Calls() != calls {
					t.Errorf("A(%d,%d) = %s by %d calls, want %d by %d", m, n, digitsOf(t, got), got.Calls(), want, calls)
				}
			}
		}
	}
}

// TestAckermannCallCounts compares the closed forms with the recurrence that the definition makes.
func TestAckermannCallCounts(t *testing.T) {
	t.Parallel()
	count := func(m, n int64) *big.Int { return ackermannCallCount(big.NewInt(m), big.NewInt(n)) }
	for m, most := range []int64{100, 100, 100, 28, 1, 0} {
		for n := range most + 1 {
			m := int64(m)
			want := big.NewInt(1)
			switch {
			case m > 0 && n == 0:
				want.Add(want, count(m-1, 1))
			case m > 0:
				form, _ := ackermannForm(Args{names: []string{"m", "n"}, values: []*big.Int{big.NewInt(m), big.NewInt(n - 1)}})
				inner := form.value
				if inner == nil {
					inner = new(big.Int).Lsh(one, uint(form.exponent.Uint64()))
					inner.Sub(inner, big.NewInt(3))
				}
				want.Add(want.Add(want, count(m, n-1)), ackermannCallCount(big.NewInt(m-1), inner))
			}
			if got := count(m, n); got.Cmp(want) != 0 {
				t.Errorf("A(%d,%d) takes %v calls, want %v", m, n, got, want)
			}
		}
	}
	for _, test := range []struct {
		m, n int64
		want string
	}{{3, 14, "11452590817"}, {4, 0, "107"}, {4, 1, "2862984010"}, {5, 0, "2862984011"}} {
		if got := count(test.m, test.n).String(); got != test.want {
			t.Errorf("A(%d,%d) takes %s calls, want %s", test.m, test.n, got, test.want)
		}
	}
	if count(4, 2) != nil || count(5, 1) != nil || count(6, 0) != nil || ackermannCallCount(new(big.Int).Lsh(one, 100), one) != nil {
		t.Error("calls beyond all bounds were counted")
	}
}
