package store

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// Watcher tells waiting requests that a computation, or a job of it, has changed: one subscription for the whole process. A signal
// says "read the record again", nothing more, so that a lost or a doubled one does no harm.
type Watcher struct {
	rdb    redis.UniversalClient
	logger *slog.Logger

	mu       sync.Mutex
	watching map[job.Fingerprint]map[chan struct{}]struct{}
}

// NewWatcher returns a watcher that signals nothing until Run.
func NewWatcher(s *Store, logger *slog.Logger) *Watcher {
	return &Watcher{rdb: s.rdb, logger: logger, watching: map[job.Fingerprint]map[chan struct{}]struct{}{}}
}

// Watch returns a channel that receives after changes of the computation; several changes may come as one signal. stop must be
// called.
func (w *Watcher) Watch(f job.Fingerprint) (changed <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watching[f] == nil {
		w.watching[f] = map[chan struct{}]struct{}{}
	}
	w.watching[f][ch] = struct{}{}
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watching[f], ch)
		if len(w.watching[f]) == 0 {
			delete(w.watching, f)
		}
	}
}

// Run listens until the context ends. It reconnects by itself, and then signals everybody, since messages may have been missed.
func (w *Watcher) Run(ctx context.Context) {
	subscription{
		rdb: w.rdb, logger: w.logger, channel: changesChannel, quietFor: quietFor, connected: w.signalAll,
		deliver: func(payload string) { w.signal(job.Fingerprint(payload)) },
	}.run(ctx)
}

func (w *Watcher) signal(f job.Fingerprint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.watching[f] {
		wake(ch)
	}
}

func (w *Watcher) signalAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, chans := range w.watching {
		for ch := range chans {
			wake(ch)
		}
	}
}

func wake(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Stops calls stop for each run that nobody waits for any more, until the context ends.
func (s *Store) Stops(ctx context.Context, logger *slog.Logger, stop func(f job.Fingerprint, run string)) {
	subscription{
		rdb: s.rdb, logger: logger, channel: stopsChannel, quietFor: quietFor, connected: func() {},
		deliver: func(payload string) {
			if f, run, ok := strings.Cut(payload, " "); ok {
				stop(job.Fingerprint(f), run)
			}
		},
	}.run(ctx)
}
