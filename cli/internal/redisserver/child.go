package redisserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is one process of the server.
type child struct {
	cmd    *exec.Cmd
	output *output
	exited chan struct{} // closed once the process is gone and waited for
}

// startChild forks from a thread that lives as long as the process: on Linux the parent-death signal comes when that thread ends.
func startChild(path string, arguments []string, logger *slog.Logger) (*child, error) {
	c := &child{
		cmd:    exec.Command(path, arguments...), //nolint:gosec,noctx // found on PATH; it ends by a signal of our choice
		output: &output{logger: logger}, exited: make(chan struct{}),
	}
	c.cmd.Stdout, c.cmd.Stderr, c.cmd.SysProcAttr = c.output, c.output, ownGroup()
	started := make(chan error)
	go func() {
		defer close(c.exited)
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait() // outcome tells
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// outcome says how the process ended. It may be called once exited is closed.
func (c *child) outcome() string { return c.cmd.ProcessState.String() }

// awaitReady returns once the process answers with its data loaded.
func (c *child) awaitReady(ctx context.Context, socket string) error {
	again := time.NewTicker(pollInterval)
	defer again.Stop()
	for {
		err := ask(ctx, socket, "PING")
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-c.exited:
			return fmt.Errorf("it ended with %s; it said:\n%s", c.outcome(), c.output.tail())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", errors.Join(ctx.Err(), err))
		}
	}
}

// end asks the process to end and waits; when ctx ends, it kills it.
func (c *child) end(ctx context.Context) error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(fmt.Errorf("stop redis-server: %w", err), c.kill())
	}
	select {
	case <-c.exited:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stop redis-server: %w; it was killed", ctx.Err()), c.kill())
	}
}

func (c *child) kill() error {
	err := c.cmd.Process.Kill()
	<-c.exited
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill redis-server: %w", err)
	}
	return nil
}
