package transform

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
)

func cpuTime() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Sec) + float64(r.Utime.Usec)/1e6
}

func BenchmarkMultiply(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{64, 128, 256, 1024, 4096, 12288, 65536, 1 << 18, 5 << 18, 1 << 22} {
		for _, m := range []*Multiplier{New(false), New(true)} {
			for _, sq := range []bool{true, false} {
				b.Run(fmt.Sprintf("%s/n=%d/sq=%v", m.Kernels(), n, sq), func(b *testing.B) {
					x, y, z := random(r, n/2), random(r, n/2), make([]uint64, n)
					if sq {
						y = x
					}
					run := &Run{Context: b.Context(), Threads: 1}
					m.Multiply(run, z, x, y)
					c := cpuTime()
					for b.Loop() {
						m.Multiply(run, z, x, y)
					}
					c = cpuTime() - c
					b.ReportMetric(c/float64(b.N)*1e9/float64(n), "cpu-ns/limb")
				})
			}
		}
	}
}
