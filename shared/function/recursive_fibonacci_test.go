package function

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"testing"
)

// argument returns the Args n.
func argument(n int64) Args { return Args{names: []string{"n"}, values: []*big.Int{big.NewInt(n)}} }

// TestFibonacciCallsAtAnyBorder moves the place where spans take over from bits, which in earnest no computation returns to, and stops after any
// number of calls.
func TestFibonacciCallsAtAnyBorder(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, border := range []uint64{2, 3, 5, 8, 21, 64} {
		value, next, sum := uint64(0), uint64(1), uint64(0)
		for n := range uint64(23) {
			sum += value
			units := 1 + random.Uint64N(50)
			got, worked := finish(newFibonacciCalls(n, border), units)
			if want := 2*next - 1; digitsOf(t, got) != decimal(value) || got.Calls() != want || worked != want {
				t.Errorf("border %d: F(%d) = %s by %d calls, want %d by %d", border, n, digitsOf(t, got), got.Calls(), value, want)
			}
			got, _ = finish(newFibonacciSumCalls(n, border), units)
			if want := plainFibonacciSum(argument(int64(n))); digitsOf(t, got) != decimal(sum) || got.Calls() != want {
				t.Errorf("border %d: S(%d) = %s by %d calls, want %d by %d", border, n, digitsOf(t, got), got.Calls(), sum, want)
			}
			value, next = next, value+next
		}
	}
}

func decimal(x uint64) string { return strconv.FormatUint(x, 10) }

// TestFibonacciSpansAreFew watches the stack of a computation all of which is beyond the border, and of one that goes down from far above it.
func TestFibonacciSpansAreFew(t *testing.T) {
	t.Parallel()
	const n = 24
	f := newFibonacciCalls(n, 2)
	longest := 0
	for done := false; !done; {
		_, done = f.advance(1)
		longest = max(longest, len(f.spans))
	}
	if longest > n/2 {
		t.Errorf("F(%d) held %d spans, want at most %d", n, longest, n/2)
	}
	f = newFibonacciCalls(1_000_000_000, wordArguments)
	for range 10 {
		f.advance(1 << 20)
	}
	if got, want := f.spans, (span{1_000_000_000 - 1 - 10<<20, 1_000_000_000 - 2}); len(got) != 1 || got[0] != want || f.waiting != 0 {
		t.Errorf("after 10·2^20 calls %v wait, and the bits %x, want %v", got, f.waiting, want)
	}
}

// TestFibonacciBeyondTheBorder comes down to the bits from above, where the stack is full.
func TestFibonacciBeyondTheBorder(t *testing.T) {
	t.Parallel()
	f := newFibonacciCalls(90, wordArguments)
	f.advance(89) // F(90), …, F(2)
	if f.short != 1<<1 || bits.OnesCount64(f.waiting) != 64 || len(f.spans) != 1 || f.spans[0] != (span{64, 88}) {
		t.Errorf("F(%b) is called while %x and %v wait, want F(1) and all from 0 to 88", f.short, f.waiting, f.spans)
	}
	s := newFibonacciSumCalls(90, wordArguments)
	if s.short != 1 || s.waiting != 1<<64-2 || len(s.spans) != 1 || s.spans[0] != (span{64, 90}) {
		t.Errorf("F(%b) is called while %x and %v wait, want F(0) and all from 1 to 90", s.short, s.waiting, s.spans)
	}
	if s = newFibonacciSumCalls(63, wordArguments); s.waiting != 1<<64-2 || s.spans != nil {
		t.Errorf("%x and %v wait, want all from 1 to 63", s.waiting, s.spans)
	}
}

// TestFibonacciCallCounts compares the closed forms with their recurrences.
func TestFibonacciCallCounts(t *testing.T) {
	t.Parallel()
	before, now, sum := 0.0, 1.0, 1.0 // calls of F(n−1), F(n), S(n)
	const exact = 76                  // up to where they are below 2^53
	for n := range int64(exact) {
		if got := fibonacciRecursion(argument(n)).work; got != now {
			t.Errorf("F(%d) takes %.0f calls, want %.0f", n, got, now)
		}
		if got := fibonacciSumRecursion(argument(n)).work; n < exact-3 && got != sum {
			t.Errorf("S(%d) takes %.0f calls, want %.0f", n, got, sum)
		}
		before, now = now, 1+before+now
		if n == 0 {
			now = 1
		}
		sum += now
	}
	for n, want := range map[int64]string{49: "25,172,538,049 calls", 91: "15,080,227,609,492,692,857 calls", 92: "", 1_000_000: ""} {
		if got := fibonacciRecursion(argument(n)).whole; got != want {
			t.Errorf("F(%d) takes %q, want %q", n, got, want)
		}
	}
}
