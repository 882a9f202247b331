package transform

// Work is counted in units of one value taken through one level of a transform modulo one prime.
const (
	fillWork  = 3.0  // reading a limb and the first pass
	carryWork = 30.0 // the last pass modulo all primes, and the carries
)

// blockWork is the work in the blocks of a product modulo one prime.
func blockWork(n length, kind operand) float64 {
	transforms := 3.0
	if kind != raw {
		transforms = 2
	}
	return transforms * float64(n.log) * float64(n.points())
}

// Work returns the units of work of a product of as many limbs.
func Work(limbs int, square bool) float64 {
	n := fit(limbs - 1)
	kind, operands := raw, 2.0
	if square {
		kind, operands = itself, 1
	}
	return primeCount*(blockWork(n, kind)+operands*fillWork*float64(n.points())) + carryWork*float64(n.points())
}
