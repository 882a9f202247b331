package tower

import "math/big"

// field computes with 5-adic integers, modulo a power of 5 that is half as large again as what is wanted: the series lose a part of their digits when they
// divide by 5.
type field struct {
	digits  int
	modulus *big.Int
}

func newField(digits int) field {
	// exp divides by n!, which has the factor 5 less than n/4 times, and begins with a number that has it once: of n = 4/3·digits terms
	// a third of digits is lost. log loses a few digits only.
	digits += digits/2 + 8
	return field{digits, power(5, digits)}
}

func (f field) mul(x, y *big.Int) *big.Int {
	z := new(big.Int).Mul(x, y)
	return z.Mod(z, f.modulus)
}

// over returns x/n, where x has all factors of 5 that n has. Each of them makes the highest digit of it unknown.
func (f field) over(x *big.Int, n int64) *big.Int {
	x = new(big.Int).Set(x)
	for ; n%5 == 0; n /= 5 {
		x.Quo(x, big.NewInt(5))
	}
	// x + modulus·k is divisible by n for one k below n.
	rest := new(big.Int).Mod(f.modulus, big.NewInt(n))
	k := rest.ModInverse(rest, big.NewInt(n))
	if k == nil { // n = 1
		return x
	}
	k.Mul(k, new(big.Int).Neg(x)).Mod(k, big.NewInt(n))
	return x.Quo(x.Add(x, k.Mul(k, f.modulus)), big.NewInt(n))
}

// log16over4 returns log(1 + 15)/4 = (15 − 15²/2 + 15³/3 − …)/4.
func (f field) log16over4() *big.Int {
	sum, power := new(big.Int), big.NewInt(1)
	for n := int64(1); n < int64(f.digits)+8; n++ { // 15^n/n has the factor 5 more than n−8 times, as n < 5^8.
		power = f.mul(power, big.NewInt(15))
		if n%2 == 1 {
			sum.Add(sum, f.over(power, n))
		} else {
			sum.Sub(sum, f.over(power, n))
		}
	}
	return f.over(sum.Mod(sum, f.modulus), 4)
}

// exp returns e^z = 1 + z + z²/2 + z³/6 + …, where 5 divides z.
func (f field) exp(z *big.Int) *big.Int {
	sum, term := big.NewInt(1), big.NewInt(1)
	for n := int64(1); ; n++ {
		if term = f.over(f.mul(term, z), n); term.Sign() == 0 {
			return sum.Mod(sum, f.modulus)
		}
		sum.Add(sum, term)
	}
}
