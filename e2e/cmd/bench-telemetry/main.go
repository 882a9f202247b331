// Command bench-telemetry measures what telemetry costs: the same platform with everything on (traces and metrics over OTLP to a collector in
// a process of its own, log lines in a file) and as it runs unless told otherwise (log lines on standard error, nothing exported), by turns, each an
// API and a worker on a Redis of its own.
//
// Usage:
//
//	bench-telemetry -numbermill BINARY [-quick] [-docs FOLDER]
//
// scripts/bench-telemetry.sh builds what it needs and calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"numbermill/e2e/internal/benchmark"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-telemetry:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	numbermill string
	quick      bool
	docs       string // folder of the page; "" writes none
	collect    bool   // be the collector
}

func parseOptions(args []string, errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench-telemetry", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.numbermill, "numbermill", "bin/numbermill", "the numbermill `binary`")
	flags.BoolVar(&o.quick, "quick", false, "few and short rounds, for a look within a minute; writes no file")
	flags.StringVar(&o.docs, "docs", "", "write this part of the page into this `folder`")
	flags.BoolVar(&o.collect, "collect", false, "be the collector of another bench-telemetry")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("read the flags: %w", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag; the flags are --quick and those that -help shows", flags.Arg(0))
	}
	if o.quick {
		o.docs = ""
	}
	return o, nil
}

// run measures, prints the part of the page to out and, if there is a folder for it, writes it there.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parseOptions(args, errs)
	if err != nil {
		return err
	}
	if o.collect {
		return collect(ctx, out)
	}
	before := benchmark.Look(ctx)
	b := &bench{log: errs, plan: fullPlan}
	if o.quick {
		b.plan = quickPlan
	}
	results, err := b.measure(ctx, o.numbermill)
	if err != nil {
		return err
	}
	after := benchmark.Look(ctx)
	page := report{
		when: time.Now().UTC(), version: b.version, plan: b.plan, quick: o.quick, results: results,
		machine: before, load: benchmark.CompareLoad(before, after, b.spent()),
	}.page()
	if _, err := io.WriteString(out, page); err != nil {
		return fmt.Errorf("print the page: %w", err)
	}
	if o.docs == "" {
		return nil
	}
	return benchmark.WritePart(filepath.Join(o.docs, benchmark.Page), "bench-telemetry", page)
}
