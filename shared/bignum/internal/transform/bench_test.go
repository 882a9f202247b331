package transform

import (
	"fmt"
	"testing"
)

// BenchmarkMultiply compares the kernels, and tells what a unit of work takes: it should be about the same at all lengths.
func BenchmarkMultiply(b *testing.B) {
	for _, m := range all(Longest) {
		for _, limbs := range []int{200, 3 << 11, 1 << 15, 5 << 15, 3 << 19} {
			for _, square := range []bool{false, true} {
				name := fmt.Sprintf("%s/limbs=%d/square=%t", m.Kernels(), limbs, square)
				b.Run(name, func(b *testing.B) {
					x, y, z := make([]uint64, limbs/2), make([]uint64, limbs/2), make([]uint64, limbs)
					for i := range x {
						x[i], y[i] = uint64(i+1)*0x9e3779b97f4a7c15%Base, uint64(i+7)*0xc2b2ae3d27d4eb4f%Base
					}
					if square {
						y = x
					}
					for b.Loop() {
						if err := m.Multiply(&Run{Context: b.Context(), Threads: 1}, z, x, y); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/Work(limbs, square), "ns/unit")
				})
			}
		}
	}
}
