package padic

import (
	"context"
	"math/big"
)

// SecondZeros returns what Zeros does, as (n − s)/4 with s the sum of the digits of n to the base 5.
func SecondZeros(n *big.Int) *big.Int {
	sum := int64(0)
	for _, digit := range n.Text(5) {
		sum += int64(digit - '0')
	}
	zeros := new(big.Int).Sub(n, big.NewInt(sum))
	return zeros.Quo(zeros, big.NewInt(4))
}

// SecondUnit returns what Unit does, by 5-adic logarithms.
//
// A number a that 5 does not divide is ω(a)·exp(log a): ω(a) is the fourth root of 1 that is a modulo 5, and log a = log(a⁴)/4, in which a⁴ is 1 modulo 5
// (Koblitz, p-adic Numbers, IV.1). Of P(x), the product of such numbers up to x, the logarithm is the sum over r from 1 to 4 and all i with 5i + r ≤ x of
// log(5i + r) = log r + log(1 + 5i/r) = log r + 5i/r − (5i/r)²/2 + (5i/r)³/3 − …, which takes the sums of the powers of i. And modulo 5, P(x) is
// (4!)^⌊x/5⌋·(x mod 5)!, with 4! ≡ −1.
func SecondUnit(ctx context.Context, n *big.Int) (uint64, error) {
	var sums [5][powers + 1]*big.Int // for each r, of the m-th powers of all i of all P(⌊n/5^j⌋)
	for r := range sums {
		for m := range sums[r] {
			sums[r][m] = new(big.Int)
		}
	}
	residue := int64(1) // of the whole product modulo 5
	factorials := []int64{1, 1, 2, 1, 4}
	q, last := new(big.Int).Set(n), new(big.Int)
	for x := new(big.Int).Set(n); x.Sign() > 0; x.Set(q) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		q.QuoRem(x, big.NewInt(5), last)
		residue = residue * factorials[last.Int64()] % 5
		if q.Bit(0) == 1 {
			residue = residue * 4 % 5
		}
		// i goes from 0 to ⌊x/5⌋ − 1, and for r up to x mod 5 one further.
		whole, next := powerSums(q), powersOf(q)
		for r := int64(1); r < 5; r++ {
			for m, sum := range whole {
				sums[r][m].Add(sums[r][m], sum)
				if r <= last.Int64() {
					sums[r][m].Add(sums[r][m], next[m])
				}
			}
		}
	}
	log := new(big.Int)
	for r := int64(1); r < 5; r++ {
		log.Add(log, new(big.Int).Mul(logarithm(r), sums[r][0]))
		for m := 1; m <= powers; m++ {
			sign := int64(2*(m%2) - 1)
			top := new(big.Int).Mul(power(big.NewInt(5), m), sums[r][m])
			bottom := new(big.Int).Mul(power(big.NewInt(r), m), big.NewInt(sign*int64(m)))
			log.Add(log, over(top, bottom))
		}
	}
	root := new(big.Int).Exp(big.NewInt(residue), big.NewInt(modulus/5), wide)
	root.Mul(root, exponential(log)).Mod(root, big.NewInt(modulus))
	return root.Uint64(), nil
}

// powers is up to which power of i the series goes: 5^m/m is 0 modulo 5^Digits for all m > 20.
const powers = 20

// wide is the modulus of these computations, with a few more factors of 5 than the result, as those in m and m! are lost.
var wide = power(big.NewInt(5), Digits+12)

// powerSums returns the sums of i^m for i from 0 to q−1 and m from 0 to powers. i^m is the sum over j of S(m,j)·i·(i−1)·…·(i−j+1) with the Stirling numbers of the
// second kind S, and the sum of that over i is S(m,j)·q·(q−1)·…·(q−j)/(j+1).
func powerSums(q *big.Int) [powers + 1]*big.Int {
	// Modulo 5^k, which the sums are needed to, q counts modulo 5^(k+1): 5^(k+1) numbers in a row have a sum of powers that 5^k divides.
	q = new(big.Int).Mod(q, new(big.Int).Mul(wide, big.NewInt(5)))
	var sums [powers + 1]*big.Int
	for m := range sums {
		sums[m] = new(big.Int)
	}
	falling := big.NewInt(1)
	for j := range int64(powers + 1) {
		falling.Mul(falling, new(big.Int).Sub(q, big.NewInt(j)))
		column := new(big.Int).Quo(falling, big.NewInt(j+1))
		for m := j; m <= powers; m++ {
			sums[m].Add(sums[m], new(big.Int).Mul(column, stirling[m][j]))
		}
	}
	for m := range sums {
		sums[m].Mod(sums[m], wide)
	}
	return sums
}

// powersOf returns q^m modulo wide for m from 0 to powers.
func powersOf(q *big.Int) [powers + 1]*big.Int {
	var all [powers + 1]*big.Int
	all[0] = big.NewInt(1)
	for m := 1; m <= powers; m++ {
		all[m] = new(big.Int).Mul(all[m-1], q)
		all[m].Mod(all[m], wide)
	}
	return all
}

// stirling holds the Stirling numbers of the second kind: S(m,j) = S(m−1,j−1) + j·S(m−1,j).
var stirling = func() (s [powers + 1][powers + 1]*big.Int) {
	for m := range s {
		for j := range s[m] {
			s[m][j] = new(big.Int)
			switch {
			case m == 0 && j == 0:
				s[m][j].SetInt64(1)
			case m > 0 && j > 0:
				s[m][j].Mul(s[m-1][j], big.NewInt(int64(j))).Add(s[m][j], s[m-1][j-1])
			}
		}
	}
	return s
}()

// logarithm returns log r = log(r⁴)/4 for r from 1 to 4.
func logarithm(r int64) *big.Int {
	y := big.NewInt(r*r*r*r - 1)
	log := new(big.Int)
	const terms = 50 // 5^k/k
	for k := 1; k < terms; k++ {
		log.Add(log, over(power(y, k), big.NewInt(int64(k*(2*(k%2)-1)))))
	}
	return over(log, big.NewInt(4))
}

// exponential returns exp(x) = 1 + x + x²/2 + x³/6 + …, for a multiple x of 5.
func exponential(x *big.Int) *big.Int {
	x = new(big.Int).Mod(x, wide)
	sum, factorial := big.NewInt(1), big.NewInt(1)
	const terms = 60 // k! has the factor 5 less than k/4 times.
	for k := 1; k < terms; k++ {
		factorial.Mul(factorial, big.NewInt(int64(k)))
		sum.Add(sum, over(power(x, k), factorial))
	}
	return sum.Mod(sum, wide)
}

// over returns x/y modulo wide, where x has all factors of 5 that y has.
func over(x, y *big.Int) *big.Int {
	x, y = new(big.Int).Set(x), new(big.Int).Set(y)
	five, rest := big.NewInt(5), new(big.Int)
	for {
		q := new(big.Int)
		if q.QuoRem(y, five, rest); rest.Sign() != 0 {
			break
		}
		y.Set(q)
		x.Quo(x, five)
	}
	y.ModInverse(y.Mod(y, wide), wide)
	return x.Mod(x.Mul(x, y), wide)
}

// power returns x^k.
func power(x *big.Int, k int) *big.Int { return new(big.Int).Exp(x, big.NewInt(int64(k)), nil) }
