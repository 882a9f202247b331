package bignum

import (
	"fmt"
	"testing"

	"numbermill/shared/bignum/internal/transform"
)

// BenchmarkLimits shows where the methods of multiplication meet.
func BenchmarkLimits(b *testing.B) {
	for _, portable := range []bool{false, true} {
		for _, n := range []int{32, 48, 64, 96, 128, 192, 256, 384} {
			for _, method := range []struct {
				name   string
				limits limits
			}{
				{"words", limits{columnMost, columnMost + 1, transform.Longest}},
				{"karatsuba", limits{48, 1 << 30, transform.Longest}},
				{"transform", limits{1, 1, transform.Longest}},
			} {
				if n > columnMost && method.name == "words" {
					continue
				}
				e := newEngine(Config{Portable: portable}, method.limits)
				b.Run(fmt.Sprintf("%s/%d/%s", e.Kernels(), n, method.name), func(b *testing.B) {
					x, z := make([]uint64, n), make([]uint64, 2*n)
					for i := range x {
						x[i] = uint64(i+1) * 0x9e3779b97f4a7c15 % base
					}
					y := append([]uint64{1}, x[1:]...)
					for b.Loop() {
						if err := e.multiply(alone(b.Context()), z, x, y); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
