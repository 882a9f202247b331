package store

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// resubscribeDelay is how long a lost subscription waits before it is tried again.
	resubscribeDelay = 500 * time.Millisecond
	// quietFor is how long a subscription may hear nothing before it asks whether the other end still lives, and how long the answer
	// may take: a connection can be lost without either end being told.
	quietFor = 10 * time.Second
)

// subscription delivers a channel's messages, and calls connected each time that it stands anew.
type subscription struct {
	rdb       redis.UniversalClient
	logger    *slog.Logger
	channel   string
	quietFor  time.Duration
	connected func()
	deliver   func(payload string)
}

// run goes on until the context ends. An absence of Redis is logged once.
func (s subscription) run(ctx context.Context) {
	told := false
	for ctx.Err() == nil {
		err := s.once(ctx, func() { told = false })
		if ctx.Err() != nil {
			return
		}
		if !told {
			s.logger.WarnContext(ctx, "subscription lost", slog.String("channel", s.channel), slog.Any("error", err))
			told = true
		}
		pause(ctx, resubscribeDelay)
	}
}

// once receives message by message since the library's own channel drops what comes while it is full.
func (s subscription) once(ctx context.Context, standing func()) error {
	sub := s.rdb.Subscribe(ctx, s.channel)
	// A read that waits does not look at its context: closing ends it. What Close would say, the read says.
	closeOnce := sync.OnceFunc(func() { _ = sub.Close() })
	stop := context.AfterFunc(ctx, closeOnce)
	defer closeOnce()
	defer stop()
	if _, err := sub.ReceiveTimeout(ctx, s.quietFor); err != nil {
		return err
	}
	standing()
	s.connected()
	for asked := false; ; {
		received, err := sub.ReceiveTimeout(ctx, s.quietFor)
		var network net.Error
		switch {
		case err == nil:
			asked = false
			if m, ok := received.(*redis.Message); ok {
				s.deliver(m.Payload)
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
