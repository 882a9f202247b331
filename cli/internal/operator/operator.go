// Package operator is what a process answers to whoever operates it, on listeners of their own: whether it is well and what it has measured where
// it has no API, and where its time and memory go.
package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// lately is how long ago Redis may have answered last in a process that is well.
	lately = 5 * time.Second
	// patience is how long one question to Redis may take.
	patience = time.Second
	// Limits of a connection.
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// Server answers GET on a few paths. Its methods are safe for concurrent use.
type Server struct {
	listener net.Listener
	http     *http.Server
	host     string // that it listens on, beside loopback ones
	done     chan struct{}
}

// Start listens on HOST:PORT and answers /healthz and /metrics until Stop. /healthz says 200, or 503 if ping has not succeeded within 5 s. Requests
// must be for a loopback host or for HOST: a page of another name that points here is none of ours.
func Start(ctx context.Context, address string, ping func(context.Context) error, metrics http.Handler, logger *slog.Logger) (*Server, error) {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", &health{ping: ping})
	mux.Handle("GET /metrics", metrics)
	return start(ctx, address, mux, logger)
}

// StartProfiles does so for the profiles of this process under /debug/pprof/, as `go tool pprof` reads them. They tell names out of the program and,
// a heap, what is in it; taking one costs some of what it measures.
func StartProfiles(ctx context.Context, address string, logger *slog.Logger) (*Server, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return start(ctx, address, mux, logger)
}

func start(ctx context.Context, address string, mux *http.ServeMux, logger *slog.Logger) (*Server, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", address, err), listener.Close())
	}
	s := &Server{listener: listener, host: host, done: make(chan struct{})}
	s.http = &http.Server{
		Handler: s.guard(mux), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("the operator's paths are not served any more", slog.Any("error", err)) //nolint:sloglint // it belongs to nothing
		}
	}()
	return s, nil
}

// Addr is where it listens, with the port that was chosen.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Stop accepts nothing more and waits for answers under way until ctx ends.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("the operator's requests broken off: %w", err), s.http.Close())
	}
	<-s.done
	return err
}

// health says whether the process is well.
type health struct {
	ping     func(context.Context) error
	answered atomic.Int64 // when Redis last answered, in nanoseconds since 1970; 0 is never
}

// ServeHTTP asks Redis now; a single answer that is late says nothing yet.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	now := time.Now()
	if h.ping(ctx) == nil {
		h.answered.Store(now.UnixNano())
	}
	w.Header().Set("Cache-Control", "no-store")
	if now.UnixNano()-h.answered.Load() > lately.Nanoseconds() {
		say(w, http.StatusServiceUnavailable, "Redis has not answered lately")
		return
	}
	say(w, http.StatusOK, "ok")
}

// guard answers only requests for hosts that are meant.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !s.serves(r.Host) {
			say(w, http.StatusMisdirectedRequest, "this host is not served here; use a loopback address such as 127.0.0.1, or name the host in --operator-listen or --profile-listen")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) serves(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	return strings.EqualFold(host, "localhost") || host != "" && strings.EqualFold(host, s.host)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // whoever asked may be gone
}
