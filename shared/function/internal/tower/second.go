package tower

import (
	"context"
	"math/big"
	"math/bits"
)

// Ends reports whether the tower of that height ends in those digits, x of them: x < 10^digits and digits ≥ 2.
//
// From height digits+2 on x is, modulo 2^digits and 5^digits, the only number with 4 | x and 2^x ≡ x: if 2^y ≡ y as well, and x−y had the
// factor 5 exactly d < digits times, 2^x − 2^y would have it d+1 times. So one power decides.
func Ends(ctx context.Context, height, digits int, x *big.Int) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	two, five := power(2, digits), power(5, digits)
	if new(big.Int).Mod(x, two).Cmp(modulo2(height, digits)) != 0 {
		return false, nil
	}
	end := new(big.Int).Mod(x, five)
	if height >= digits+2 {
		return end.Cmp(new(big.Int).Exp(big.NewInt(2), x, five)) == 0, nil
	}
	want, err := descend(ctx, height, digits)
	return err == nil && end.Cmp(want) == 0, err
}

// descend returns the tower modulo 5^digits. 2^x modulo 5^k depends on x modulo 4·5^(k−1) only (Euler). So it takes the tower below, modulo 5^(k−1) and
// modulo 4, and before that the one below that.
func descend(ctx context.Context, height, digits int) (*big.Int, error) {
	modulus, x := power(5, 0), new(big.Int)
	h := height - digits // Modulo 5^0 any tower is 0.
	if h < 0 {
		h = 0 // 2↑↑0 is 1, modulo whatever it is needed.
		modulus, x = power(5, digits-height), big.NewInt(1)
	}
	for ; h < height; h++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// 5^k is 1 modulo 4, so adding it once more makes the remainder modulo 4 greater by one, and that modulo 5^k stays.
		exponent := new(big.Int).Sub(new(big.Int).SetUint64(modulo4(h)), x)
		exponent.Mod(exponent, big.NewInt(4))
		exponent.Mul(exponent, modulus).Add(exponent, x)
		modulus = new(big.Int).Mul(modulus, big.NewInt(5))
		x = new(big.Int).Exp(big.NewInt(2), exponent, modulus)
	}
	return x, nil
}

// modulo4 returns the remainder of the tower modulo 4.
func modulo4(height int) uint64 {
	if height < len(low) {
		return low[height] % 4
	}
	return 0
}

// SharedWithNext returns how many of its last digits, at most as many as given, a tower of height 3 or more ends in as well as the next taller one. x
// is the tower modulo 10^digits. It looks for factors of 5 in the difference, which has those of 2 more often.
func SharedWithNext(x *big.Int, digits int) int {
	five := power(5, digits)
	difference := new(big.Int).Exp(big.NewInt(2), x, five)
	difference.Mod(difference.Sub(difference, x), five)
	for shared := range digits {
		if difference.Sign() == 0 {
			return digits
		}
		var r big.Int
		if difference.QuoRem(difference, big.NewInt(5), &r); r.Sign() != 0 {
			return shared
		}
	}
	return digits
}

// SecondResidue returns what Residue does. It splits m = 2^s·q, the tower being 0 modulo 2^s, and goes down the tower modulo Carmichael's λ(q).
func SecondResidue(height int, m uint64) uint64 {
	if height < len(low) {
		return low[height] % m
	}
	s := bits.TrailingZeros64(m)
	q := m >> s
	x := uint64(1) % q
	if q > 1 {
		modulus := new(big.Int).SetUint64(q)
		exponent := new(big.Int).SetUint64(SecondResidue(height-1, carmichael(q)))
		x = exponent.Exp(big.NewInt(2), exponent, modulus).Uint64()
	}
	// x + q·k ≡ 0 modulo 2^s, where only the lowest s bits count.
	k := -x * inverse(q) & (1<<s - 1)
	return x + q*k
}

// inverse returns 1/q modulo 2^64, for an odd q, by Newton's method: each step doubles the number of right bits, of which q itself has three.
func inverse(q uint64) uint64 {
	x := q
	for range 5 {
		x *= 2 - q*x
	}
	return x
}

// carmichael returns a period of all powers modulo an odd q: the least common multiple of (p−1)·p^(k−1) over the prime powers of q.
func carmichael(q uint64) uint64 {
	period := uint64(1)
	for _, p := range primeFactors(q) {
		part := p - 1
		for rest := q / p; rest%p == 0; rest /= p {
			part *= p
		}
		x, y := period, part
		for y != 0 {
			x, y = y, x%y
		}
		period = period / x * part
	}
	return period
}
