// Package redisserver runs a private redis-server: a child process that keeps its data in one folder, listens on a unix socket alone,
// is started again if it dies, and does not outlive this process.
package redisserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

const (
	// startTimeout is how long a server may take to load its data.
	startTimeout = 2 * time.Minute
	// pollInterval is how often something is looked at that gives no sign of itself.
	pollInterval = 5 * time.Millisecond
	// maxRestarts within restartWindow is what is taken for bad luck; more is a fault.
	maxRestarts   = 3
	restartWindow = time.Minute
	restartDelay  = 500 * time.Millisecond
)

// Config says how to run the server.
type Config struct {
	Path      string // of the program; see Find
	Dir       string // where the data is; made if it is missing. One server at a time: the caller holds a lock
	MaxMemory int64  // bytes, after which writes are refused
	Logger    *slog.Logger
}

// Server is a running redis-server.
type Server struct {
	cfg    Config
	socket socket

	life   context.Context    //nolint:containedctx // it ends with Stop, and with it every attempt to start again
	finish context.CancelFunc // of life

	mu    sync.Mutex
	child *child

	done chan struct{} // closed when no child runs and none will be started
	err  error         // why, if it was not Stop; to be read once done is closed
}

// Find returns the path of redis-server, if there is one on PATH.
func Find() (path string, found bool) {
	path, err := exec.LookPath("redis-server")
	return path, err == nil
}

// Start ends what an earlier process may have left over in the folder, starts the server, and returns once it has loaded its
// data. Stop must follow.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	dir, err := makeFolder(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("make the folder of redis-server: %w", err)
	}
	cfg.Dir = dir
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := endLeftover(ctx, cfg); err != nil {
		return nil, fmt.Errorf("end the redis-server that an earlier process left in %s: %w", dir, err)
	}
	s := &Server{cfg: cfg, done: make(chan struct{})}
	s.life, s.finish = context.WithCancel(context.WithoutCancel(ctx))
	if s.socket, err = makeSocket(dir); err != nil {
		return nil, err
	}
	if err := s.launch(ctx); err != nil {
		s.socket.remove()
		return nil, err
	}
	go s.supervise() //nolint:contextcheck // it goes on until Stop
	return s, nil
}

// makeFolder returns the one true path of a folder: processes show it without symbolic links.
func makeFolder(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// URL returns where the server listens.
func (s *Server) URL() string { return s.socket.url() }

// Done is closed when the server has ended, by Stop or for good by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err returns why the server has ended by itself. It may be called once Done is closed.
func (s *Server) Err() error { return s.err }

// Stop lets the server write what it holds and end, and waits for that; when ctx ends it is killed. Nothing of it stays but its data.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.finish()
	child := s.child
	s.mu.Unlock()
	err := child.end(ctx)
	<-s.done
	s.socket.remove()
	return err
}

// launch starts one child and waits until it answers.
func (s *Server) launch(ctx context.Context) error {
	c, err := startChild(s.cfg.Path, s.arguments(), s.cfg.Logger)
	if err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	if err := c.awaitReady(ctx, s.socket.path); err != nil {
		return errors.Join(fmt.Errorf("start redis-server: %w", err), c.kill())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.life.Err(); err != nil {
		return errors.Join(err, c.kill())
	}
	s.child = c
	return nil
}

// supervise starts the server again whenever it dies, until Stop or until that happens too often.
func (s *Server) supervise() {
	defer close(s.done)
	var deaths []time.Time
	for {
		<-s.child.exited
		if s.life.Err() != nil {
			return
		}
		deaths = append(deaths, time.Now())
		if len(deaths) > maxRestarts {
			if time.Since(deaths[0]) < restartWindow {
				s.err = fmt.Errorf("redis-server ended %d times within %v, at last with %s", len(deaths), restartWindow, s.child.outcome())
				return
			}
			deaths = deaths[1:]
		}
		s.cfg.Logger.ErrorContext(s.life, "redis-server ended; starting it again", slog.String("outcome", s.child.outcome()))
		if err := s.relaunch(); err != nil {
			if s.life.Err() == nil {
				s.err = err
			}
			return
		}
	}
}

func (s *Server) relaunch() error {
	ctx, cancel := context.WithTimeout(s.life, startTimeout)
	defer cancel()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(restartDelay):
		return s.launch(ctx)
	}
}

// arguments are the server's settings. Whoever may enter the socket's folder may use it; nobody else can.
func (s *Server) arguments() []string {
	return []string{
		"--port", "0", "--unixsocket", s.socket.path, "--unixsocketperm", "700",
		"--dir", s.cfg.Dir, "--pidfile", pidFile(s.cfg.Dir), "--daemonize", "no", "--databases", "1",
		"--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
		"--maxmemory", strconv.FormatInt(s.cfg.MaxMemory, 10), "--maxmemory-policy", "noeviction",
	}
}

func pidFile(dir string) string { return filepath.Join(dir, "redis.pid") }
