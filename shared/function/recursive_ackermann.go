package function

import (
	"math/big"

	"numbermill/shared/bignum"
)

// ackermannRecursion executes the definition of A(m,n).
func ackermannRecursion(a Args) recursion {
	m, n := a.get("m"), a.get("n")
	return callByCall(ackermannCallCount(m, n), ackermannCallNanos, func() evaluation {
		return newAckermannCalls(m.Uint64(), n, halfWord)
	})
}

// ackermannCallCount returns how many calls A(m,n) takes, itself included, nil only where they are more than 10^36. It is c(m,n) with c(0,n) = 1,
// c(m,0) = 1 + c(m−1,1) and c(m,n) = 1 + c(m,n−1) + c(m−1, A(m,n−1)), in closed form for m ≤ 3.
func ackermannCallCount(m, n *big.Int) *big.Int {
	if !m.IsInt64() {
		return nil
	}
	sum := func(factors ...int64) *big.Int { // Horner's rule
		s := new(big.Int)
		for _, c := range factors {
			s.Add(s.Mul(s, n), big.NewInt(c))
		}
		return s
	}
	switch m.Int64() {
	case 0:
		return sum(1)
	case 1:
		return sum(2, 2)
	case 2:
		return sum(2, 7, 5)
	case 3:
		if n.Cmp(big.NewInt(60)) > 0 {
			return nil
		}
		power := new(big.Int).Lsh(one, uint(n.Uint64())) // (128·4^n − 120·2^n + 9·n + 37)/3
		c := new(big.Int).Mul(power, big.NewInt(128))
		c.Mul(c.Sub(c, big.NewInt(120)), power)
		return c.Div(c.Add(c, sum(9, 37)), big.NewInt(3))
	case 4:
		three := big.NewInt(3)
		switch first := ackermannCallCount(three, one); {
		case n.Sign() == 0:
			return first.Add(first, one)
		case n.Cmp(one) == 0: // A(4,0) = 13
			first.Add(first, big.NewInt(2))
			return first.Add(first, ackermannCallCount(three, big.NewInt(13)))
		}
	case 5:
		if n.Sign() == 0 {
			c := ackermannCallCount(big.NewInt(4), one)
			return c.Add(c, one)
		}
	}
	return nil
}

// ackermannCalls executes the definition of A. A call A(m,n), m and n > 0, leaves A(m−1, ·) waiting on the stack for its second argument, and goes on
// with A(m, n−1); A(m,0) goes on as A(m−1, 1); and n+1, as A(0,n), is handed to the topmost call that waits.
//
// The stack is how many calls wait on each level: from the bottom to the top the levels only decrease or stay, since all are at least m−1 when A(m,n) is
// called, and m−1 is what comes on top. So it has one size, however deep: A(3,14) has more than 131,000 calls wait at a time.
//
// Each of its numbers changes by one with a call, and 2^63 calls take centuries: none overflows.
type ackermannCalls struct {
	m       uint64                  // of the current call
	n       uint64                  // of the current call, but for rest
	rest    *big.Int                // what is to be added to n where that is too large for a word
	portion uint64                  // n is kept above that by taking from rest
	waiting [ackermannLevels]uint64 // calls on each level
	done    bool                    // n is the value
	made    uint64
}

const (
	// ackermannLevels is more than the largest m of a value that can be written down: that is A(5,0).
	ackermannLevels = 6
	halfWord        = 1 << 62
)

func newAckermannCalls(m uint64, n *big.Int, portion uint64) *ackermannCalls {
	a := &ackermannCalls{m: m, rest: new(big.Int).Set(n), portion: portion}
	if a.rest.Cmp(new(big.Int).SetUint64(portion)) <= 0 {
		a.n = a.rest.Uint64()
		a.rest.SetUint64(0)
	}
	return a
}

// refill keeps n so far above 0 that no batch of calls gets there as long as there is a rest.
func (a *ackermannCalls) refill() {
	if a.rest.Sign() == 0 || a.n > a.portion {
		return
	}
	portion := new(big.Int).SetUint64(a.portion)
	if a.rest.Cmp(portion) < 0 {
		portion.Set(a.rest)
	}
	a.n += portion.Uint64()
	a.rest.Sub(a.rest, portion)
}

// advance makes so many calls, fewer than the portion.
func (a *ackermannCalls) advance(units uint64) (worked uint64, done bool) {
	a.refill()
	left := units
	for left > 0 && !a.done {
		switch {
		case a.m == 0:
			left = a.rise(left)
		case a.n == 0:
			left--
			a.m, a.n = a.m-1, 1
		case a.m == 1:
			left = a.fall(left)
		default:
			left--
			a.n--
			a.waiting[a.m-1]++
		}
	}
	a.made += units - left
	return units - left, a.done
}

// fall makes at most left calls of A(1,n), n > 0, and returns how many it has left over.
func (a *ackermannCalls) fall(left uint64) uint64 {
	calls := min(left, a.n)
	a.n, a.waiting[0] = callEach(calls, a.n, a.waiting[0])
	return left - calls
}

// rise makes at most left > 0 calls of A(0,n), as long as another waits for its value, and returns how many it has left over.
func (a *ackermannCalls) rise(left uint64) uint64 {
	calls := min(left, a.waiting[0])
	a.waiting[0], a.n = callEach(calls, a.waiting[0], a.n)
	if left -= calls; left > 0 { // Nothing waits on level 0.
		left--
		a.n++
		a.m, a.done = a.pop()
	}
	return left
}

// callEach makes so many calls, almost all that there are: A(1,n) takes one from n and leaves a call of A(0, ·) waiting; and A(0,n) takes the next one of
// those and hands it n+1. That both are the same instructions makes them equally fast, and progress true.
//
//go:noinline
func callEach(calls, from, to uint64) (fewer, more uint64) {
	for range calls {
		from--
		to++
	}
	return from, to
}

// pop takes the topmost call above level 0, and reports true if none waits.
func (a *ackermannCalls) pop() (m uint64, none bool) {
	for m = 1; m < ackermannLevels; m++ {
		if a.waiting[m] > 0 {
			a.waiting[m]--
			return m, false
		}
	}
	return 0, true
}

func (a *ackermannCalls) steps() uint64 { return a.made }

func (a *ackermannCalls) result() counted {
	value := new(big.Int).SetUint64(a.n)
	return counted{bignum.FromBig(value.Add(value, a.rest)), a.made}
}
