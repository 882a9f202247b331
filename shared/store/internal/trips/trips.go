// Package trips has script calls that come at the same time travel to Redis together: while one call is under way those that follow wait,
// and go as one pipeline when it is back. A call that finds nobody under way goes at once and by itself, so that an idle process pays nothing;
// under load a round trip, which costs more than most scripts, is shared by many.
package trips

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// most is how many calls travel together: it bounds how long Redis and the reader of the answers are held.
	most = 128
	// patience is how long calls wait for the trip before theirs. A Redis that hangs, or a script that takes its time, then holds up nobody else.
	patience = 20 * time.Millisecond
)

// On has the script calls of a client travel together. Only EVAL and EVALSHA travel together: they are atomic by themselves and written to be
// repeated, as a pipeline is when its connection breaks. All others, those that block among them, go their own way. Hooks that the client has
// already see each call by itself, and trips of several as a pipeline without a trace.
func On(rdb *redis.Client) { rdb.AddHook(&hook{rdb: rdb}) }

type hook struct {
	rdb *redis.Client

	mu      sync.Mutex
	away    int // the number of the trip that is under way, 0 for none
	last    int // the number of the last one
	waiting []*call
	limit   *time.Timer // when those who wait have waited for long enough; nil while nobody waits
}

// call is one script call that waits for its trip.
type call struct {
	cmd  *redis.Cmd // a copy: whoever has made the call may be gone when the answer comes
	done chan struct{}
}

// DialHook implements redis.Hook.
func (*hook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (*hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements redis.Hook.
func (h *hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		script, ok := cmd.(*redis.Cmd)
		if !ok || !isScript(script) {
			return next(ctx, cmd)
		}
		c, trip := h.enter(script) //nolint:contextcheck // the trip goes on for others when this caller has left
		if c == nil {
			defer h.back(trip) //nolint:contextcheck // those who have waited go on their own account
			return next(ctx, cmd)
		}
		select {
		case <-c.done:
			script.SetVal(c.cmd.Val())
			script.SetErr(c.cmd.Err())
		case <-ctx.Done():
			script.SetErr(ctx.Err())
		}
		return script.Err()
	}
}

func isScript(cmd *redis.Cmd) bool {
	name, _ := cmd.Args()[0].(string)
	return name == "evalsha" || name == "eval"
}

// enter has a call wait for the trip that is under way, or else go on a trip of its own, whose number it returns without a call.
func (h *hook) enter(cmd *redis.Cmd) (c *call, trip int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away == 0 {
		return nil, h.leave()
	}
	c = &call{cmd: redis.NewCmd(context.Background(), cmd.Args()...), done: make(chan struct{})}
	h.waiting = append(h.waiting, c)
	h.bound()
	return c, 0
}

// leave numbers a trip that begins. It is called under the lock.
func (h *hook) leave() (trip int) {
	h.last++
	h.away = h.last
	return h.away
}

// bound sees to it that nobody waits too long for the trip that is under way. A trip that nobody waits for needs no timer, which may wake a thread.
// It is called under the lock.
func (h *hook) bound() {
	if trip := h.away; h.limit == nil {
		h.limit = time.AfterFunc(patience, func() { h.back(trip) })
	}
}

// back has those go who have waited for a trip: it is back, or they have waited for long enough. Only the first time counts.
func (h *hook) back(trip int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away != trip {
		return
	}
	if h.limit != nil {
		h.limit.Stop()
		h.limit = nil
	}
	n := min(len(h.waiting), most)
	if n == 0 {
		h.away = 0
		return
	}
	calls := h.waiting[:n:n]
	h.waiting = h.waiting[n:]
	next := h.leave()
	if len(h.waiting) > 0 {
		h.bound()
	}
	go h.send(calls, next)
}

// send makes one trip with all these calls. It goes on for those who are still there when others have left; each try is bounded by the client's
// timeouts.
func (h *hook) send(calls []*call, trip int) {
	pipe := h.rdb.Pipeline()
	for _, c := range calls {
		_ = pipe.Process(context.Background(), c.cmd) // it only queues
	}
	_, _ = pipe.Exec(context.Background()) // each call has its own error
	h.back(trip)
	for _, c := range calls {
		close(c.done)
	}
}
