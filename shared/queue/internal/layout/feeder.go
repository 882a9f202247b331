package layout

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// longestCall is how long a fetch may wait for work. Asynq has set the end of the lease, half a minute ahead, before it asks.
	longestCall = time.Second
	// roomPause is how long a server that has no room waits until it looks by itself whether there is some.
	roomPause = 50 * time.Millisecond
	// stoppedPause is how long a fetch of a server waits that is about to end, and asks again at once.
	stoppedPause = time.Millisecond
)

// FeederOptions say whose connection a Feeder is. All but Room, Park and AtOnce are needed.
type FeederOptions struct {
	// Queues are those of the server, with their weights; Places is how many tasks it has under way at a time.
	Queues map[string]int
	Places int
	// Interval is the pause between two rounds while there is nothing to do but to ask again.
	Interval time.Duration
	// Room is how many tasks more are wanted at the moment, nil for as many as have a place. With none the server waits, see Nudge.
	Room func() int
	// Park is the key of the set in which servers wait for tasks to be handed over to them; empty if none are.
	Park string
	// AtOnce is given tasks as they are taken, and does those that take hardly longer than to hand them out; nil for none. What it returns is called
	// once, unless it is nil, tells Redis of their ends, and then of which Redis knows. The others are handed out.
	AtOnce func(ctx context.Context, tasks []Task) (publish func() (done []bool))
	// On tells whether the fast ways are on. Once it does, it always does.
	On func() bool
	// Delayed is shared by all servers of the process.
	Delayed *Delayed
	// Logger is told of what could not be given back.
	Logger *slog.Logger
}

// Feeder is the connection of one Asynq server, to which it hands tasks: those that it has fetched together, for all places that are free.
// While there are none it waits for Redis to tell, rather than ask again and again. Asynq may therefore ask without a pause (PollInterval): it
// is answered once there is something, or after a second. While the fast ways are off, everything is passed on, with the pauses that Asynq
// would make.
type Feeder struct {
	redis.UniversalClient
	o      FeederOptions
	queues []string
	calls  map[string]call
	bell   *bell
	lot    *lot // nil if nothing is handed over

	// underWay are the tasks that Asynq was given and whose handlers have not ended.
	underWay atomic.Int64
	nudged   chan struct{}
	stopped  chan struct{}
	stop     func()

	mu     sync.Mutex
	buffer []task // fetched and not handed out, the first one first
	// publishing has an element for each call that publishes what was done at once.
	publishing chan struct{}

	beats      beats
	deliveries deliveries

	// What follows is for the one goroutine that fetches.
	//
	// misses are fetches in a row that were passed on and brought nothing, fruitless those that followed a ring of the bell.
	misses, fruitless int
	// idle tells that the last fetch has brought nothing, so that it is the bell that tells when the next is worth while, or the time lookAt.
	idle   bool
	lookAt time.Time
}

// call is what Asynq asks for, as can be told by the first key.
type call int

const (
	_ call = iota
	fetches
	forwards
	ends
)

// PollInterval is for Asynq's TaskCheckInterval: the feeder makes the pauses. Zero would mean a second.
const PollInterval = time.Nanosecond

// NewFeeder returns a feeder over rdb, which is what the server is to write through. It waits on connections of its own, made with the options of
// base; without one it asks again and again. It must be stopped.
func NewFeeder(rdb redis.UniversalClient, base *redis.Client, o FeederOptions) *Feeder {
	f := &Feeder{
		UniversalClient: rdb, o: o, calls: map[string]call{}, nudged: make(chan struct{}, 1), stopped: make(chan struct{}),
		beats: beats{named: map[string]time.Time{}}, publishing: make(chan struct{}, mostPublishing),
	}
	for q := range o.Queues {
		f.queues = append(f.queues, q)
		f.calls[key(q, pending)], f.calls[key(q, scheduled)], f.calls[key(q, retry)], f.calls[key(q, active)] = fetches, forwards, forwards, ends
	}
	f.bell = newBell(base, f.queues)
	if o.Park != "" && base != nil {
		f.lot = newLot(o.Park, base, o.Logger, f.receive)
	}
	f.stop = sync.OnceFunc(func() {
		close(f.stopped)
		f.bell.close()
		if f.lot != nil {
			f.lot.leave()
		}
		for range mostPublishing { // none of them is under way once all places are ours
			f.publishing <- struct{}{}
		}
		for range mostPublishing {
			<-f.publishing
		}
	})
	return f
}

