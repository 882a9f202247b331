// Command asm writes the kernels in assembly: see the directive in ../kernel_amd64.go.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	for _, isa = range []target{avx2, avx512} {
		pass4("Forward4", true)
		pass4("Inverse4", false)
		pass2("Forward2", true)
		pass2("Inverse2", false)
		forwardTail()
		inverseTail()
		elementwiseKernels()
		tops()
		digits()
	}
	Generate()
}
