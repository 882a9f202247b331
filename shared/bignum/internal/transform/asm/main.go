// Command asm writes the AVX2 kernels: see the directive in ../kernel_amd64.go.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	pass4("avx2Forward4", true)
	pass4("avx2Inverse4", false)
	pass2("avx2Forward2", true)
	pass2("avx2Inverse2", false)
	forwardTail()
	inverseTail()
	elementwiseKernels()
	tops()
	Generate()
}
