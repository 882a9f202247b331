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
	"flag"
	"io"
	"os"
	"time"

	"numbermill/e2e/internal/benchmark"
)

func main() { os.Exit(benchmark.Main("bench-telemetry", run)) }

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
	flags.StringVar(&o.numbermill, "numbermill", "bin/numbermill", "the numbermill `binary`")
	flags.BoolVar(&o.quick, "quick", false, "few and short rounds, for a look within a minute; writes no file")
	flags.StringVar(&o.docs, "docs", "", "write this part of the page into this `folder`")
	flags.BoolVar(&o.collect, "collect", false, "be the collector of another bench-telemetry")
	if err := benchmark.ParseFlags(flags, args, errs); err != nil {
		return o, err
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
	return benchmark.Publish(out, o.docs, "bench-telemetry", page)
}
