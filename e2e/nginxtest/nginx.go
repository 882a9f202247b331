// Package nginxtest starts real nginx processes with the project's own configuration, the one that runs in compose, in front of whatever a test
// has started. Each is private to its test, on free ports and in a temporary folder, and gone with the test.
package nginxtest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long nginx may take to start or to end on a machine that is busy.
const patience = 30 * time.Second

// Options say what nginx stands in front of.
type Options struct {
	// API are the addresses (host:port) of the APIs, and Operator those of their operator listeners; none if empty.
	API, Operator []string
	// Certificate and Key are PEM files. With them everybody is answered over HTTPS.
	Certificate, Key string
	// Variables are more NB_… variables; they win.
	Variables map[string]string
}

// Server is a running nginx. Its methods are for the test's own goroutine.
type Server struct {
	// URL is where everybody is answered: by a redirect if there is a TLSURL. OperatorURL is the operator's server.
	URL, TLSURL, OperatorURL string
	// LogDir is where the access log is.
	LogDir string
	// Temp is what /tmp is in its container.
	Temp string

	tb     testing.TB
	dir    string
	cmd    *exec.Cmd
	exited chan struct{}
	errors buffer
}

// buffer is what nginx writes to standard error, safe for concurrent use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes more output. It never fails.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is all of it.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Need returns where nginx is. Without one the test is skipped, or fails if CI=true.
func Need(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} { // Debian's is where only root looks
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		tb.Fatal("nginx is not on PATH, and with CI=true it must be")
	}
	tb.Skip("nginx is not on PATH; install it to run this test (Debian: apt-get install nginx)")
	return ""
}

// Start runs nginx until the test ends. It answers when Start returns.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	path := Need(tb)
	dir, err := os.MkdirTemp("", "nginxtest-") //nolint:usetesting // nginx as root works as another user, who cannot enter a test's folder
	if err != nil {
		tb.Fatalf("make a folder for nginx: %v", err)
	}
	s := &Server{tb: tb, dir: dir, LogDir: filepath.Join(dir, "logs"), Temp: filepath.Join(dir, "tmp"), exited: make(chan struct{})}
	tb.Cleanup(func() {
		s.Stop()
		if tb.Failed() {
			tb.Logf("nginx said:\n%s", s.Errors())
		}
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("remove the folder of nginx: %v", err)
		}
	})
	for _, d := range []string{s.LogDir, s.Temp} {
		if err := os.Mkdir(d, 0o750); err != nil {
			tb.Fatalf("make a folder for nginx: %v", err)
		}
	}
	if err := s.open(path, o); err != nil {
		tb.Fatalf("start nginx: %v\n%s", err, s.Errors())
	}
	return s
}

// open writes the configuration, checks it and starts nginx on sockets that it inherits: no port can be taken by another in between.
func (s *Server) open(path string, o Options) error {
	var files []*os.File
	defer func() {
		for _, f := range files {
			_ = f.Close() // nginx has its own
		}
	}()
	var addresses [3]string
	for i := range addresses {
		address, file, err := listen()
		if err != nil {
			return err
		}
		addresses[i], files = address, append(files, file)
	}
	variables := s.variables(o, addresses)
	if variables["NB_TLS"] == "off" { // nothing is to listen on the third
		_ = files[2].Close()
		files = files[:2]
	}
	if err := install(s.dir, s.Temp, variables); err != nil {
		return err
	}
	if err := s.check(path); err != nil {
		return err
	}
	s.cmd = exec.Command(path, s.arguments("daemon off;")...)
	s.cmd.ExtraFiles = files
	s.cmd.Env = append(os.Environ(), "NGINX="+strings.Join([]string{"3", "4", "5"}[:len(files)], ";")+";")
	s.cmd.Stdout, s.cmd.Stderr = &s.errors, &s.errors
	s.cmd.SysProcAttr = endsWithTest()
	return s.run()
}

