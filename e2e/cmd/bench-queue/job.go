package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/bits"
	"strings"
	"sync/atomic"
)

// job is a computation that is asked for: F(n), or F(0) + … + F(n).
type job struct {
	sum bool
	n   int
	// check says that the digits are to be compared with math/big's, which is done now and then.
	check bool
}

// function is its name.
func (j job) function() string {
	if j.sum {
		return "fibonacci-sum"
	}
	return "fibonacci"
}

// digits are what has to come out.
func (j job) digits() string {
	if !j.sum {
		return fibonacci(j.n).String()
	}
	f := fibonacci(j.n + 2)
	return f.Sub(f, big.NewInt(1)).String()
}

// compare tells whether the digits are right, if they are to be compared.
func (j job) compare(digits string) error {
	if j.check && digits != j.digits() {
		return fmt.Errorf("%s of %d came out as %.40s…, which is wrong", j.function(), j.n, digits)
	}
	return nil
}

// compareDigest does the same with their SHA-256 in hexadecimal.
func (j job) compareDigest(digest string) error {
	if !j.check {
		return nil
	}
	want := sha256.Sum256([]byte(j.digits()))
	if got := strings.ToLower(digest); got != hex.EncodeToString(want[:]) {
		return fmt.Errorf("the digits of %s of %d have the SHA-256 %q, which is wrong", j.function(), j.n, got)
	}
	return nil
}

// fibonacci computes F(n) by doubling.
func fibonacci(n int) *big.Int {
	a, b := big.NewInt(0), big.NewInt(1) // F(k), F(k+1)
	var c, d, e big.Int
	for i := bits.Len(uint(n)) - 1; i >= 0; i-- {
		c.Mul(a, d.Sub(d.Lsh(b, 1), a))
		e.Add(d.Mul(a, a), e.Mul(b, b))
		if n>>i&1 == 1 {
			a.Set(&e)
			b.Add(&c, &e)
		} else {
			a.Set(&c)
			b.Set(&e)
		}
	}
	return a
}

// jobs hands out computations, none twice. It is safe for concurrent use.
type jobs struct {
	low, high int // n is between them
	next      atomic.Int64
}

// How the computations are spread: by a prime, so that slow systems and fast ones get small numbers and large ones alike, and one in checkEvery is
// checked.
const (
	stride     = 7919
	checkEvery = 32
)

// measured are the computations of one turn, of 200 to 1,900 digits; warming those before it.
func measured() *jobs { return &jobs{low: 1000, high: 9000} }
func warming() *jobs  { return &jobs{low: 10, high: 990} }

// take returns the next, or false when there is none left.
func (s *jobs) take() (job, bool) {
	i, count := int(s.next.Add(1)-1), 2*(s.high-s.low)
	if i >= count {
		return job{}, false
	}
	at := i * stride % count
	return job{sum: at%2 == 1, n: s.low + at/2, check: i%checkEvery == 0}, true
}
