package transform

// kernels are the inner loops. Lengths, strides and columns are multiples of kernelStep. None is given more than maxKernel values at a time, since Go
// cannot preempt assembly.
type kernels struct {
	name string

	fill  func(dst []float64, src []uint64, c *prime)   // dst[i] = src[i], below 10^18
	scale func(dst, src []float64, w float64, c *prime) // dst = w·src, from −p/2 to p/2

	// The first pass of a transform of length r·stride, on the first columns of x, and its inverse: see portable_top.go.
	top3, top4, top5          func(x []float64, stride, cols int, c *prime)
	bottom3, bottom4, bottom5 func(x []float64, stride, cols int, c *prime)

	// Two levels at once on consecutive blocks of 4q values, the first of which has the index b, and their inverse.
	forward4 func(x []float64, q, cols, blocks int, w []float64, b int, c *prime)
	inverse4 func(x []float64, q, cols, blocks int, w []float64, m mirror, c *prime)
	// One level on blocks of 32 values, and its inverse.
	forward2 func(x, w []float64, b int, c *prime)
	inverse2 func(x, w []float64, m mirror, c *prime)
	// The last four levels, on blocks of 16 values, and their inverse. The order of the outcome is their own.
	forwardTail func(x, w []float64, b int, c *prime)
	inverseTail func(x, w []float64, m4, m16 mirror, c *prime)

	multiply func(x, y []float64, c *prime) // x = x·y
	square   func(x []float64, c *prime)    // x = x²
	// The limbs z of the coefficients whose residues, but for a factor, are x: see recombination.limbs. x is as long as z or longer, and destroyed.
	limbs func(z []uint64, x [primeCount][]float64, c *recombination, before carry) carry
}

// kernelStep is how many values the largest step of a kernel takes.
const kernelStep = 16

// maxKernel is how many values one call of a kernel may take: some 30 µs of work.
const maxKernel = 1 << 14

// best returns the fastest kernels that this machine can run.
func best() *kernels {
	if all := assemblies(); len(all) > 0 {
		return all[0]
	}
	return &portable
}
