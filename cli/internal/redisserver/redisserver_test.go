package redisserver

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

func TestDataOutlivesTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	set(t, s, "value")
	stop(t, s)
	if got := get(t, start(t, dir)); got != "value" {
		t.Errorf("after a new start the key holds %q, want its value", got)
	}
}

func TestOnlyDataStays(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"short": shortDir(t), "deep": deepDir(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, dir)
			pid := s.child.cmd.Process.Pid
			stop(t, s)
			if _, err := os.Stat(s.socket.path); !os.IsNotExist(err) {
				t.Errorf("the socket is still there (%v)", err)
			}
			if _, err := os.Stat(filepath.Dir(s.socket.path)); s.socket.link != "" && !os.IsNotExist(err) {
				t.Errorf("the socket's folder is still there (%v)", err)
			}
			if isServer(pid, s.cfg.Dir) {
				t.Errorf("process %d still runs", pid)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != 1 || entries[0].Name() != "appendonlydir" {
				t.Errorf("the folder holds %v, want appendonlydir alone", entries)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for name, want := range map[string]string{
		"maxmemory": "67108864", "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "port": "0", "save": "",
	} {
		got, err := client(t, s).ConfigGet(t.Context(), name).Result()
		if err != nil || got[name] != want {
			t.Errorf("%s is %q (%v), want %q", name, got[name], err, want)
		}
	}
	info, err := os.Stat(s.socket.path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the socket has mode %v (%v), want it closed to others", info.Mode(), err)
	}
}

func TestStartsAgainWhenItDies(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	set(t, s, "value")
	old := kill(t, s)
	awaitOther(t, s, old)
	if got := get(t, s); got != "value" {
		t.Errorf("after its death the key holds %q, want its value", got)
	}
}

func TestGivesUpWhenItDiesTooOften(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for range maxRestarts {
		awaitOther(t, s, kill(t, s))
	}
	kill(t, s)
	<-s.Done()
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("the reason is %v, want one that says it was killed", err)
	}
}

func TestStopWhileItStartsAgain(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	kill(t, s)
	stop(t, s)
	if err := s.Err(); err != nil {
		t.Errorf("a stopped server gives %v as its reason, want none", err)
	}
}

func TestLeftoverIsEnded(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, left *leftover){
		"running":        func(*testing.T, *leftover) {},
		"without a file": func(t *testing.T, left *leftover) { t.Helper(); remove(t, pidFile(left.dir)) },
		"without socket": func(t *testing.T, left *leftover) { t.Helper(); remove(t, currentSocket(left.dir)) },
		"killed": func(t *testing.T, left *leftover) {
			t.Helper()
			left.signal(t, syscall.SIGKILL)
			<-left.ended
		},
	}
	for name, change := range tests {
		for depth, dir := range map[string]string{"short": shortDir(t), "deep": deepDir(t)} {
			t.Run(name+" "+depth, func(t *testing.T) {
				t.Parallel()
				left := leave(t, dir)
				change(t, left)
				s := start(t, dir)
				if isServer(left.cmd.Process.Pid, s.cfg.Dir) {
					t.Error("the left-over server still runs beside the new one")
				}
				if got := get(t, s); got != "left" {
					t.Errorf("the key holds %q, want what the left-over server had written", got)
				}
			})
		}
	}
}

func TestStrangerIsSpared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(pidFile(dir), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, dir) // had it signalled the process in the file, this test would be gone
}

func TestStartTellsWhatRedisSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	set(t, s, strings.Repeat("x", 1000))
	stop(t, s)
	files, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("append-only files: %v (%v), want one", files, err)
	}
	if err := os.WriteFile(files[0], []byte("*3\r\nthis is no command\r\n$3\r\nSET\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), config(t, dir))
	if err == nil || !strings.Contains(err.Error(), "redis-check-aof") {
		t.Errorf("the error is %v, want what redis-server said about its file", err)
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	const head = "7:M 23 Nov 2026 06:06:10.692 "
	tests := map[string]slog.Level{
		head + "# Error writing to the AOF file: No space left on device": slog.LevelWarn,
		head + "# WARNING Memory overcommit must be enabled! It can fail": slog.LevelDebug,
		head + "# Server initialized":                                     slog.LevelDebug,
		head + "* No error so far":                                        slog.LevelDebug,
		"=== REDIS BUG REPORT START":                                      slog.LevelDebug,
	}
	for line, want := range tests {
		if got, _ := classify(line); got != want {
			t.Errorf("%q is %v, want %v", line, got, want)
		}
	}
}

// leftover is a server that no Server looks after.
type leftover struct {
	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// leave starts a server as Start does, with a key in it.
func leave(t *testing.T, dir string) *leftover {
	t.Helper()
	cfg := config(t, dir)
	place, err := makeSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{cfg: cfg, socket: place}
	left := &leftover{dir, exec.Command(cfg.Path, s.arguments()...), make(chan struct{})}
	if err := left.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(left.ended)
		_ = left.cmd.Wait()
	}()
	t.Cleanup(func() { left.signal(t, syscall.SIGKILL); <-left.ended })
	c := &child{cmd: left.cmd, output: &output{}, exited: left.ended}
	if err := c.awaitReady(t.Context(), place.path); err != nil {
		t.Fatal(err)
	}
	set(t, s, "left")
	return left
}

func (l *leftover) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := l.cmd.Process.Signal(s); err != nil && !strings.Contains(err.Error(), "already finished") {
		t.Error(err)
	}
}

func config(t *testing.T, dir string) Config {
	t.Helper()
	return Config{Path: redistest.Need(t), Dir: dir, MaxMemory: 64 << 20, Logger: slog.New(slog.DiscardHandler)}
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// kill ends the server's process and returns it.
func kill(t *testing.T, s *Server) *child {
	t.Helper()
	s.mu.Lock()
	c := s.child
	s.mu.Unlock()
	if err := c.kill(); err != nil {
		t.Fatal(err)
	}
	return c
}

// awaitOther waits until the server has another process than old.
func awaitOther(t *testing.T, s *Server, old *child) {
	t.Helper()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		s.mu.Lock()
		other := s.child != old
		s.mu.Unlock()
		if other {
			return
		}
		select {
		case <-tick.C:
		case <-s.Done():
			t.Fatalf("the server has given up: %v", s.Err())
		}
	}
}

func client(t *testing.T, s *Server) redis.UniversalClient {
	t.Helper()
	c, err := store.Dial(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func set(t *testing.T, s *Server, value string) {
	t.Helper()
	if err := client(t, s).Set(t.Context(), "key", value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s *Server) string {
	t.Helper()
	value, err := client(t, s).Get(t.Context(), "key").Result()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// shortDir is a folder whose path leaves room for a socket's name, with a character that URLs treat specially.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis server%") //nolint:usetesting // the name of the test would make it long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func deepDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat(url.PathEscape("d é"), 12))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
