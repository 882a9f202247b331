package layout

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// listenTime is after how long Redis is asked anew to tell: a connection that is dead and does not say so is noticed after it, and listenGrace.
	listenTime  = 15 * time.Second
	listenGrace = 2 * time.Second
	// refusedPause is how long Redis is not asked again to tell after it has refused to, which it does when it is full.
	refusedPause = time.Second
)

// bell rings when something is put into an empty queue, by whomever. It waits for that on connections of its own, since Redis does nothing else on
// one meanwhile, and asks nothing twice.
type bell struct {
	conn *redis.Client
	// rung holds a ring until somebody hears it.
	rung chan struct{}

	ctx      context.Context //nolint:containedctx // it ends with close
	cancel   context.CancelFunc
	mu       sync.Mutex // of waiting, which grows only while the context lasts
	waiting  sync.WaitGroup
	watchers map[string]*watcher
}

// watcher waits for one queue.
type watcher struct {
	list    string
	waiting atomic.Bool
	refused atomic.Pointer[time.Time] // when Redis did so last
}

// newBell makes a bell that has connections with the options of base, or never rings without.
func newBell(base *redis.Client, queues []string) *bell {
	b := &bell{rung: make(chan struct{}, 1), watchers: map[string]*watcher{}}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	if base != nil {
		options := *base.Options()
		options.MaxRetries = -1
		options.PoolSize, options.MinIdleConns, options.MaxIdleConns = len(queues), 0, 0
		options.ContextTimeoutEnabled = true
		b.conn = redis.NewClient(&options)
	}
	for _, q := range queues {
		b.watchers[q] = &watcher{list: key(q, pending)}
	}
	return b
}

// listen sees to it that the bell rings once the queue is not empty, which it may be already. It is false if Redis has refused to tell just now.
func (b *bell) listen(queue string) bool {
	w := b.watchers[queue]
	if b.conn == nil {
		return false
	}
	if at := w.refused.Load(); at != nil && time.Since(*at) < refusedPause {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() == nil && w.waiting.CompareAndSwap(false, true) {
		b.waiting.Go(func() { b.watch(w) })
	}
	return true
}

// listening tells whether the bell waits for all queues, if it can.
func (b *bell) listening() bool {
	for _, w := range b.watchers {
		if b.conn != nil && !w.waiting.Load() && w.refused.Load() == nil {
			return false
		}
	}
	return true
}

// watch rings when there is something in the queue, or when that cannot be told.
func (b *bell) watch(w *watcher) {
	var err error = redis.Nil
	for errors.Is(err, redis.Nil) && b.ctx.Err() == nil {
		err = b.turn(w.list)
	}
	if err != nil {
		now := time.Now()
		w.refused.Store(&now)
	}
	w.waiting.Store(false)
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// turn waits until a list is not empty, and puts its last element where it is.
func (b *bell) turn(list string) error {
	ctx, cancel := context.WithTimeout(b.ctx, listenTime+listenGrace)
	defer cancel()
	return b.conn.BLMove(ctx, list, list, "RIGHT", "RIGHT", listenTime).Err()
}

// close ends all waiting, and its connections.
func (b *bell) close() {
	b.mu.Lock()
	b.cancel()
	b.mu.Unlock()
	if b.conn != nil {
		_ = b.conn.Close()
	}
	b.waiting.Wait()
}
