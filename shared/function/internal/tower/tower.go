// Package tower finds remainders of towers of twos, 2↑↑1 = 2, 2↑↑2 = 2^2, 2↑↑3 = 2^2^2 and so on, which from 2↑↑6 on nobody can write down.
// Each question has two answers by different recursions, which check each other.
package tower

import (
	"context"
	"math"
	"math/big"
)

// low are the towers of height 0 to 4.
var low = []uint64{1, 2, 4, 16, 65536}

// Stable returns how many of its last digits the tower of that height, 3 at least, shares with every taller one.
//
// Two towers 2^a and 2^b, a > b, differ by 2^b·(2^(a−b) − 1). If 4 divides a−b, 5 divides 2^(a−b) − 1 once more often than a−b ("lifting the exponent",
// since 2^4 − 1 = 15). 2↑↑4 − 2↑↑3 = 65520 has the factor 5 once. So it stands once in 2↑↑(h+1) − 2↑↑h for h = 3, twice for h = 4, and h−2 times for
// any h. The factor 2 stands there 2↑↑(h−1) times, which is more. Differences of taller towers have both more often, and so the sum of them,
// which is what separates 2↑↑h from any taller tower, ends in h−2 zeros.
func Stable(height int) int { return height - 2 }

// Last returns the last digits of the tower of that height: 2↑↑height mod 10^digits. It reports the share done.
//
// digits + 2 is the height from which they stay the same, by Stable.
func Last(ctx context.Context, height, digits int, tell func(share float64)) (*big.Int, error) {
	height = min(height, digits+2)
	x, err := climb(ctx, height, digits, tell)
	if err != nil {
		return nil, err
	}
	return combine(x, power(5, digits), modulo2(height, digits), power(2, digits)), nil
}

// climb returns the tower modulo 5^digits, from 2↑↑4 up. For x divisible by 4, 2^x = 16^(x/4) = exp(x·l) with l = log(16)/4, both series of 5-adic
// numbers, since 16 = 1 + 15 (Koblitz, p-adic Numbers, IV.1). So 2↑↑(h+1) = 2^(2↑↑h) = 2↑↑h · exp(l·(2↑↑h − 2↑↑(h−1))), and the difference, by
// Stable, has the factor 5 as often as h−3 times: the series gets shorter from step to step.
func climb(ctx context.Context, height, digits int, tell func(share float64)) (*big.Int, error) {
	if height < len(low) {
		return new(big.Int).Mod(new(big.Int).SetUint64(low[height]), power(5, digits)), nil
	}
	f := newField(digits)
	l := f.log16over4()
	below := new(big.Int).SetUint64(low[4])
	x := f.exp(f.mul(l, below))
	for h := 5; h < height; h++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell(math.Log(float64(h)) / math.Log(float64(height)))
		step := f.exp(f.mul(l, new(big.Int).Sub(x, below)))
		x, below = f.mul(x, step), x
	}
	return x.Mod(x, power(5, digits)), nil
}

// modulo2 returns the tower modulo 2^k, for k < 65536: 2↑↑5 = 2^65536 and all above have that factor.
func modulo2(height, k int) *big.Int {
	if height < len(low) {
		return new(big.Int).Mod(new(big.Int).SetUint64(low[height]), power(2, k))
	}
	return new(big.Int)
}

// combine returns the number below m·n that is x modulo m and y modulo n, where m and n have no factor in common: x + m·((y − x)/m mod n).
func combine(x, m, y, n *big.Int) *big.Int {
	z := new(big.Int).Sub(y, x)
	z.Mul(z, new(big.Int).ModInverse(new(big.Int).Mod(m, n), n)).Mod(z, n)
	return z.Mul(z, m).Add(z, x)
}

// Residue returns the remainder of the tower modulo m ≥ 1.
//
// 2^x ≡ 2^(x mod φ + φ) modulo m with Euler's φ of m, whatever the common factors of m and 2, if x ≥ log2 m: from there on the powers of two repeat with a
// period that divides φ.
func Residue(height int, m uint64) uint64 {
	if height < len(low) {
		return low[height] % m
	}
	if m == 1 {
		return 0
	}
	// The tower below is at least 65536 > 64 ≥ log2 m.
	phi := totient(m)
	exponent := new(big.Int).SetUint64(phi)
	exponent.Add(exponent, new(big.Int).SetUint64(Residue(height-1, phi)))
	return exponent.Exp(big.NewInt(2), exponent, new(big.Int).SetUint64(m)).Uint64()
}

// totient returns how many numbers up to m have no factor in common with it.
func totient(m uint64) uint64 {
	phi := m
	for _, p := range primeFactors(m) {
		phi = phi / p * (p - 1)
	}
	return phi
}

// primeFactors returns the different prime factors of m. It divides by all numbers up to the second largest of them.
func primeFactors(m uint64) []uint64 {
	var primes []uint64
	for p := uint64(2); m > 1; p++ {
		// ProbablyPrime is sure below 2^64.
		if new(big.Int).SetUint64(m).ProbablyPrime(0) {
			return append(primes, m)
		}
		for m%p != 0 {
			p++
		}
		primes = append(primes, p)
		for m%p == 0 {
			m /= p
		}
	}
	return primes
}

func power(base int64, k int) *big.Int {
	return new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(k)), nil)
}
