package layout

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/subscription"
)

// handTime bounds the wait for a task that was handed over just before the feeder has stopped.
const handTime = time.Second

// handOver goes behind Asynq's script that enqueues a task, and does so unless nothing else waits in its queue and a server is parked: then the task is
// that one's at once, as if it had been enqueued and fetched. A server whose process is gone listens no more, and is passed over.
//
// KEYS task pending parked paused active lease. ARGV msg id now_ns lease_end queue.
const handOver = `
for _ = 1, 3 do
  local idle = redis.call('SPOP', KEYS[3])
  if not idle or redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[4]) > 0 then break end
  if redis.call('PUBLISH', idle, table.concat({ARGV[5], ARGV[2], ARGV[3], ARGV[4], ARGV[1]}, ' ')) > 0 then
    redis.call('HSET', KEYS[1], 'msg', ARGV[1], 'state', 'active', 'taken', '1')
    redis.call('LPUSH', KEYS[5], ARGV[2])
    redis.call('ZADD', KEYS[6], ARGV[4], ARGV[2])
    return 1
  end
end
return enqueue({KEYS[1], KEYS[2]}, {ARGV[1], ARGV[2], ARGV[3]})`

// enqueueBy enters the script that enqueues.
func (s *Scripts) enqueueBy(source string) {
	s.Enqueue = source
	s.hand = "local function enqueue(KEYS, ARGV)\n" + source + "\nend" + handOver
}

// Starting is what enqueues a task by Asynq's call c, and hands it over to a server that is parked under that key; with an empty key to none.
func (s Scripts) Starting(c Call, queue, parked string, now time.Time) (source string, all Call) {
	if parked == "" {
		return s.Enqueue, c
	}
	return s.hand, Call{
		Keys: append(c.Keys, parked, key(queue, paused), key(queue, active), key(queue, lease)),
		Args: append(c.Args, now.Add(leaseTime).Unix(), queue),
	}
}

// lot is where a feeder parks while it has nothing to do, so that the next task is handed over to it: in a set of channels, of which it listens to
// its own.
type lot struct {
	key, channel string
	rdb          redis.UniversalClient
	logger       *slog.Logger
	take         func(task) // is given what is handed over

	listens atomic.Bool
	parked  atomic.Bool // it may be in the set
	handed  chan struct{}

	ctx       context.Context //nolint:containedctx // it ends when the feeder leaves
	cancel    context.CancelFunc
	mu        sync.Mutex // of listening, which begins only while the context lasts
	begun     bool
	listening sync.WaitGroup
}

func newLot(key string, rdb redis.UniversalClient, logger *slog.Logger, take func(task)) *lot {
	l := &lot{key: key, channel: key + ":" + strings.ToLower(rand.Text()), rdb: rdb, logger: logger, take: take, handed: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// isOpen tells whether somebody listens, and sees to it that somebody soon does.
func (l *lot) isOpen() bool {
	if l.listens.Load() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun && l.ctx.Err() == nil {
		l.begun = true
		l.listening.Go(l.listen)
	}
	return false
}

// listen takes the tasks that are handed over until the feeder leaves. While it cannot, the bell rings.
func (l *lot) listen() {
	subscription.Subscription{
		Redis: l.rdb, Logger: l.logger, Channel: l.channel, Deliver: l.receive,
		Connected: func() {
			l.listens.Store(true)
			l.wake() // to park
		},
		Lost: func() { l.listens.Store(false) },
	}.Run(l.ctx)
}

// receive takes a task: its queue, its id, when it was queued in nanoseconds, when its lease ends in seconds, and its message.
func (l *lot) receive(text string) {
	parts := strings.SplitN(text, " ", 5)
	if len(parts) != 5 {
		return // nobody says so; whoever looks for tasks that nobody has finds it
	}
	queued, err := strconv.ParseInt(parts[2], 10, 64)
	end, endErr := strconv.ParseInt(parts[3], 10, 64)
	if err != nil || endErr != nil {
		return
	}
	l.parked.Store(false)
	l.take(task{queue: parts[0], id: parts[1], msg: parts[4], queued: time.Unix(0, queued), end: end, since: time.Now()})
	l.wake()
}

// wake has the feeder look anew.
func (l *lot) wake() {
	select {
	case l.handed <- struct{}{}:
	default:
	}
}

// leave sees to it that nothing is handed over any more, and waits for what just was.
func (l *lot) leave() {
	defer l.listening.Wait()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.cancel()
	}()
	if !l.listens.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(l.ctx, handTime)
	defer cancel()
	if n, err := l.rdb.SRem(ctx, l.key, l.channel).Result(); err != nil || n == 1 || !l.parked.Load() {
		return
	}
	select {
	case <-l.handed:
	case <-ctx.Done():
	}
}
