package function

import (
	"math/big"

	"numbermill/shared/bignum"
)

// fibonacciRecursion executes F(n) = F(n−1) + F(n−2). All its leaves are F(1) = 1 and F(0) = 0, and there are F(n) and F(n−1) of them; so there
// are F(n+1) − 1 calls above them, and 2·F(n+1) − 1 in all.
func fibonacciRecursion(a Args) recursion {
	n := a.get("n")
	var calls *big.Int
	if next := countableFibonacci(n, 1); next != nil {
		calls = next.Sub(next.Lsh(next, 1), one)
	}
	return callByCall(calls, fibonacciCallNanos, func() evaluation { return newFibonacciCalls(n.Uint64(), wordArguments) })
}

// fibonacciSumRecursion executes the sum: F(0), then F(1) and so on up to F(n). The calls, 2·F(i+1) − 1 each, sum up to
// 2·(F(n+3) − 1) − (n+1).
func fibonacciSumRecursion(a Args) recursion {
	n := a.get("n")
	var calls *big.Int
	if next := countableFibonacci(n, 3); next != nil {
		calls = next.Sub(next.Lsh(next.Sub(next, one), 1), n)
		calls.Sub(calls, one)
	}
	return callByCall(calls, fibonacciCallNanos, func() evaluation { return newFibonacciSumCalls(n.Uint64(), wordArguments) })
}

// countableFibonacci returns F(n+k), or nil for n above 190, where it is beyond 10^39.
func countableFibonacci(n *big.Int, k int64) *big.Int {
	const largest = 190
	if n.Cmp(big.NewInt(largest)) > 0 {
		return nil
	}
	f, g := new(big.Int), big.NewInt(1)
	for range n.Int64() + k {
		f.Add(f, g)
		f, g = g, f
	}
	return f
}

// fibonacciCalls executes the definition of F. A call F(a), a ≥ 2, leaves F(a−2) waiting on the stack and goes on with F(a−1); a leaf F(0) or F(1) is
// added to the value, and the topmost of those that wait is called.
//
// The stack is a set of arguments: from the bottom to the top they only decrease, since all are at least a−1 when F(a) is called, and a−2 is what
// comes on top. So the arguments below 64 are bits of a word. The others are spans, at first one: another begins only when one of them has
// been called, after the 3·10^13 calls of an F(64), and each further one wants a longer call by two.
//
// The value counts the leaves F(1), one at a time, as made counts calls: 2^64 of them take centuries.
type fibonacciCalls struct {
	short   uint64 // the current call F(a), as the bit 2^a, if a is below border; else 0
	long    uint64 // the argument of the current call if it is not below border; else 0
	waiting uint64 // the arguments below border that wait, as bits
	spans   []span // the other ones, lowest last
	border  uint64 // from 2 to 64

	value, made uint64
}

// span is the numbers from low to high.
type span struct{ low, high uint64 }

// wordArguments is how many arguments are bits of a word.
const wordArguments = 64

// newFibonacciCalls returns the call F(n).
func newFibonacciCalls(n, border uint64) *fibonacciCalls {
	f := &fibonacciCalls{border: border}
	f.call(n)
	return f
}

// newFibonacciSumCalls returns the calls F(0), …, F(n), all but the first waiting.
func newFibonacciSumCalls(n, border uint64) *fibonacciCalls {
	f := newFibonacciCalls(0, border)
	f.waiting = 1<<min(n+1, border) - 2 // 1<<64 is 0.
	if n >= border {
		f.spans = []span{{border, n}}
	}
	return f
}

func (f *fibonacciCalls) call(a uint64) {
	if f.short, f.long = 0, a; a < f.border {
		f.short, f.long = 1<<a, 0
	}
}

func (f *fibonacciCalls) advance(units uint64) (worked uint64, done bool) {
	left := units
	for left > 0 && !done {
		switch {
		case f.short != 0:
			left = f.advanceShort(left)
		case f.long != 0:
			left--
			f.push(f.long - 2)
			f.call(f.long - 1)
		default:
			done = !f.popLong()
		}
	}
	f.made += units - left
	return units - left, done
}

// advanceShort makes at most left > 0 calls below the border, until none waits there, and returns how many it has left over.
func (f *fibonacciCalls) advanceShort(left uint64) uint64 {
	current, waiting, value := f.short, f.waiting, f.value
	for current != 0 && left > 0 {
		left--
		if current > 1<<1 {
			waiting |= current >> 2
			current >>= 1
			continue
		}
		value += current >> 1
		current = waiting & -waiting
		waiting ^= current
	}
	f.short, f.waiting, f.value = current, waiting, value
	return left
}

func (f *fibonacciCalls) push(a uint64) {
	switch last := len(f.spans) - 1; {
	case a < f.border:
		f.waiting |= 1 << a
	case last >= 0 && f.spans[last].low == a+1:
		f.spans[last].low = a
	default:
		f.spans = append(f.spans, span{a, a})
	}
}

// popLong calls the lowest of the spans' arguments, and reports false if there is none.
func (f *fibonacciCalls) popLong() bool {
	last := len(f.spans) - 1
	if last < 0 {
		return false
	}
	f.call(f.spans[last].low)
	if f.spans[last].low++; f.spans[last].low > f.spans[last].high {
		f.spans = f.spans[:last]
	}
	return true
}

func (f *fibonacciCalls) steps() uint64 { return f.made }

func (f *fibonacciCalls) result() counted { return counted{bignum.FromUint64(f.value), f.made} }
