package function

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	"numbermill/shared/function/internal/logarithm"
)

// TestBothSeriesOfStirling compares digit counts and first digits by both of them, at precisions that make them long.
func TestBothSeriesOfStirling(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1001", "1002", "54321", "10^15", "10^300"} {
		n, err := parseNumber(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, prec := range []uint{200, 400, 1500} {
			prec += uint(n.BitLen())
			want, got := logarithm.Digits(prec, lnFactorial(n)), logarithm.Digits(prec, lnFactorialAgain(n))
			if got.Cmp(want) != 0 {
				t.Errorf("with %d bits %s! has %v digits by the second series, want %v", prec, text, got, want)
			}
			leading := logarithm.Leading(30, want, prec, lnFactorial(n))
			if !logarithm.Begins(leading, want, prec, lnFactorialAgain(n)) {
				t.Errorf("with %d bits %s! does not begin %v by the second series", prec, text, leading)
			}
		}
	}
}

// TestOtherFactorials compares the products that checks take.
func TestOtherFactorials(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 8))
	for _, n := range []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 100, 1<<20 - 1, 1 << 20, 1<<20 + 5, rnd.Uint64N(3_000_000)} {
		want, err := factorialModulo(t.Context(), n, mersenne, func(float64) {})
		byPairs, pairsErr := mersenneFactorial(t.Context(), n)
		plain, plainErr := plainFactorial(t.Context(), n, mersenne)
		if err = errors.Join(err, pairsErr, plainErr); err != nil || byPairs != want || plain != want {
			t.Errorf("seed %d: %d! mod 2^61−1 = %d in pairs, %d one by one, want %d; error %v", seed, n, byPairs, plain, want, err)
		}
	}
}

// TestWilson takes every n up to beyond a small prime.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, p := range []uint64{5, 7, 1009} {
		x := uint64(1)
		for n := range p + 3 {
			if n > 0 {
				x = x * n % p
			}
			got, err := newWilson(new(big.Int).SetUint64(n), p).find(t.Context(), func(float64) {})
			if err != nil || got != x {
				t.Errorf("%d! mod %d = %d, want %d; error %v", n, p, got, x, err)
			}
		}
	}
}

// TestFactorialsByTheCheck takes numbers on both sides of the moduli, and of where the check takes another way.
func TestFactorialsByTheCheck(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 9))
	for args, known := range map[string]int{
		"n=450": 3, "n=1001": 3, "n=30000": 3, "n=998244350": 3, "n=1000000007": 2, "n=1000000000000": 2, "n=2305843009213693900": 3, "n=2305843009213693951": 3,
	} {
		f, a := parsed(t, "factorial", args)
		text := documentOf(t, f, a, "facts")
		if err := f.CheckDocument(t.Context(), a, "facts", []byte(text)); err != nil {
			t.Errorf("the check refuses %s: %v", f.Label(a), err)
		}
		facts, err := decodeFacts([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range facts.Residues {
			if r.Value == nil {
				continue
			}
			known--
			wrong := corrupt(rnd, *r.Value)
			facts.Residues[i].Value = &wrong
			encoded, err := facts.encode()
			if err != nil {
				t.Fatal(err)
			}
			if f.CheckDocument(t.Context(), a, "facts", encoded) == nil {
				t.Errorf("seed %d, %s: the check does not see that %s modulo %s is not %s", seed, f.Label(a), *r.Value, r.Modulus, wrong)
			}
			facts.Residues[i].Value = r.Value
		}
		if known != 0 {
			t.Errorf("%s: there are %d residues too few or too many in\n%s", f.Label(a), known, text)
		}
	}
}

// TestChecksOfFactorialsStop ends the context while a product is being made.
func TestChecksOfFactorialsStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, p := range factsModuli {
		w := newWilson(big.NewInt(900_000_000), p)
		if err := checkResidue(ctx, w, knownResidue(p, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("modulo %d: got the error %v, want context.Canceled", p, err)
		}
	}
	if _, err := plainFactorial(ctx, mostPlain, 7); !errors.Is(err, context.Canceled) {
		t.Errorf("one by one: got the error %v, want context.Canceled", err)
	}
}
