package platformtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a test waits for what should come soon, on a machine that is busy with other tests.
const Patience = 60 * time.Second

// Command says what to run.
type Command struct {
	// Args follow the program's name.
	Args []string
	// Env is NAME=VALUE pairs beside the few that every process gets; a later one wins.
	Env []string
}

// Process is a running numbermill. Its methods are for the test's own goroutine.
type Process struct {
	// Err is what it writes to standard error, where its log is; Out is its standard output.
	Err, Out *Log

	name      string
	cmd       *exec.Cmd
	exited    chan struct{} // closed once it is gone and waited for
	relatives []Relative    // those that were seen so far
}

// Start runs the program until the test ends. It does not wait until it is ready.
func Start(tb testing.TB, c Command) *Process {
	tb.Helper()
	path := Binary(tb)
	p := &Process{Err: newLog(), Out: newLog(), name: "numbermill " + strings.Join(c.Args, " ")}
	p.cmd = exec.Command(path, c.Args...)
	p.cmd.Dir = Folder(tb)
	p.cmd.Env = append(append(environment(), "HOME="+p.cmd.Dir, "TMPDIR="+p.cmd.Dir), c.Env...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = p.Out, p.Err, diesWithTest()
	p.cmd.WaitDelay = time.Second // what a relative that outlives it still writes does not matter
	if err := p.start(); err != nil {
		tb.Fatalf("start %s: %v", p, err)
	}
	tb.Cleanup(func() {
		p.tidy(tb)
		p.keepLog(tb)
		if tb.Failed() {
			tb.Logf("%s (process %d) ended with %s. Its log:\n%s\nIts output:\n%s", p, p.PID(), p.cmd.ProcessState, p.Err.tail(), p.Out.tail())
		}
	})
	return p
}

// keepLog writes what the process has said into the folder $NUMBERMILL_LOGS, if that is set: more than fits into a message.
func (p *Process) keepLog(tb testing.TB) {
	tb.Helper()
	dir := os.Getenv("NUMBERMILL_LOGS")
	if dir == "" {
		return
	}
	name := fmt.Sprintf("%s-%s-%d.log", strings.ReplaceAll(tb.Name(), "/", "-"), p.cmd.Args[1], p.PID())
	if err := os.WriteFile(filepath.Join(dir, name), []byte(p.Err.text()), 0o600); err != nil {
		tb.Errorf("keep a log: %v", err)
	}
}

// environment is what every process gets: nothing that could configure it.
func environment() []string {
	var env []string
	for _, name := range []string{"PATH", "LANG"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Folder returns a new folder with a short path, as a unix socket needs it, which goes with the test.
func Folder(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "nm-") //nolint:usetesting // a test's long name would not fit into a socket's address
	if err != nil {
		tb.Fatalf("make a folder: %v", err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("remove a folder: %v", err)
		}
	})
	return dir
}

// start forks the child from a thread that lives as long as the child: the parent-death signal comes when that thread ends.
func (p *Process) start() error {
	started := make(chan error)
	p.exited = make(chan struct{})
	go func() {
		defer close(p.exited)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // ProcessState tells
			p.Out.end()
			p.Err.end()
		}
	}()
	return <-started
}

// String is the command line.
func (p *Process) String() string { return p.name }

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Dir is its working folder, which is also its home and where it keeps temporary files.
func (p *Process) Dir() string { return p.cmd.Dir }

// AwaitReady waits for the line that says that it is ready, and returns the address in it, if it has one.
func (p *Process) AwaitReady(tb testing.TB) (url string) {
	tb.Helper()
	line := p.Out.Await(tb, Patience, "the line that it is ready on standard output of "+p.name, func(l Line) bool {
		return l.Raw == "ready" || strings.HasPrefix(l.Raw, "ready ")
	})
	// What it has started is noted while it can be found: when it is gone, its children are nobody's.
	p.Relatives(tb)
	_, url, _ = strings.Cut(line.Raw, " ")
	return url
}

// Kill ends the process alone, like kill -9, and waits until it is gone.
func (p *Process) Kill(tb testing.TB) {
	tb.Helper()
	p.Relatives(tb)
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		tb.Fatalf("kill %s: %v", p, err)
	}
	p.Exit(tb, Patience)
}

// KillAll ends all that the process has started and then, at once, the process itself, like kill -9. In this order none of them can
// tidy up because its parent is gone.
func (p *Process) KillAll(tb testing.TB) {
	tb.Helper()
	p.Relatives(tb)
	err := p.endRelatives()
	if killErr := p.cmd.Process.Kill(); !errors.Is(killErr, os.ErrProcessDone) {
		err = errors.Join(err, killErr)
	}
	if err != nil {
		tb.Fatalf("kill %s: %v", p, err)
	}
	p.Exit(tb, Patience)
}

// Signal sends a signal to the process alone.
func (p *Process) Signal(tb testing.TB, s syscall.Signal) {
	tb.Helper()
	p.Relatives(tb)
	if err := p.cmd.Process.Signal(s); err != nil {
		tb.Fatalf("send %v to %s: %v", s, p, err)
	}
}

// Interrupt does what a terminal does at Ctrl-C: SIGINT for the whole process group, if there still is one.
func (p *Process) Interrupt(tb testing.TB) {
	tb.Helper()
	p.Relatives(tb)
	if err := syscall.Kill(-p.PID(), syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		tb.Fatalf("interrupt %s: %v", p, err)
	}
}

// Exit waits until the process has ended and returns its exit code, -1 if a signal ended it.
func (p *Process) Exit(tb testing.TB, timeout time.Duration) (code int) {
	tb.Helper()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-timer.C:
		tb.Fatalf("%s has not ended within %v", p, timeout)
		return 0
	}
}

// Running tells whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// LeftOver returns what the process had started and what is still there after the grace.
func (p *Process) LeftOver(grace time.Duration) []Relative {
	deadline := time.Now().Add(grace)
	var left []Relative
	for _, r := range p.relatives {
		if !r.Gone(max(time.Until(deadline), 0)) {
			left = append(left, r)
		}
	}
	return left
}

// tidy ends the process and everything that it has started.
func (p *Process) tidy(tb testing.TB) {
	tb.Helper()
	if p.Running() {
		p.KillAll(tb)
	}
	if err := p.endRelatives(); err != nil {
		tb.Error(fmt.Errorf("tidy up after %s: %w", p, err))
	}
}