// variables are the values of all variables, and note the URLs.
func (s *Server) variables(o Options, addresses [3]string) map[string]string {
	s.URL, s.OperatorURL = "http://"+addresses[0], "http://"+addresses[1]
	v := map[string]string{
		"NB_LISTEN": addresses[0], "NB_OPERATOR_LISTEN": addresses[1], "NB_LOG_DIR": s.LogDir, "NB_RESOLVER": "127.0.0.1",
		"NB_API_SERVERS": servers(o.API), "NB_OPERATOR_SERVERS": servers(o.Operator),
		"NB_RATE": "100000r/s", "NB_BURST": "100000", "NB_CONNECTIONS": "10000",
		"NB_TLS": "off", "NB_GRAFANA_URL": "http://127.0.0.1:3000/", "NB_KIBANA_URL": "http://127.0.0.1:5601/",
	}
	for _, name := range []string{"NB_API_SERVERS", "NB_OPERATOR_SERVERS"} {
		if v[name] == "" {
			v[name] = "server 127.0.0.1:9 down;"
		}
	}
	if o.Certificate != "" {
		_, port, _ := net.SplitHostPort(addresses[2])
		s.TLSURL = "https://" + addresses[2]
		maps.Copy(v, map[string]string{
			"NB_TLS": "on", "NB_TLS_LISTEN": addresses[2], "NB_TLS_PORT": ":" + port,
			"NB_TLS_CERTIFICATE": o.Certificate, "NB_TLS_KEY": o.Key,
		})
	}
	maps.Copy(v, o.Variables)
	return v
}

// arguments are those of every start. nginx as root would work as a user who cannot enter the folder.
func (s *Server) arguments(directives string) []string {
	if os.Geteuid() == 0 {
		directives += " user root;"
	}
	return []string{"-p", s.dir, "-c", filepath.Join(s.dir, "nginx.conf"), "-e", "stderr", "-g", directives}
}

// check has nginx test its configuration, which must not even warn.
func (s *Server) check(path string) error {
	out, err := exec.Command(path, append(s.arguments("daemon off;"), "-t")...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("[warn]")) {
		return fmt.Errorf("nginx -t: %s (%w)", out, errors.Join(err, errors.New("the configuration is not clean")))
	}
	return nil
}

// run forks nginx from a thread that lives as long as it does: the parent-death signal comes when that thread ends.
func (s *Server) run() error {
	started := make(chan error)
	go func() {
		defer close(s.exited)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait() // its state tells
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	// os/exec makes them blocking, and nginx leaves what it inherits as it is: a worker that another has forestalled would wait for ever.
	for _, f := range s.cmd.ExtraFiles {
		if err := syscall.SetNonblock(int(f.Fd()), true); err != nil {
			return err
		}
	}
	return s.await()
}

// await asks until nginx answers.
func (s *Server) await() error {
	deadline := time.Now().Add(patience)
	for {
		if _, err := s.get("/nginx-healthz"); err == nil {
			return nil
		} else if time.Now().After(deadline) {
			return fmt.Errorf("no answer within %v: %w", patience, err)
		}
		select {
		case <-s.exited:
			return fmt.Errorf("it ended at once: %v", s.cmd.ProcessState)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Stop ends nginx at once, as `nginx -s stop` does, and waits until it is gone. A second Stop does nothing.
func (s *Server) Stop() {
	s.tb.Helper()
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.tb.Errorf("stop nginx: %v", err)
	}
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		s.tb.Errorf("nginx has not ended within %v", patience)
	}
}

// Errors is what nginx has written to its error log, and the operator's access log.
func (s *Server) Errors() string { return s.errors.String() }

// PID is the number of the master process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// listen takes a free port, as a file for a child to inherit.
func listen() (address string, file *os.File, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = l.Close() }()
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return "", nil, fmt.Errorf("a listener of type %T", l)
	}
	if file, err = tcp.File(); err != nil {
		return "", nil, err
	}
	return l.Addr().String(), file, nil
}
