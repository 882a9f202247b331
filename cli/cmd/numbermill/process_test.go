package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// startLimit is how long a process may take to be ready: two seconds are promised for one alone on an idle machine.
	startLimit = 30 * time.Second
	// stopLimit is what is promised for the end after Ctrl-C.
	stopLimit = 10 * time.Second
)

// process is a numbermill that runs.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string // what it prints on standard output; closed at its end
	err   lockedBuffer
	ended chan struct{} // closed when it has been waited for
}

// launch starts numbermill. The environment is this one's with changes, each NAME=VALUE.
func launch(t *testing.T, changes []string, arguments ...string) *process {
	t.Helper()
	path, err := exec.LookPath("numbermill")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(path, arguments...), lines: make(chan string, 100), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), changes...)
	p.cmd.Stderr = &p.err
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		for out := bufio.NewScanner(stdout); out.Scan(); {
			p.lines <- out.Text()
		}
		close(p.lines)
		_ = p.cmd.Wait() // the exit code tells
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.ended
		if t.Failed() {
			t.Logf("numbermill %s said:\n%s", strings.Join(arguments, " "), p.err.String())
		}
	})
	return p
}

// up starts `numbermill up` on dir and a free port, and returns it with its URL once it is ready.
func up(t *testing.T, dir string, changes ...string) (p *process, url string) {
	t.Helper()
	p = launch(t, changes, "up", "--data", dir, "--listen", "127.0.0.1:0")
	return p, p.ready()
}

// ready returns the URL of the ready line, or "" if that has none.
func (p *process) ready() string {
	p.t.Helper()
	select {
	case line, ok := <-p.lines:
		word, url, _ := strings.Cut(line, " ")
		if !ok || word != "ready" {
			p.t.Fatalf("the first line is %q, want one that says ready; standard error:\n%s", line, p.err.String())
		}
		return url
	case <-time.After(startLimit):
		p.t.Fatalf("not ready after %v; standard error:\n%s", startLimit, p.err.String())
	}
	return ""
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signal numbermill: %v", err)
	}
}

// wait returns the exit code and what else was printed, once the process has ended.
func (p *process) wait(limit time.Duration) (code int, lines []string) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(limit):
		p.t.Fatalf("it still runs after %v; standard error:\n%s", limit, p.err.String())
	}
	for line := range p.lines {
		lines = append(lines, line)
	}
	return p.cmd.ProcessState.ExitCode(), lines
}

// stop is Ctrl-C: the process ends with 0 in the time that is promised, and prints nothing more.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGINT)
	if code, lines := p.wait(stopLimit); code != 0 || len(lines) > 0 {
		p.t.Errorf("after Ctrl-C it exits with %d and prints %q, want 0 and nothing", code, lines)
	}
}

// kill is kill -9.
func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.wait(stopLimit)
}

// redisPID returns the process id of the private redis-server on dir.
func redisPID(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "redis", "redis.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// awaitNothingLeft waits until no process works in dir, as far as the system shows it.
func awaitNothingLeft(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stopLimit)
	defer cancel()
	until(ctx, t, "every process to end", func() bool { return len(workingIn(t, dir)) == 0 })
}

// workingIn lists the command lines of processes whose working folder is dir or below. It lists none where there is no /proc.
func workingIn(t *testing.T, dir string) []string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || cwd != dir && !strings.HasPrefix(cwd, dir+"/") {
			continue
		}
		if command, err := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline")); err == nil && len(command) > 0 {
			found = append(found, string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
		}
	}
	return found
}

// until asks again and again whether something has come true.
func until(ctx context.Context, t *testing.T, what string, come func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !come() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// withoutRedis is a PATH with numbermill alone.
func withoutRedis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("numbermill")
	if err != nil {
		t.Fatal(err)
	}
	return "PATH=" + filepath.Dir(path)
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// contains tells whether a process has said something on standard error.
func contains(p *process, text string) bool { return strings.Contains(p.err.String(), text) }

// noFiles checks that a folder is empty.
func noFiles(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("the folder holds %v (%v), want nothing", entries, err)
	}
}
