package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"numbermill/cli/internal/compute"
	"numbermill/cli/internal/failure"
	"numbermill/shared/config"
	"numbermill/shared/function"
	"numbermill/shared/verify"
)

// maxThreads is the largest --threads that is taken seriously.
const maxThreads = 4096

// computeOptions are the flags of compute.
type computeOptions struct {
	method  string
	output  string
	threads int
	kernels string
	json    bool
}

// The values of --kernels.
const (
	kernelsAuto     = "auto"
	kernelsPortable = "portable"
)

func newCompute(std Streams) *cobra.Command {
	o := computeOptions{method: function.DefaultMethod, kernels: kernelsAuto}
	cmd := &cobra.Command{
		Use:   "compute FUNCTION NAME=VALUE…",
		Short: "Compute one number here, without a queue",
		Long: `Compute one number here, without a queue. The digits go to standard output or a file, with no newline;
what one should know about them goes to standard error. Of a number beyond all paper, --method facts tells what can be told. Numbers may be written 1000000, 1_000_000, 1e6 or 10^6.
The only limit is what can be written down and fits into memory.`,
		Example: `  numbermill compute fibonacci n=100
  numbermill compute factorial n=1e6 -o factorial.txt
  numbermill compute ackermann m=4 n=2 | sha256sum
  numbermill compute fibonacci-sum n=10^6 --json -o sum.txt
  numbermill compute ackermann m=5 n=2 --method facts`,
		ValidArgsFunction: completeCompute,
		RunE: func(cmd *cobra.Command, arguments []string) error {
			request, err := parseRequest(arguments, o.method)
			if err != nil {
				return err
			}
			return interrupted(cmd.Context(), runCompute(cmd.Context(), std, request, o))
		},
	}
	flags := cmd.Flags()
	config.AddShort(flags, &o.output, "output", "o", "write the result to this file, which appears once it is complete", config.Path("FILE"))
	config.Add(flags, &o.method, "method", "how to compute it", config.Path("NAME"))
	config.Add(flags, &o.threads, "threads", "use at most this many processors; 0 is all", config.Count(0, maxThreads))
	config.Add(flags, &o.kernels, "kernels", "the inner loops: auto takes the fastest for this processor, portable has no assembly",
		config.OneOf(kernelsAuto, kernelsPortable))
	config.Add(flags, &o.json, "json", "print the summary as one JSON object, and nothing else, to standard error", config.Switch())
	config.Document(flags)
	return cmd
}

// parseRequest reads FUNCTION and NAME=VALUE….
func parseRequest(arguments []string, method string) (compute.Request, error) {
	if len(arguments) == 0 {
		return compute.Request{}, failure.Usage(errors.New("compute what?"), `"numbermill functions" lists what can be computed`)
	}
	f, ok := function.Lookup(arguments[0])
	if !ok {
		return compute.Request{}, failure.Usage(fmt.Errorf("there is no function %q", arguments[0]), "the functions are "+strings.Join(functionNames(), ", "))
	}
	if _, ok := f.Method(method); !ok {
		return compute.Request{}, failure.Usage(fmt.Errorf("%s has no method %q", f.Name, method), "its methods are "+methodNames(f))
	}
	hint := fmt.Sprintf("write numbermill compute %s %s", f.Name, exampleArguments(f))
	values := make(map[string]string)
	for _, argument := range arguments[1:] {
		name, value, ok := strings.Cut(argument, "=")
		if !ok {
			return compute.Request{}, failure.Usage(fmt.Errorf("%q is not NAME=VALUE", argument), hint)
		}
		if _, twice := values[name]; twice {
			return compute.Request{}, failure.Usage(fmt.Errorf("%s is given twice", name), hint)
		}
		values[name] = value
	}
	args, err := f.ParseText(values)
	if err != nil {
		return compute.Request{}, failure.Usage(describe(err), hint)
	}
	return compute.Request{Function: f, Args: args, Method: method}, nil
}

// describe gives each wrong argument a line of its own.
func describe(err error) error {
	bad, ok := errors.AsType[*function.ArgumentError](err)
	if !ok {
		return err
	}
	lines := make([]error, len(bad.Fields))
	for i, field := range bad.Fields {
		lines[i] = fmt.Errorf("%s: %s", field.Name, field.Detail)
	}
	return errors.Join(lines...)
}

