package function

import (
	"math/big"
	"syscall"
	"testing"
)

func cpuTime() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}

func BenchmarkFib(b *testing.B) {
	c := cpuTime()
	for b.Loop() {
		fibonacci(b.Context(), big.NewInt(1000000), silent)
	}
	b.ReportMetric((cpuTime()-c)/float64(b.N)*1e3, "cpu-ms")
}
func BenchmarkFac(b *testing.B) {
	c := cpuTime()
	for b.Loop() {
		factorial(b.Context(), 100000, silent)
	}
	b.ReportMetric((cpuTime()-c)/float64(b.N)*1e3, "cpu-ms")
}
func BenchmarkFac6(b *testing.B) {
	c := cpuTime()
	for b.Loop() {
		factorial(b.Context(), 1000000, silent)
	}
	b.ReportMetric((cpuTime()-c)/float64(b.N)*1e3, "cpu-ms")
}
