// Package compute runs one computation in this process, with no queue: the same catalogue and the same check as a worker's.
package compute

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"numbermill/shared/function"
	"numbermill/shared/verify"
)

// bufferSize is how many bytes of digits are written at a time.
const bufferSize = 64 << 10

// Request is what to compute.
type Request struct {
	Function *function.Function
	Args     function.Args
	Method   string
	Threads  int  // at least 1
	Portable bool // without assembly
}

// Run computes, writes the digits or the document to out with no newline, checks them by a second road, and tells what they are. progress is told
// the phase and the share of it that is done, on this goroutine. The errors are verify.ErrMismatch, the function's, the writer's and the
// context's; after any of them what was written is worth nothing.
func Run(ctx context.Context, r Request, out io.Writer, progress function.Progress) (Summary, error) {
	method, ok := r.Function.Method(r.Method)
	if !ok {
		return Summary{}, fmt.Errorf("%s, method %q: %w", r.Function.Name, r.Method, function.ErrUnknownMethod)
	}
	text, err := verify.NewText(method.Kind)
	if err != nil {
		return Summary{}, err
	}
	var wall, cpu Timing
	clock := startClock()
	options := function.Options{Progress: progress, Threads: r.Threads, Portable: r.Portable}
	result, err := r.Function.Compute(ctx, r.Args, r.Method, options)
	if err != nil {
		return Summary{}, err
	}
	wall.Compute, cpu.Compute = clock.lap()

	err = verify.Follow(text, r.Threads, func(reader io.Writer) error {
		buffered := bufio.NewWriterSize(io.MultiWriter(out, reader), bufferSize)
		_, err := result.WriteText(ctx, buffered, func(fraction float64) { progress(fraction, "Writing") })
		return errors.Join(err, buffered.Flush())
	})
	if err != nil {
		return Summary{}, fmt.Errorf("write the result: %w", err)
	}
	wall.Write, cpu.Write = clock.lap()

	progress(0, "Checking")
	check, err := text.Check(ctx, r.Function, r.Args, r.Method)
	if err != nil {
		return Summary{}, fmt.Errorf("check the result: %w", err)
	}
	wall.Verify, cpu.Verify = clock.lap()
	summary := newSummary(text.Result(), check)
	summary.Function, summary.Args, summary.Method = r.Function.Name, r.Args.Canonical(), r.Method
	summary.Timing, summary.CPU = wall, cpu
	if counted, ok := result.(function.Counted); ok {
		summary.Calls = strconv.FormatUint(counted.Calls(), 10)
	}
	return summary, nil
}
