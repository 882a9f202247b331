package transform

// Work is counted in units of one value taken through one level of a transform modulo one prime.
const (
	fillWork  = 3.0  // reading a limb and the first pass
	carryWork = 30.0 // the last pass modulo all primes, and the carries
	tableWork = 24.0 // making a twiddle, in memory that is touched for the first time
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

// longWork returns the units of work of count pieces of that size by a short factor.
func longWork(size, count, short int) float64 {
	n := fit(size + short - 1)
	points := float64(n.points())
	each := primeCount*(blockWork(n, prepared)+fillWork*points) + carryWork*points
	return float64(count)*each + primeCount*points*(float64(n.log)+fillWork)
}

// ProductWork returns the units of work of a product of x by y limbs, as Multiply or MultiplyLong do it.
func ProductWork(x, y int) float64 {
	if x < y {
		x, y = y, x
	}
	if !Long(x, y) {
		return Work(x+y, false)
	}
	count := pieces(x, y, Longest)
	return longWork((x+count-1)/count, count, y)
}

// Long reports whether factors of so many limbs are for MultiplyLong.
func Long(x, y int) bool { return x >= 4*y }

// TableWork returns the units of work of the tables for products of so many limbs, which are made when they are first needed.
func TableWork(limbs int) float64 {
	return tableWork * float64(primeCount*tableLength(fit(limbs-1).points()))
}

// Reserve sees to it that the next products of so many limbs find their memory: what is done with shorter ones before takes none of its own. It
// is used page by page, so that it costs nothing until then.
func (m *Multiplier) Reserve(limbs int, square bool, threads int) {
	n := fit(limbs - 1)
	m.memory.give(m.memory.take(operands(limbs, square, threads) * n.points()))
	m.tables.reserve(n, m.memory)
}

// Memory returns how many bytes a product of so many limbs takes besides operands and result: scratch memory and tables. It never falls as
// they grow.
func Memory(limbs int, square bool, threads int) int64 {
	n := fit(limbs - 1).points()
	scratch := operands(limbs, square, threads) * n
	if !square && threads > 1 && n > together {
		scratch = max(scratch, 2*primeCount*together)
	}
	table := fullLength(n)
	if full := tableLength(n); table < full {
		table += full / 4 // of which the rest is never touched
	}
	return 8 * int64(scratch+primeCount*table)
}
