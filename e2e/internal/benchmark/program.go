package benchmark

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
)

// Main runs a program with this process's arguments until it ends or is interrupted, and returns the process's exit status.
func Main(name string, run func(ctx context.Context, args []string, out, errs io.Writer) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	_, _ = fmt.Fprintf(os.Stderr, "%s: %v\n", name, err) // there is nowhere else to complain
	return 1
}

// ParseFlags reads a command line that has flags alone.
func ParseFlags(flags *flag.FlagSet, args []string, errs io.Writer) error {
	flags.SetOutput(errs)
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read the flags: %w", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag; the flags are --quick and those that -help shows", flags.Arg(0))
	}
	return nil
}

// Publish prints the part of one benchmark to out and, if there is a folder for the page, writes it there.
func Publish(out io.Writer, docs, name, text string) error {
	if _, err := io.WriteString(out, text); err != nil {
		return fmt.Errorf("print the page: %w", err)
	}
	if docs == "" {
		return nil
	}
	return WritePart(filepath.Join(docs, Page), name, text)
}
