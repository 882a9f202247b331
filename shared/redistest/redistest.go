// Package redistest starts real Redis servers for tests. Each is private to its test, empty, reachable over a unix socket in a
// short temporary folder, and gone with the test, even if the test process is killed (on Linux).
package redistest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// startTimeout is how long a server may take to answer, on a machine that is busy with other tests.
const startTimeout = 30 * time.Second

// Server is a redis-server child. Its methods are for the test's own goroutine.
type Server struct {
	tb     testing.TB
	socket string
	args   []string
	env    []string // beside the test's own
	cmd    *exec.Cmd
	exited chan struct{} // closed once the child is gone and waited for
	output bytes.Buffer  // what it printed; to be read once exited is closed
}

// Option changes how a server is started.
type Option func(*Server)

// AppendOnly makes the server keep every write in an append-only file in dir before it answers, so that Kill and Restart,
// or a second server on the same dir, lose nothing.
func AppendOnly(dir string) Option {
	return func(s *Server) {
		s.args = append(s.args, "--dir", dir, "--appendonly", "yes", "--appendfsync", "always")
	}
}

// Setting adds one setting of redis.conf, such as Setting("maxmemory", "64mb").
func Setting(name, value string) Option {
	return func(s *Server) { s.args = append(s.args, "--"+name, value) }
}

// Environment adds NAME=VALUE pairs to what the server inherits from the test.
func Environment(pairs ...string) Option {
	return func(s *Server) { s.env = append(s.env, pairs...) }
}

// Start runs a new server until the test ends and returns its URL (unix:///…). Without a redis-server on PATH the test is
// skipped, or fails if CI=true.
func Start(tb testing.TB, options ...Option) (url string) {
	tb.Helper()
	return New(tb, options...).URL()
}

// Need returns where redis-server is. Without one on PATH the test is skipped, or fails if CI=true.
func Need(tb testing.TB) (path string) {
	tb.Helper()
	path, err := exec.LookPath("redis-server")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		tb.Fatal("redis-server is not on PATH, and with CI=true it must be")
	case err != nil:
		tb.Skip("redis-server is not on PATH; install it to run this test (Debian: apt-get install redis-server)")
	}
	return path
}

// New is Start for a test that stops the server or starts it again.
func New(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	path := Need(tb)
	dir, err := os.MkdirTemp("", "redistest-") //nolint:usetesting // a test's long name would not fit into a socket's address
	if err != nil {
		tb.Fatalf("make a folder for redis-server: %v", err)
	}
	s := &Server{tb: tb, socket: filepath.Join(dir, "redis.sock")}
	s.args = []string{
		path, "--port", "0", "--unixsocket", s.socket, "--unixsocketperm", "700", "--dir", dir,
		"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--databases", "4",
	}
	for _, o := range options {
		o(s)
	}
	tb.Cleanup(func() {
		s.Kill()
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("remove the folder of redis-server: %v", err)
		}
	})
	s.Restart()
	return s
}

// URL returns where the server listens. It stays the same over a Restart.
func (s *Server) URL() string { return "unix://" + s.socket }

// Kill ends the server like kill -9 and waits until it is gone. A second Kill does nothing.
func (s *Server) Kill() {
	s.tb.Helper()
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.tb.Errorf("kill redis-server: %v", err)
	}
	<-s.exited
	s.cmd = nil
}

// Restart ends the server if it runs, starts it on the same socket and waits until it answers.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.tb.Fatalf("start redis-server: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := s.await(ctx); err != nil {
		s.Kill()
		s.tb.Fatalf("wait for redis-server: %v\n%s", err, s.output.String())
	}
}

// start forks the child from a thread that lives as long as the child: the parent-death signal comes when that thread ends.
func (s *Server) start() error {
	s.output.Reset()
	cmd := exec.Command(s.args[0], s.args[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &s.output, &s.output, diesWithParent()
	cmd.Env = append(os.Environ(), s.env...)
	started, exited := make(chan error), make(chan struct{})
	go func() {
		defer close(exited)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is killed, so there is always an error
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.cmd, s.exited = cmd, exited
	return nil
}

// await asks again and again until the server answers a PING: a socket that exists may still load its data.
func (s *Server) await(ctx context.Context) error {
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for {
		err := ping(ctx, s.socket)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-s.exited:
			return fmt.Errorf("it ended at once: %v", s.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("no answer within %v: %w", startTimeout, err)
		}
	}
}

func ping(ctx context.Context, socket string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && answer != "+PONG\r\n" {
		err = fmt.Errorf("it answered %q", answer)
	}
	return err
}
