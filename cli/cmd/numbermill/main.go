// Numbermill computes very large numbers: here, or on a queue of workers behind a web page and a REST API.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"numbermill/cli/internal/command"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal the default is back: a second one ends the process at once.
	defer context.AfterFunc(ctx, stop)()
	return command.Main(ctx, os.Args[1:], command.Streams{Out: os.Stdout, Err: os.Stderr})
}