// EvalSha runs a script by its hash.
func (f *Feeder) EvalSha(ctx context.Context, hash string, keys []string, args ...any) *redis.Cmd {
	return f.script(ctx, keys, args, func() *redis.Cmd { return f.UniversalClient.EvalSha(ctx, hash, keys, args...) })
}

// Eval runs a script.
func (f *Feeder) Eval(ctx context.Context, source string, keys []string, args ...any) *redis.Cmd {
	return f.script(ctx, keys, args, func() *redis.Cmd { return f.UniversalClient.Eval(ctx, source, keys, args...) })
}

// script answers a call of Asynq's, or passes it on. It is told by its keys: a fetch has those of what waits, whether the queue is paused, who
// has what and until when; a forwarding those of what waits for its time, and where it goes then. A retry has the former as its fourth. The end of
// a task that is not kept has that of what workers have, and four more.
func (f *Feeder) script(ctx context.Context, keys []string, args []any, pass func() *redis.Cmd) *redis.Cmd {
	switch n := len(keys); {
	case n == 4 && f.calls[keys[0]] == fetches:
		return f.fetched(ctx, pass)
	case n == 2 && f.calls[keys[0]] == forwards && f.o.On() && f.o.Delayed.none(ctx):
		return answer(ctx, int64(0), nil)
	case n == 5 && f.calls[keys[0]] == ends && f.isOver(args[0]):
		return answer(ctx, "OK", nil)
	case n == 2 && f.o.On() && isBeat(keys):
		return f.beat(ctx, keys, args, pass)
	case n > 4 && f.calls[keys[3]] == forwards:
		defer f.o.Delayed.note()
	}
	return pass()
}

// answer is a reply that Redis was not asked for.
func answer(ctx context.Context, value any, err error) *redis.Cmd {
	cmd := redis.NewCmd(ctx, "evalsha")
	cmd.SetVal(value)
	cmd.SetErr(err)
	return cmd
}

// fetched answers a fetch, from whichever queue.
func (f *Feeder) fetched(ctx context.Context, pass func() *redis.Cmd) *redis.Cmd {
	if f.isStopped() {
		<-time.After(stoppedPause)
		return answer(ctx, nil, redis.Nil)
	}
	if !f.o.On() {
		return f.passed(pass())
	}
	msg, err := f.next(ctx)
	if err != nil {
		return answer(ctx, nil, err)
	}
	f.underWay.Add(1)
	return answer(ctx, msg, nil)
}

// passed makes the pauses after fetches that were passed on.
func (f *Feeder) passed(cmd *redis.Cmd) *redis.Cmd {
	err := cmd.Err()
	if err == nil {
		f.misses = 0
		f.underWay.Add(1)
		return cmd
	}
	if err == redis.Nil { //nolint:errorlint // never wrapped here
		f.misses++
	}
	if f.misses >= len(f.queues) || err != redis.Nil && !redis.HasErrorPrefix(err, "NOSCRIPT") { //nolint:errorlint // as above
		f.misses = 0
		f.sleep(f.o.Interval/2 + rand.N(f.o.Interval)) //nolint:gosec // nobody gains by guessing it
	}
	return cmd
}

// Ended tells that the handler of a task has ended, however.
func (f *Feeder) Ended() { f.underWay.Add(-1) }

// Nudge has a server that waits for room ask again whether there is some. It never blocks.
func (f *Feeder) Nudge() {
	select {
	case f.nudged <- struct{}{}:
	default:
	}
}

// Stop ends all waiting: from now on the server is told that there is nothing.
func (f *Feeder) Stop() { f.stop() }

func (f *Feeder) isStopped() bool {
	select {
	case <-f.stopped:
		return true
	default:
		return false
	}
}

// sleep is a pause that Stop ends.
func (f *Feeder) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-f.stopped:
	}
}
