// Command tally counts the tests of several suites and closes with one line over all of them:
//
//	N passed, N failed, N skipped
//
// It reads what `go test -json` and Vitest's JSON reporter wrote. Only leaves are counted: a test
// with subtests counts through them, and by itself only when it failed although none of them did.
// A package that does not build, a suite that crashes and a suite without a test each count as one
// failure; a program that is missing counts as one skip, or as one failure when CI is true.
//
// Usage:
//
//	tally watch < EVENTS              one line a package as the events of go test arrive
//	tally report [-missing FILE] SUITES
//
// SUITES has a line a suite, its fields separated by tabs: name, kind (go, vitest or step), exit
// status, seconds, report, log. FILE has a line a missing program: name, what does not run, remedy.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	strict := os.Getenv("CI") == "true"
	err := run(os.Args[1:], strict, os.Stdin, os.Stdout)
	if err == nil {
		return
	}
	if !errors.Is(err, errFailed) {
		fmt.Fprintln(os.Stderr, "tally:", err)
	}
	os.Exit(1)
}

// errFailed says that the closing line stands and is no good news.
var errFailed = errors.New("not every test passed")

// run carries out one command. With strict, what could not run counts as failed.
func run(args []string, strict bool, in io.Reader, out io.Writer) error {
	if len(args) == 1 && args[0] == "watch" {
		return watch(in, out)
	}
	if len(args) == 0 || args[0] != "report" {
		return errors.New("usage: tally watch | tally report [-missing FILE] SUITES")
	}
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	missing := flags.String("missing", "", "list of missing programs")
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("read the flags of report: %w", err)
	}
	suites, err := readSuites(flags.Arg(0))
	if err != nil {
		return err
	}
	absences, err := readAbsences(*missing)
	if err != nil {
		return err
	}
	total := report(out, suites, absences, strict)
	if total.failed > 0 || total.passed == 0 {
		return errFailed
	}
	return nil
}
