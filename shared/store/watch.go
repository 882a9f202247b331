package store

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/subscription"
)

// Watcher tells waiting requests that a computation, or a job of it, has changed: one subscription for the whole process. A signal
// says "read the record again", nothing more, so that a lost or a doubled one does no harm. Those who wait for the end alone get that itself.
type Watcher struct {
	rdb    redis.UniversalClient
	logger *slog.Logger

	mu       sync.Mutex
	watching watches[struct{}]
	awaiting watches[End]
}

// watches are the channels that are told of a computation.
type watches[T any] map[job.Fingerprint][]chan T

// NewWatcher returns a watcher that signals nothing until Run.
func NewWatcher(s *Store, logger *slog.Logger) *Watcher {
	return &Watcher{rdb: s.rdb, logger: logger, watching: watches[struct{}]{}, awaiting: watches[End]{}}
}

// Watch returns a channel that receives after changes of the computation; several changes may come as one signal. stop must be
// called.
func (w *Watcher) Watch(f job.Fingerprint) (changed <-chan struct{}, stop func()) {
	return watch(w, w.watching, f)
}

// Await returns a channel that receives once a run of the computation has ended, and after whatever may have hidden that: an end that says
// nothing, which asks to read the record. It does not receive for what happens on the way. stop must be called.
func (w *Watcher) Await(f job.Fingerprint) (ends <-chan End, stop func()) {
	return watch(w, w.awaiting, f)
}

func watch[T any](w *Watcher, all watches[T], f job.Fingerprint) (<-chan T, func()) {
	ch := make(chan T, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	all[f] = append(all[f], ch)
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		all[f] = slices.DeleteFunc(all[f], func(other chan T) bool { return other == ch })
		if len(all[f]) == 0 {
			delete(all, f)
		}
	}
}

// Run listens until the context ends. It reconnects by itself, and then signals everybody, since messages may have been missed.
func (w *Watcher) Run(ctx context.Context) {
	subscription.Subscription{
		Redis: w.rdb, Logger: w.logger, Channel: changesChannel, Connected: w.signalAll, Deliver: w.deliver,
	}.Run(ctx)
}

// deliver passes a message on: a fingerprint, and then how a run of it has ended, if one has.
func (w *Watcher) deliver(payload string) {
	name, rest, _ := strings.Cut(payload, " ")
	f := job.Fingerprint(name)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.watching[f] {
		wake(ch)
	}
	waiting := w.awaiting[f]
	if len(waiting) == 0 || rest == onTheWay {
		return
	}
	var e End
	if rest != "" {
		e = parseEnd(rest)
	}
	for _, ch := range waiting {
		tell(ch, e)
	}
}

func (w *Watcher) signalAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, chans := range w.watching {
		for _, ch := range chans {
			wake(ch)
		}
	}
	for _, chans := range w.awaiting {
		for _, ch := range chans {
			tell(ch, End{})
		}
	}
}

func wake(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// tell adds to what has not been received yet: if either asks to read the record, that is to be done. Only one goroutine at a time tells.
func tell(ch chan End, e End) {
	select {
	case before := <-ch:
		if before.Run == "" {
			e = before
		}
	default:
	}
	ch <- e
}

// Stops calls stop for each run that nobody waits for any more, until the context ends.
func (s *Store) Stops(ctx context.Context, logger *slog.Logger, stop func(f job.Fingerprint, run string)) {
	subscription.Subscription{
		Redis: s.rdb, Logger: logger, Channel: stopsChannel,
		Deliver: func(payload string) {
			if f, run, ok := strings.Cut(payload, " "); ok {
				stop(job.Fingerprint(f), run)
			}
		},
	}.Run(ctx)
}
