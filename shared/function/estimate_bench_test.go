package function_test

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"numbermill/shared/cputime"
	"numbermill/shared/function"
	"numbermill/shared/verify"
)

// BenchmarkEstimate reports what computing, writing out and checking take, as a multiple of the estimate for this machine: the median of
// processor time and of elapsed time.
func BenchmarkEstimate(b *testing.B) {
	threads := runtime.GOMAXPROCS(0)
	machine, err := function.Calibrate(b.Context(), threads)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%+v", machine)
	for _, f := range function.All() {
		for _, method := range []string{function.DefaultMethod, "recursive"} {
			for _, millis := range []int64{3, 30, 300, 3000} {
				example, err := f.ParseText(f.Examples[len(f.Examples)-1].Args)
				if err != nil {
					b.Fatal(err)
				}
				a, ok := f.LargestAdmissibleOn(machine, example, method, function.Limits{CostMillis: millis, Digits: 1e9})
				if !ok {
					b.Fatal("nothing is admissible")
				}
				b.Run(f.Label(a)+"/"+method, func(b *testing.B) { compareEstimate(b, f, a, method, machine, threads) })
			}
		}
	}
}

func compareEstimate(b *testing.B, f *function.Function, a function.Args, method string, machine function.Machine, threads int) {
	b.Helper()
	e := f.EstimateOn(machine, a, method, threads)
	var cpu, wall []float64
	for b.Loop() {
		start, used := time.Now(), cputime.Process()
		result, err := f.Compute(b.Context(), a, method, function.Options{Threads: threads})
		if err != nil {
			b.Fatal(err)
		}
		digest, err := verify.NewDigest()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := result.WriteText(b.Context(), digest, nil); err != nil {
			b.Fatal(err)
		}
		if _, err := digest.Check(b.Context(), f, a, method); err != nil {
			b.Fatal(err)
		}
		cpu = append(cpu, float64(cputime.Process()-used)/1e6/float64(max(e.CostMillis, 1)))
		wall = append(wall, time.Since(start).Seconds()/math.Sqrt(e.Seconds[0]*e.Seconds[1]))
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	b.ReportMetric(cpu[len(cpu)/2], "cpu/estimate")
	b.ReportMetric(wall[len(wall)/2], "wall/estimate")
}
