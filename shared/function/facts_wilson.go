package function

import (
	"context"
	"math/big"
	"math/bits"
	"strconv"
)

const (
	// mostFactors is how many factors a remainder of n! is found from, at most.
	mostFactors = 1_000_000_000
	// mostPlain is up to how many factors a remainder is checked by multiplying them all.
	mostPlain = 10_000_000

	mersenneBits = 61
	mersenne     = 1<<mersenneBits - 1
)

// wilson is what n! modulo a prime p can be found from. By Wilson's theorem (p−1)! ≡ −1, and so n!·rest! ≡ (−1)^(n+1) for rest = p−1−n,
// as the factors of rest! are the missing ones with the opposite sign.
type wilson struct {
	p       modulus
	beyond  bool   // n ≥ p: the factor p makes n! zero
	n, rest uint64 // if not beyond
}

func newWilson(n *big.Int, p uint64) wilson {
	if n.Cmp(new(big.Int).SetUint64(p)) >= 0 {
		return wilson{p: modulus(p), beyond: true}
	}
	return wilson{p: modulus(p), n: n.Uint64(), rest: p - 1 - n.Uint64()}
}

// factors is how many factors it takes, and known whether they are few enough. Beyond p it takes none.
func (w wilson) factors() uint64 { return min(w.n, w.rest) }

func (w wilson) known() bool { return w.factors() <= mostFactors }

// product returns n!·rest!.
func (w wilson) product() uint64 {
	if w.n%2 == 1 {
		return 1
	}
	return uint64(w.p) - 1
}

// find returns n! modulo p, for a known one, by the shorter of the two products.
func (w wilson) find(ctx context.Context, tell func(share float64)) (uint64, error) {
	if w.beyond {
		return 0, nil
	}
	r, err := factorialModulo(ctx, w.factors(), uint64(w.p), tell)
	if w.rest < w.n {
		inverse := w.p.power(r, new(big.Int).SetUint64(uint64(w.p)-2)) // by Fermat
		r = w.p.mul(w.product(), inverse)
	}
	return r, err
}

// unknown is the residue where it takes too many factors.
func (w wilson) unknown() KnownResidue {
	return KnownResidue{
		Modulus: strconv.FormatUint(uint64(w.p), 10),
		Reason:  "finding it would take a product of more than 1,000,000,000 numbers",
	}
}

// residuesOfFactorial returns n! modulo each of factsModuli.
func residuesOfFactorial(ctx context.Context, n *big.Int, tell func(share float64)) ([]KnownResidue, error) {
	total := 1.0
	for _, p := range factsModuli {
		if w := newWilson(n, p); w.known() {
			total += float64(w.factors())
		}
	}
	var residues []KnownResidue
	done := 0.0
	for _, p := range factsModuli {
		w := newWilson(n, p)
		if !w.known() {
			residues = append(residues, w.unknown())
			continue
		}
		r, err := w.find(ctx, func(share float64) { tell((done + share*float64(w.factors())) / total) })
		if err != nil {
			return nil, err
		}
		residues = append(residues, knownResidue(p, r))
		done += float64(w.factors())
	}
	return residues, nil
}

// checkResidue checks n! modulo p in another way than find. A few factors it multiplies itself; of more it takes the longer of the two products, and
// modulo 2^61−1, where that is too long, it again multiplies all by itself.
func checkResidue(ctx context.Context, w wilson, r KnownResidue) error {
	claim := number(r.Value)
	switch {
	case !w.known():
		if r != w.unknown() {
			return errResidue(uint64(w.p))
		}
		return nil
	case claim == nil || claim.Cmp(new(big.Int).SetUint64(uint64(w.p))) >= 0 || w.beyond && claim.Sign() != 0:
		return errResidue(uint64(w.p))
	case w.beyond:
		return nil
	}
	longer := false
	var other uint64
	var err error
	switch {
	case w.p == mersenne:
		other, err = mersenneFactorial(ctx, w.factors())
	case w.factors() <= mostPlain:
		other, err = plainFactorial(ctx, w.factors(), w.p)
	default:
		longer = true
		other, err = factorialModulo(ctx, max(w.n, w.rest), uint64(w.p), func(float64) {})
	}
	if err != nil {
		return err
	}
	// other is n! itself or rest!.
	if itself := (w.n <= w.rest) != longer; itself && claim.Uint64() != other || !itself && w.p.mul(claim.Uint64(), other) != w.product() {
		return errResidue(uint64(w.p))
	}
	return nil
}

// chunk is how many factors are multiplied between two looks at the context: some milliseconds.
const chunk = 1 << 20

// plainFactorial returns n! modulo p.
func plainFactorial(ctx context.Context, n uint64, p modulus) (uint64, error) {
	r := uint64(1)
	for i := uint64(1); i <= n; i++ {
		if i%chunk == 0 && ctx.Err() != nil {
			break
		}
		r = p.mul(r, i)
	}
	return r, ctx.Err()
}

// mersenneFactorial returns n! modulo 2^61−1, for n < 2^30. It multiplies all factors, in pairs. 2^61 is 1 there.
func mersenneFactorial(ctx context.Context, n uint64) (uint64, error) {
	fold := func(x, y uint64) uint64 {
		hi, lo := bits.Mul64(x, y) // less than 2^122
		z := lo&mersenne + (hi<<(64-mersenneBits) | lo>>mersenneBits)
		return z&mersenne + z>>mersenneBits // at most 2^61
	}
	a, b, i := uint64(1), uint64(1), uint64(1)
	for i+3 <= n {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for end := min(i+chunk, n-2); i < end; i += 4 {
			a, b = fold(a, i*(i+1)), fold(b, (i+2)*(i+3))
		}
	}
	for ; i <= n; i++ {
		a = fold(a, i)
	}
	return fold(a, b) % mersenne, ctx.Err()
}
