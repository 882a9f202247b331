// Package memoryredis is a Redis inside this process, for a look around where there is no redis-server: miniredis, reached over
// connections in memory, so that it has no address and leaves nothing behind. Its data ends with the process.
package memoryredis

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Server is a running Redis.
type Server struct {
	redis  *miniredis.Miniredis
	server *server.Server

	mu     sync.Mutex
	closed bool
}

// Start runs a new, empty Redis until Close. Time passes in it as it does outside: keys expire.
func Start() (*Server, error) {
	r := miniredis.NewMiniRedis()
	r.ClockTTL(true)
	first, err := r.Dial() // starts it without a port
	if err != nil {
		return nil, fmt.Errorf("start a Redis in memory: %w", err)
	}
	return &Server{redis: r, server: r.Server()}, first.Close()
}

// Client returns a new client, which the caller closes.
func (s *Server) Client() redis.UniversalClient {
	return redis.NewClient(&redis.Options{
		DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Dialer: func(context.Context, string, string) (net.Conn, error) { return s.connect() },
	})
}

// Close ends the server and its connections.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.redis.Close()
}

func (s *Server) connect() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	ours, theirs := net.Pipe()
	s.server.ServeConn(newPatient(theirs))
	return ours, nil
}
