// Command mathbig is one measurement of Go's own math/big.
//
// Usage:
//
//	mathbig FUNCTION N FILE
//
// It computes, converts to decimal and writes the digits to FILE, then prints one line of JSON: its version, and for each phase the
// time in milliseconds, elapsed and of the processor. With - for FUNCTION it only prints its version.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mathbig:", err)
		os.Exit(1)
	}
}

// phase is the time that a part of the work took, in milliseconds.
type phase struct {
	Wall float64 `json:"wall_ms"`
	CPU  float64 `json:"cpu_ms"`
}

// report is what this command prints.
type report struct {
	Version string `json:"version"`
	Compute *phase `json:"compute,omitempty"`
	Decimal *phase `json:"decimal,omitempty"`
	Write   *phase `json:"write,omitempty"`
}

func run(args []string, out io.Writer) error {
	if len(args) != 3 {
		return errors.New("usage: mathbig FUNCTION N FILE")
	}
	r := report{Version: "math/big of " + runtime.Version()}
	if args[0] != "-" {
		n, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return fmt.Errorf("read N: %w", err)
		}
		if err := r.measure(args[0], n, args[2]); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(out).Encode(r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (r *report) measure(function string, n int64, path string) error {
	var x *big.Int
	var text string
	var err error
	r.Compute = timed(func() { x, err = compute(function, n) })
	if err != nil {
		return err
	}
	r.Decimal = timed(func() { text = x.Text(10) })
	r.Write = timed(func() { err = os.WriteFile(path, []byte(text), 0o600) })
	if err != nil {
		return fmt.Errorf("write the digits: %w", err)
	}
	return nil
}

func compute(function string, n int64) (*big.Int, error) {
	one := big.NewInt(1)
	switch function {
	case "fibonacci":
		return fibonacci(n), nil
	case "fibonacci-sum":
		return one.Sub(fibonacci(n+2), one), nil
	case "factorial":
		return one.MulRange(1, n), nil
	case "ackermann": // of 3 and n
		return one.Sub(one.Lsh(one, uint(n)+3), big.NewInt(3)), nil
	}
	return nil, fmt.Errorf("no function %s", function)
}

// fibonacci returns F(n) by doubling: F(2k) = F(k)·(2·F(k+1) − F(k)), F(2k+1) = F(k)² + F(k+1)².
func fibonacci(n int64) *big.Int {
	f, g := new(big.Int), big.NewInt(1)
	for i := 62; i >= 0; i-- {
		twice := new(big.Int).Lsh(g, 1)
		twice.Mul(twice.Sub(twice, f), f)
		f.Mul(f, f)
		g.Mul(g, g)
		g.Add(g, f)
		f = twice
		if n>>i&1 == 1 {
			f, g = g, f.Add(f, g)
		}
	}
	return f
}

func timed(work func()) *phase {
	wall, cpu := time.Now(), processorTime()
	work()
	return &phase{milliseconds(time.Since(wall)), milliseconds(processorTime() - cpu)}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// processorTime is what this process has used, in the kernel too; 0 where the system does not tell.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