func runCompute(ctx context.Context, std Streams, r compute.Request, o computeOptions) error {
	if o.threads > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.threads)) // also for the garbage collector
	}
	r.Threads, r.Portable = runtime.GOMAXPROCS(0), o.kernels == kernelsPortable
	estimate, err := estimateHere(ctx, r, !o.json)
	if err != nil {
		return err
	}
	if estimate.Kind == function.Digits && estimate.Digits == nil {
		return failure.WithHint(fmt.Errorf("%s cannot be written down: even the number of its digits has more than 1,000 digits", r.Function.Label(r.Args)),
			"choose smaller arguments, or --method facts for what can be told about it")
	}
	progress := newProgress(std.Err, o.json)
	if !o.json {
		_, _ = fmt.Fprintf(std.Err, "%s: %s\n", r.Function.Label(r.Args), describeEstimate(estimate)) // the digits matter more
	}
	summary, err := computeTo(ctx, std.Out, r, o.output, progress.show)
	progress.clear()
	switch {
	case errors.Is(err, function.ErrTooLarge):
		return failure.WithHint(err, "choose smaller arguments")
	case errors.Is(err, verify.ErrMismatch) && !r.Portable:
		return failure.WithHint(err, "what was written is worth nothing; try again with --kernels portable, and distrust this machine if that helps")
	case err != nil:
		return err
	case o.json:
		return summary.WriteJSON(std.Err)
	}
	return summary.WriteText(std.Err)
}

// computeTo writes the digits to the named file, or to out if there is no name.
func computeTo(ctx context.Context, out io.Writer, r compute.Request, path string, progress function.Progress) (compute.Summary, error) {
	if path == "" || path == "-" {
		summary, err := compute.Run(ctx, r, out, progress)
		if err == nil && isTerminal(out) {
			_, err = io.WriteString(out, "\n")
		}
		return summary, err
	}
	file, err := compute.Create(path)
	if err != nil {
		return compute.Summary{}, err
	}
	summary, err := compute.Run(ctx, r, file, progress)
	if err != nil {
		file.Discard()
		return summary, err
	}
	summary.Output = path
	return summary, file.Commit()
}

// worthMeasuring is how long a computation must take, in seconds, for its estimate to begin with a look at how fast this machine is.
const worthMeasuring = 1

// estimateHere tells what it will take on this machine, which is measured only if somebody is to read it.
func estimateHere(ctx context.Context, r compute.Request, read bool) (function.Estimate, error) {
	estimate := r.Function.EstimateOn(function.Reference(r.Portable), r.Args, r.Method, r.Threads)
	if !read || r.Portable || estimate.Seconds[0] < worthMeasuring || estimate.CostMillis == math.MaxInt64 {
		return estimate, nil
	}
	machine, err := function.Calibrate(ctx, r.Threads)
	if err != nil {
		return estimate, err
	}
	return r.Function.EstimateOn(machine, r.Args, r.Method, r.Threads), nil
}

// describeEstimate says in half a sentence what to expect.
func describeEstimate(e function.Estimate) string {
	return fmt.Sprintf("%s, about %s, at most %s of memory", describeSize(e), describeSeconds(math.Sqrt(e.Seconds[0]*e.Seconds[1])), describeBytes(e.PeakBytes))
}

func describeSize(e function.Estimate) string {
	switch {
	case e.Kind == function.Document:
		return "a document of facts"
	case e.Digits.IsInt64() && e.Digits.Int64() == 1:
		return "1 digit"
	}
	return compute.Group(e.Digits.String()) + " digits"
}

func describeSeconds(s float64) string {
	switch {
	case s < 1:
		return "a second"
	case s < 10:
		return fmt.Sprintf("%.1f seconds", s)
	case s < 120:
		return fmt.Sprintf("%.0f seconds", math.Ceil(s))
	case s < 7200:
		return fmt.Sprintf("%.0f minutes", math.Ceil(s/60))
	case s < 48*3600:
		return fmt.Sprintf("%.0f hours", math.Ceil(s/3600))
	case s < 730*86400:
		return fmt.Sprintf("%.0f days", math.Ceil(s/86400))
	}
	return "years"
}

func describeBytes(n int64) string {
	const mib, gib = 1 << 20, 1 << 30
	switch {
	case n == math.MaxInt64:
		return "more than any machine has"
	case n >= 10*gib:
		return fmt.Sprintf("%d GiB", (n+gib-1)/gib)
	}
	return fmt.Sprintf("%d MiB", (n+mib-1)/mib)
}

func functionNames() []string {
	var names []string
	for _, f := range function.All() {
		names = append(names, f.Name)
	}
	return names
}

func methodNames(f *function.Function) string {
	var names []string
	for _, m := range f.Methods {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

// exampleArguments shows arguments that work, such as "n=1000".
func exampleArguments(f *function.Function) string {
	example := f.Examples[0].Args
	parts := make([]string, 0, len(example))
	for _, name := range slices.Sorted(maps.Keys(example)) {
		parts = append(parts, name+"="+example[name])
	}
	return strings.Join(parts, " ")
}
