// Package memoryredis is a Redis inside this process, for a look around where there is no redis-server: miniredis on a unix socket in
// a private folder. Its data ends with the process.
package memoryredis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/alicebob/miniredis/v2"
)

// Server is a running Redis.
type Server struct {
	redis    *miniredis.Miniredis
	dir      string
	listener net.Listener
	accept   sync.WaitGroup
}

// Start runs a new, empty Redis until Close. Time passes in it as it does outside: keys expire.
func Start() (*Server, error) {
	dir, err := os.MkdirTemp("", "numbermill-") // only its owner may enter
	if err != nil {
		return nil, fmt.Errorf("make a folder for a socket: %w", err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "redis.sock")) //nolint:noctx // a socket of our own takes no time
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on a socket: %w", err), os.Remove(dir))
	}
	s := &Server{redis: miniredis.NewMiniRedis(), dir: dir, listener: listener}
	s.redis.ClockTTL(true)
	// Dial starts it without a port; the connection itself is of no use.
	first, err := s.redis.Dial()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a Redis in memory: %w", err), listener.Close(), os.RemoveAll(dir))
	}
	s.accept.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.redis.Server().ServeConn(conn)
		}
	})
	return s, first.Close()
}

// URL returns where the server listens.
func (s *Server) URL() string {
	u := url.URL{Scheme: "unix", Path: s.listener.Addr().String()}
	return u.String()
}

// Close ends the server and its connections.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.accept.Wait()
	s.redis.Close()
	return errors.Join(err, os.RemoveAll(s.dir))
}
