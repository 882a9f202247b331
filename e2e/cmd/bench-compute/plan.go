package main

import (
	"fmt"
	"strconv"
)

// task is a number to compute: a function of the catalogue and its argument. Ackermann's m is always 3.
type task struct {
	function string
	n        int64
}

func fibonacci(n int64) task { return task{"fibonacci", n} }
func sum(n int64) task       { return task{"fibonacci-sum", n} }
func factorial(n int64) task { return task{"factorial", n} }
func ackermann(n int64) task { return task{"ackermann", n} }

// startUp is what a process costs before it has anything to do.
func (t task) startUp() task { return task{t.function, 1} }

func (t task) String() string {
	n := powerOfTen(t.n)
	switch t.function {
	case "fibonacci":
		return "F(" + n + ")"
	case "fibonacci-sum":
		return "S(" + n + ")"
	case "factorial":
		return n + "!"
	}
	return "A(3," + n + ")"
}

// powerOfTen writes a round number as people say it, such as 3·10^8, and any other with its digits.
func powerOfTen(n int64) string {
	factor, exponent := n, 0
	for factor >= 10 && factor%10 == 0 {
		factor, exponent = factor/10, exponent+1
	}
	switch {
	case exponent < 3 || factor > 9:
		return strconv.FormatInt(n, 10)
	case factor == 1:
		return fmt.Sprintf("10^%d", exponent)
	}
	return fmt.Sprintf("%d·10^%d", factor, exponent)
}

// known holds how the SHA-256 of digits begins that other programs gave once, mostly of numbers where no peer is waited for.
var known = map[task]string{
	fibonacci(1_000_000):     "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706",
	fibonacci(100_000_000):   "098ac40fa4f909c1",
	fibonacci(300_000_000):   "37e077f0d1928609321e36b1b38bf6c4f8300713581210430376ce50a45e0a92",
	fibonacci(1_000_000_000): "ee790ff513e4d66c",
	factorial(10_000_000):    "826efc38f8560726",
	factorial(100_000_000):   "697b5a877a28e77715734f25717ed01f71edac6780b5d21a53432c171836e24c",
	ackermann(1_000_000_000): "eb349a8e6a579b1e",
}

// row is a task and how often each engine runs it, by the engine's id.
type row struct {
	task   task
	runs   map[string]int
	memory int64 // bytes that must be free for it
}

// goal is a comparison with gmpy2 that the page shows at its top.
type goal struct {
	task    task
	engine  string // which of ours
	measure measure
	atMost  float64 // of the ratio, or of the bytes for memory; 0 where there is no bound
}

// measure is what is compared.
type measure int

const (
	cpuTime measure = iota
	wallTime
	peakMemory
)

func (m measure) String() string { return [...]string{"CPU", "wall", "peak memory"}[m] }

// plan is what one run of the benchmark does.
type plan struct {
	rows  []row
	goals []goal
}

// every gives each of the engines as many runs.
func every(runs int, ids ...string) map[string]int {
	m := make(map[string]int)
	for _, id := range ids {
		m[id] = runs
	}
	return m
}

// with adds engines that take fewer runs, because they are slow.
func with(m map[string]int, runs int, ids ...string) map[string]int {
	for _, id := range ids {
		m[id] = runs
	}
	return m
}

const gigabyte = 1_000_000_000

// fullPlan is for the page in docs: about a quarter of an hour.
func fullPlan() plan {
	return plan{
		rows: []row{
			{task: fibonacci(1_000_000), runs: with(every(21, ours, ours2, portable, gmpy2, pari, mathBig), 3, python)},
			{task: fibonacci(10_000_000), runs: every(11, ours, ours2, portable, gmpy2, pari, mathBig)},
			{task: fibonacci(100_000_000), runs: with(every(7, ours, ours2, gmpy2, pari), 1, mathBig)},
			{task: sum(10_000_000), runs: every(7, ours, ours2, gmpy2, pari, mathBig)},
			{task: factorial(1_000_000), runs: with(every(9, ours, ours2, portable, gmpy2, pari), 3, mathBig)},
			{task: factorial(10_000_000), runs: every(5, ours, ours2, portable, gmpy2, pari)},
			{task: ackermann(100_000_000), runs: every(3, ours, ours2, gmpy2, pari)},
			{task: fibonacci(300_000_000), runs: every(5, ours, ours2), memory: gigabyte},
			{task: fibonacci(1_000_000_000), runs: every(5, ours, ours2), memory: 2 * gigabyte},
			{task: ackermann(1_000_000_000), runs: every(1, ours2), memory: 2 * gigabyte},
			{task: factorial(100_000_000), runs: every(1, ours2), memory: 6 * gigabyte},
		},
		goals: []goal{
			{fibonacci(1_000_000), ours, cpuTime, 0.40},
			{fibonacci(10_000_000), ours, cpuTime, 0.20},
			{fibonacci(100_000_000), ours2, wallTime, 0.10},
			{factorial(1_000_000), ours, cpuTime, 0.36},
			{factorial(10_000_000), ours2, wallTime, 0.13},
			{factorial(10_000_000), ours2, peakMemory, 450e6},
			{sum(10_000_000), ours, cpuTime, 0},
			{ackermann(100_000_000), ours2, wallTime, 0},
			{fibonacci(1_000_000), portable, cpuTime, 1},
			{fibonacci(10_000_000), portable, cpuTime, 1},
			{factorial(1_000_000), portable, cpuTime, 1},
			{factorial(10_000_000), portable, cpuTime, 1},
		},
	}
}

// quickPlan is for a look: well below a minute.
func quickPlan() plan {
	all := func(runs, slow int) map[string]int {
		return with(every(runs, ours, ours2, portable, gmpy2, pari, mathBig), slow, python)
	}
	return plan{
		rows: []row{
			{task: fibonacci(100_000), runs: all(7, 3)},
			{task: fibonacci(1_000_000), runs: all(7, 1)},
			{task: sum(1_000_000), runs: all(3, 1)},
			{task: factorial(100_000), runs: all(5, 1)},
			{task: factorial(1_000_000), runs: every(3, ours, ours2, portable, gmpy2, pari)},
			{task: ackermann(1_000_000), runs: all(3, 1)},
		},
		goals: []goal{
			{fibonacci(1_000_000), ours, cpuTime, 0.40},
			{factorial(100_000), ours, cpuTime, 0},
			{factorial(1_000_000), ours, cpuTime, 0.36},
			{fibonacci(1_000_000), portable, cpuTime, 1},
			{factorial(1_000_000), portable, cpuTime, 1},
		},
	}
}
