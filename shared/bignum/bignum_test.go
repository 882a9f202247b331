package bignum

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// small returns a Calculator that hands only pieces of a few words to math/big, so that small numbers take every path.
func small(mulWords, decimalWords int) Calculator {
	return Calculator{mulWords: mulWords, decimalWords: decimalWords}
}

// newRand returns a source that the test's log can name.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// randomWords returns a number of exactly n words: random, all ones, sparse, or with long runs of either.
func randomWords(r *rand.Rand, n int) *big.Int {
	words := make([]big.Word, n)
	kind := r.IntN(4)
	for i := range words {
		switch kind {
		case 0:
			words[i] = big.Word(r.Uint64())
		case 1:
			words[i] = ^big.Word(0)
		case 2:
			words[i] = 0
		case 3:
			words[i] = -big.Word(r.Uint64() & 1)
		}
	}
	if n > 0 {
		words[n-1] |= 1 << r.IntN(64)
	}
	return new(big.Int).SetBits(words)
}

// dense returns a number of n words without a run of zeros.
func dense(n int) *big.Int {
	words := make([]big.Word, n)
	for i := range words {
		words[i] = big.Word(i+1) * 0x9e3779b97f4a7c15
	}
	return new(big.Int).SetBits(words)
}

// number reads a natural number from the bytes of a fuzzer, each of which stands for a word with one of a few patterns or for itself.
func number(data []byte) *big.Int {
	words := make([]big.Word, len(data))
	for i, b := range data {
		switch b % 4 {
		case 0:
			words[i] = 0
		case 1:
			words[i] = ^big.Word(0)
		case 2:
			words[i] = 1 << (b / 4)
		case 3:
			words[i] = big.Word(b) * 0x9e3779b97f4a7c15
		}
	}
	return new(big.Int).SetBits(words)
}

// cancelDuring runs work with a context that is cancelled a moment after the n-th call of the returned tick, and returns work's
// error and how long after the cancellation it came.
func cancelDuring(t *testing.T, n int, delay time.Duration, work func(ctx context.Context, tick func()) error) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cancelled := make(chan time.Time, 1)
	ticks := 0
	err := work(ctx, func() {
		if ticks++; ticks == n {
			time.AfterFunc(delay, func() {
				cancelled <- time.Now()
				cancel()
			})
		}
	})
	end := time.Now()
	if ticks < n {
		t.Fatalf("the work ended after %d ticks, before the cancellation at %d: %v", ticks, n, err)
	}
	return end.Sub(<-cancelled), err
}
