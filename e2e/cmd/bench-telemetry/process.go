package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startLimit is how long a process may take to be ready, and endLimit to end.
const (
	startLimit = 30 * time.Second
	endLimit   = 15 * time.Second
)

// child is a process that was started here.
type child struct {
	name string
	cmd  *exec.Cmd
	line string // the first that it printed
	done chan struct{}
}

// start runs a program until end, and waits for its first line on standard output if it prints one. It gets nothing of this process's
// environment but where programs are.
func start(ctx context.Context, env []string, prints bool, name string, args ...string) (*child, error) {
	c := &child{name: filepath.Base(name) + " " + strings.Join(args, " "), cmd: exec.Command(name, args...), done: make(chan struct{})} //nolint:noctx // end ends it
	c.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, env...)
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to pass on
	// Standard error goes nowhere: what it costs to write it is part of what is measured, what it costs us to read it is not.
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	first := make(chan string, 1)
	go func() {
		defer close(c.done)
		defer close(first)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			select {
			case first <- lines.Text():
			default:
			}
		}
		_ = c.cmd.Wait() // ProcessState tells
	}()
	if !prints {
		return c, nil
	}
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case line, ok := <-first:
		if c.line = line; ok {
			return c, nil
		}
		err = fmt.Errorf("%s has ended at once; run it by hand to see why", c.name)
	case <-limit.C:
		err = fmt.Errorf("%s is not ready after %v", c.name, startLimit)
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.end()
	return nil, err
}

// end asks the process to end, and makes it if it does not.
func (c *child) end() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	limit := time.NewTimer(endLimit)
	defer limit.Stop()
	select {
	case <-c.done:
	case <-limit.C:
		_ = c.cmd.Process.Kill() // as above
		<-c.done
	}
}

// processorTime is what the process has used so far, or 0 where the system does not tell.
func (c *child) processorTime() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	const user, system, perSecond = 11, 12, 100 // fields 14 and 15 of proc(5)
	if len(fields) <= system {
		return 0
	}
	var ticks int64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / perSecond
}

// collect is a collector that takes everything and keeps nothing, until ctx ends. It prints its URL.
func collect(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is there at once
	if err != nil {
		return fmt.Errorf("listen as a collector: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // whatever it is
		w.Header().Set("Content-Type", "application/x-protobuf")
		w.WriteHeader(http.StatusOK)
	})}
	go func() {
		<-ctx.Done()
		_ = server.Close() // that is the end
	}()
	if _, err := fmt.Fprintf(out, "http://%s\n", listener.Addr()); err != nil {
		return err
	}
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
