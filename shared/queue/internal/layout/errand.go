package layout

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Scripts are the texts of scripts of Asynq's, as it has sent them in a trial, so that they can run within others.
type Scripts struct {
	// Enqueue puts a task into its queue, Done takes one that was delivered out of it, and keep puts it aside among those that are kept.
	Enqueue, Done, keep string
	// hand is Enqueue and what goes behind it.
	hand string
}

// Call is a call of a script.
type Call struct {
	Keys []string
	Args []any
}

const (
	// processed counts a queue's deliveries, and with the day behind it those of the day, which are kept for statsTime.
	processed = "processed"
	statsTime = 90 * 24 * time.Hour
)

// Ending is the call of Scripts.Done for a task that is not kept.
func Ending(queue, id string, now time.Time) Call {
	return Call{
		Keys: []string{
			key(queue, active), key(queue, lease), taskKey(queue, id), key(queue, processed+":"+now.UTC().Format(time.DateOnly)), key(queue, processed),
		},
		Args: []any{id, now.Add(statsTime).Unix(), int64(math.MaxInt64)},
	}
}

// keepResult goes before Asynq's script that puts a task aside: what has come of it. KEYS and ARGV are that one's, and the text.
const keepResult = "redis.call('HSET', KEYS[4], 'result', ARGV[6])\n"

// completed is the set of the tasks that are kept once they have ended, by how long.
const completed = "completed"

// Ending is what ends the delivery of a task; result is one line about what has come of it, for those that are kept.
func (s Scripts) Ending(t Task, result string, now time.Time) (source string, c Call) {
	c = Ending(t.Queue, t.ID, now)
	if t.retention == 0 {
		return s.Done, c
	}
	return s.keep, Call{
		Keys: slices.Insert(c.Keys, 2, key(t.Queue, completed))[:6],
		Args: []any{t.ID, c.Args[1], now.Unix() + int64(t.retention), t.ended(now), c.Args[2], result}, //nolint:gosec // it was one of Asynq's
	}
}

// recorder is a connection that tells of a script's call rather than make it.
type recorder struct{ redis.UniversalClient }

// Recorder returns a connection for a client of Asynq's, over rdb. A call of a script in a context that Record has made is not made.
func Recorder(rdb redis.UniversalClient) redis.UniversalClient { return recorder{rdb} }

type recordKey struct{}

// Record returns a context for one call of a client of Asynq's over a Recorder, which it enters into c.
func Record(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, recordKey{}, c)
}

// EvalSha implements redis.UniversalClient.
func (r recorder) EvalSha(ctx context.Context, hash string, keys []string, args ...any) *redis.Cmd {
	if c, ok := ctx.Value(recordKey{}).(*Call); ok {
		c.Keys, c.Args = keys, args
		return answer(ctx, int64(1), nil)
	}
	return r.UniversalClient.EvalSha(ctx, hash, keys, args...)
}

// reader is a connection that tells the texts of scripts. Who calls one by its hash is told that it is not known, and so sends the text.
type reader struct {
	redis.UniversalClient

	read func(source string, c Call)
}

// EvalSha implements redis.UniversalClient.
func (reader) EvalSha(ctx context.Context, _ string, _ []string, _ ...any) *redis.Cmd {
	return answer(ctx, nil, redis.ErrNoScript)
}

// Eval implements redis.UniversalClient.
func (r reader) Eval(ctx context.Context, source string, keys []string, args ...any) *redis.Cmd {
	r.read(source, Call{keys, args})
	return r.UniversalClient.Eval(ctx, source, keys, args...)
}

// deliveries are what is known of tasks that Asynq was given. The zero value knows of none.
type deliveries struct {
	mu sync.Mutex
	// first are those that were given to nobody before, by when they were queued; over are those whose end was told to Redis along with something else.
	first map[string]time.Time
	over  map[string]struct{}
}

// mostDeliveries bounds what is known: Asynq may never ask again about one, whose lease is over for instance.
const mostDeliveries = 1000

// begun enters a task that is handed out, unless it was before.
func (d *deliveries) begun(t task) {
	if t.queued.IsZero() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first == nil || len(d.first) >= mostDeliveries {
		d.first = map[string]time.Time{}
	}
	d.first[t.id] = t.queued
}

// FirstQueued is when a task was queued that nobody was given before; zero for others. It is told once.
func (f *Feeder) FirstQueued(id string) time.Time {
	f.deliveries.mu.Lock()
	defer f.deliveries.mu.Unlock()
	at := f.deliveries.first[id]
	delete(f.deliveries.first, id)
	return at
}

// Over says that Redis was told of the end of a task's delivery, so that Asynq need not.
func (f *Feeder) Over(id string) {
	f.deliveries.mu.Lock()
	defer f.deliveries.mu.Unlock()
	if f.deliveries.over == nil || len(f.deliveries.over) >= mostDeliveries {
		f.deliveries.over = map[string]struct{}{}
	}
	f.deliveries.over[id] = struct{}{}
}

// isOver tells whether Redis knows of the end that Asynq is about to tell.
func (f *Feeder) isOver(id any) bool {
	name, ok := id.(string)
	f.deliveries.mu.Lock()
	defer f.deliveries.mu.Unlock()
	if ok {
		_, ok = f.deliveries.over[name]
		delete(f.deliveries.over, name)
	}
	return ok
}
