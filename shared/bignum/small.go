package bignum

// MulSmall returns x·w, for w below FactorLimit. It does so in the memory of x, which is lost, and takes some nanoseconds for each limb.
func (x Decimal) MulSmall(w uint64) Decimal {
	if w >= FactorLimit {
		panic("bignum: a factor that is not small")
	}
	z := x.limbs
	if carry := multiplyWord(z, z, w, 0); carry > 0 {
		z = append(z, carry)
	}
	return normal(z)
}
