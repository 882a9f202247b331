// Numbermill computes very large numbers: here, or on a queue of workers behind a web page and a REST API.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"numbermill/cli/internal/command"
)

// oneSignal is how long further signals count as the same one: timeout(1), for instance, sends each to the process and to its group.
const oneSignal = 500 * time.Millisecond

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Some time after the first signal the default is back: a second one ends the process at once.
	defer context.AfterFunc(ctx, func() { time.AfterFunc(oneSignal, stop) })()
	return command.Main(ctx, os.Args[1:], command.Streams{Out: os.Stdout, Err: os.Stderr})
}
