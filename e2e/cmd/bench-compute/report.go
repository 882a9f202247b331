package main

import (
	"fmt"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// plotName is the file name of the plot, beside the page.
const plotName = "benchmarks-growth.svg"

// report is what a run of the benchmark has to tell.
type report struct {
	when    time.Time
	quick   bool
	plan    plan
	results []result
	engines []engine
	absent  []absence
	machine benchmark.Machine // at the start
	load    benchmark.Load
}

// page returns all of it in Markdown, a part of the page of benchmarks.
func (r report) page() string {
	var b strings.Builder
	for _, part := range []string{
		r.introduction(), r.surroundings(), r.goals(), r.details(), r.threads(), r.growth(), r.large(), method,
	} {
		if part != "" {
			b.WriteString(part + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (r report) introduction() string {
	command, again := "make bench-compute", "A look at small numbers alone takes less than a minute: `make bench-compute ARGS=--quick`."
	if r.quick {
		command, again = "make bench-compute ARGS=--quick", "`make bench-compute` measures large numbers too."
	}
	return fmt.Sprintf(`From a number's name to its exact decimal digits in a file: `+"`numbermill compute`"+` beside GMP, PARI/GP, Go's math/big and Python's
own integers. F is a Fibonacci number, S the sum of the first of them, A the Ackermann function. `+"`%s`"+` wrote
this part and gets the other programs by itself. %s
`, command, again)
}

// surroundings names the machine, the versions and what was left out.
func (r report) surroundings() string {
	var b strings.Builder
	m := r.machine
	line := func(format string, a ...any) { _, _ = fmt.Fprintf(&b, "- "+format+"\n", a...) } // a Builder never fails
	b.WriteString("## The machine\n\n")
	line("%s", r.when.Format("2 January 2006, 15:04 UTC"))
	line("%s, %d processors, %s of memory; %s", m.Processor, m.Count, bytesText(m.Memory), m.System)
	line("Numbermill's kernels here: %s", m.Kernels)
	if r.load.Known {
		line("Meanwhile other processes used %.0f %% of the processors, and the host took %.0f %%; load average %s before, %s after",
			100*r.load.Others, 100*r.load.Stolen, r.load.Before, r.load.After)
	}
	versions := make(map[string]bool)
	for _, e := range r.engines {
		if title, _, _ := strings.Cut(e.title, ","); !versions[title] {
			versions[title] = true
			line("%s: %s", title, e.version)
		}
	}
	for _, a := range r.absent {
		where := "Left out"
		if a.task != "" {
			where += " of " + a.task
		}
		line("**%s: %s**, which %s", where, a.title, a.why)
	}
	if r.load.Known && r.load.Others > 0.1 {
		b.WriteString("\nThe machine was not quiet. Processor time and ratios suffer little from that, elapsed time more.\n")
	}
	return b.String()
}

// method tells how it was measured.
const method = `## How it is measured

The engines take turns: in each round every engine runs once, as a process of its own, in an order that changes, and just before it
twice the same command with n = 1, the first only to warm the caches. CPU is what the system accounts to the process, in all its threads
and in the kernel; wall is the time from starting the process to its end; peak is the most memory it held. The time of a start-up is the
median over the rounds. Peers use the call that their manual offers: gmpy2 ` + "`fib` and `fac`, PARI `fibonacci(n)` and `n!`, Python `math.factorial`" + `
and doubling, math/big ` + "`MulRange`" + ` and doubling; 2^(n+3) − 3 by a shift. All of them work on one thread. They are left out where they
would take minutes. The programs are in [e2e/cmd/bench-compute](../e2e/cmd/bench-compute).
`
