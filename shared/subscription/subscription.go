// Package subscription listens to a channel of Redis for as long as somebody wants it to, whatever becomes of the connection.
package subscription

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// again is how long a lost subscription waits before it is tried again.
	again = 500 * time.Millisecond
	// quietFor is how long a subscription may hear nothing before it asks whether the other end still lives, and how long the answer
	// may take: a connection can be lost without either end being told.
	quietFor = 10 * time.Second
)

// Subscription delivers a channel's messages, and calls Connected each time that it stands anew, and Lost each time that it no longer does.
type Subscription struct {
	Redis     redis.UniversalClient
	Logger    *slog.Logger
	Channel   string
	Connected func() // may be nil
	Lost      func() // may be nil
	Deliver   func(payload string)
	// QuietFor is for tests: 10 s if it is 0.
	QuietFor time.Duration
}

// Run goes on until the context ends. An absence of Redis is logged once.
func (s Subscription) Run(ctx context.Context) {
	s.QuietFor = cmp.Or(s.QuietFor, quietFor)
	told := false
	for ctx.Err() == nil {
		err := s.once(ctx, func() { told = false })
		if s.Lost != nil {
			s.Lost()
		}
		if ctx.Err() != nil {
			return
		}
		if !told {
			s.Logger.WarnContext(ctx, "subscription lost", slog.String("channel", s.Channel), slog.Any("error", err))
			told = true
		}
		pause(ctx, again)
	}
}

// once receives message by message since the library's own channel drops what comes while it is full.
func (s Subscription) once(ctx context.Context, standing func()) error {
	sub := s.Redis.Subscribe(ctx, s.Channel)
	// A read that waits does not look at its context: closing ends it. What Close would say, the read says.
	closeOnce := sync.OnceFunc(func() { _ = sub.Close() })
	stop := context.AfterFunc(ctx, closeOnce)
	defer closeOnce()
	defer stop()
	if _, err := sub.ReceiveTimeout(ctx, s.QuietFor); err != nil {
		return err
	}
	standing()
	if s.Connected != nil {
		s.Connected()
	}
	for asked := false; ; {
		received, err := sub.ReceiveTimeout(ctx, s.QuietFor)
		var network net.Error
		switch {
		case err == nil:
			asked = false
			if m, ok := received.(*redis.Message); ok {
				s.Deliver(m.Payload)
			}
		case !asked && errors.As(err, &network) && network.Timeout():
			asked = true
			if err := sub.Ping(ctx); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
