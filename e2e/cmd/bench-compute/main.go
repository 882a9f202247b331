// Command bench-compute measures `numbermill compute` side by side with GMP (through gmpy2), PARI/GP, Go's math/big and Python's own integers,
// and writes what it found as a part of a Markdown page and a plot.
//
// Every engine runs as a process of its own that leaves its digits in a file. The engines take turns, so that whatever else the machine does
// falls on all of them alike. All files must have one SHA-256: if two answers differ, the command says which and exits with 1.
//
// Usage:
//
//	bench-compute -numbermill BINARY -mathbig BINARY -python BINARY -gp BINARY -peers FOLDER [-quick] [-docs FOLDER]
//
// scripts/bench-compute.sh builds and installs what it needs, and calls it. A peer that does not run is left out, and the page says so.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"numbermill/e2e/internal/benchmark"
)

func main() { os.Exit(benchmark.Main("bench-compute", run)) }

// options are the command line.
type options struct {
	programs programs
	quick    bool
	docs     string // folder of the page and the plot; "" writes neither
}

func parseOptions(args []string, errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench-compute", flag.ContinueOnError)
	flags.StringVar(&o.programs.numbermill, "numbermill", "bin/numbermill", "the numbermill `binary`")
	flags.StringVar(&o.programs.mathBig, "mathbig", "mathbig", "the mathbig `binary`")
	flags.StringVar(&o.programs.python, "python", "python3", "a Python `binary` that has gmpy2")
	flags.StringVar(&o.programs.gp, "gp", "gp", "the PARI/GP `binary`")
	flags.StringVar(&o.programs.peers, "peers", "e2e/cmd/bench-compute/peers", "the `folder` of the peers' programs")
	flags.BoolVar(&o.quick, "quick", false, "small numbers and few runs, for a look within a minute; writes no file")
	flags.StringVar(&o.docs, "docs", "", "write the page and the plot into this `folder`")
	if err := benchmark.ParseFlags(flags, args, errs); err != nil {
		return o, err
	}
	if o.quick {
		o.docs = ""
	}
	return o, nil
}

// run measures, prints the page to out and, if there is a folder for it, writes it there with the plot.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parseOptions(args, errs)
	if err != nil {
		return err
	}
	before := benchmark.Look(ctx)
	b := bench{log: errs}
	if err := b.probe(ctx, engines(o.programs)); err != nil {
		return err
	}
	chosen := fullPlan()
	if o.quick {
		chosen = quickPlan()
	}
	results, err := b.measureAll(ctx, chosen)
	if err != nil {
		return err
	}
	after := benchmark.Look(ctx)
	r := report{
		when: time.Now().UTC(), quick: o.quick, plan: chosen, results: results, engines: b.engines, absent: b.absent,
		machine: before, load: benchmark.CompareLoad(before, after, b.spent),
	}
	page := r.page()
	if err := benchmark.Publish(out, o.docs, "bench-compute", page); err != nil || o.docs == "" {
		return err
	}
	return writeFile(filepath.Join(o.docs, plotName), r.plot())
}

func writeFile(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the benchmarks: %w", err)
	}
	return nil
}
