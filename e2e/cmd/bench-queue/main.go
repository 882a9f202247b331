// Command bench-queue measures how fast Numbermill carries small jobs, beside Asynq and BLMOVE by themselves, BullMQ behind Node's http server and
// Celery behind Flask, all on one Redis and by turns, and writes what it found as a part of a Markdown page.
//
// Usage:
//
//	bench-queue -numbermill BINARY [-bullmq FOLDER] [-celery FOLDER] [-quick] [-rounds N] [-only NAMES] [-docs FOLDER]
//
// scripts/bench-queue.sh builds and installs what it needs, and calls it. A peer whose folder is not named is left out, and the page says so.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"numbermill/e2e/internal/benchmark"
)

func main() { os.Exit(benchmark.Main("bench-queue", run)) }

// options are the command line.
type options struct {
	programs programs
	only     []string // systems beside Numbermill; nil is all
	quick    bool
	rounds   int    // 0 is as many as are usual
	docs     string // folder of the page; "" writes none
	serve    string // be the worker of a peer that is written in Go
	redis    string // and take its jobs from here
}

// programs are where the systems' programs are.
type programs struct {
	numbermill     string
	node, bullmq   string // "" is not there
	python, celery string // as well
}

func parseOptions(args []string, errs io.Writer) (options, error) {
	var (
		o    options
		only string
	)
	flags := flag.NewFlagSet("bench-queue", flag.ContinueOnError)
	flags.StringVar(&o.programs.numbermill, "numbermill", "bin/numbermill", "the numbermill `binary`")
	flags.StringVar(&o.programs.node, "node", "node", "the Node `binary`")
	flags.StringVar(&o.programs.bullmq, "bullmq", "", "the `folder` with BullMQ and the programs around it")
	flags.StringVar(&o.programs.python, "python", "", "the `folder` with the programs of a Python that has Celery")
	flags.StringVar(&o.programs.celery, "celery", "", "the `folder` with the programs around Celery")
	flags.StringVar(&only, "only", "", "measure beside Numbermill only these `systems`, with commas between: asynq, blmove, bullmq, celery")
	flags.BoolVar(&o.quick, "quick", false, "one short round, for a look within two minutes; writes no file")
	flags.IntVar(&o.rounds, "rounds", 0, "how many rounds; 0 is as many as are usual")
	flags.StringVar(&o.docs, "docs", "", "write this part of the page into this `folder`")
	flags.StringVar(&o.serve, "serve", "", "be the worker of another bench-queue: asynq or blmove")
	flags.StringVar(&o.redis, "redis", "", "HOST:PORT of that one's Redis")
	if err := benchmark.ParseFlags(flags, args, errs); err != nil {
		return o, err
	}
	if o.rounds < 0 || o.rounds > mostRounds {
		return o, fmt.Errorf("-rounds is %d; it can be 0 to %d", o.rounds, mostRounds)
	}
	if only != "" {
		o.only = strings.Split(only, ",")
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
	if o.serve != "" {
		return serve(ctx, o.serve, o.redis, out)
	}
	b := &bench{log: errs, programs: o.programs, plan: fullPlan}
	if o.quick {
		b.plan = quickPlan
	}
	if o.rounds > 0 {
		b.plan.rounds, b.plan.batchRounds = o.rounds, min(o.rounds, b.plan.batchRounds)
	}
	if err := b.choose(o.only); err != nil {
		return err
	}
	b.say("looking for a quiet moment, %v at most\n", b.plan.quiet)
	quiet := benchmark.AwaitQuiet(ctx, b.plan.quiet)
	before := benchmark.Look(ctx)
	results, err := b.measure(ctx)
	if err != nil {
		return err
	}
	after := benchmark.Look(ctx)
	page := report{
		when: time.Now().UTC(), plan: b.plan, quick: o.quick, systems: b.systems, absent: b.absent, versions: b.versions, results: results,
		profiles: b.profiles, machine: before, quiet: quiet, load: benchmark.CompareLoad(before, after, b.spent()),
	}.page()
	return benchmark.Publish(out, o.docs, "bench-queue", page)
}
