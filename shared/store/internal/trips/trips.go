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
	away    bool // a trip is under way
	waiting []*call
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
		c, first := h.enter(script) //nolint:contextcheck // the trip goes on for others when this caller has left
		if first {
			back := h.leave()
			defer back()
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

// enter has a call wait for the next trip; first tells that none is under way, so that the call is one by itself.
func (h *hook) enter(cmd *redis.Cmd) (c *call, first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.away {
		h.away = true
		return nil, true
	}
	c = &call{cmd: redis.NewCmd(context.Background(), cmd.Args()...), done: make(chan struct{})}
	h.waiting = append(h.waiting, c)
	return c, false
}

// leave begins a trip. back is to be called at its end; those who wait longer than patience do not wait for it.
func (h *hook) leave() (back func()) {
	next := sync.OnceFunc(h.next)
	timer := time.AfterFunc(patience, next)
	return func() {
		timer.Stop()
		next()
	}
}

// next sends those who wait.
func (h *hook) next() {
	h.mu.Lock()
	n := min(len(h.waiting), most)
	if n == 0 {
		h.away = false
		h.mu.Unlock()
		return
	}
	calls := h.waiting[:n:n]
	h.waiting = h.waiting[n:]
	h.mu.Unlock()
	go h.send(calls)
}

// send makes one trip with all these calls. It goes on for those who are still there when others have left; each try is bounded by the client's
// timeouts.
func (h *hook) send(calls []*call) {
	back := h.leave()
	pipe := h.rdb.Pipeline()
	for _, c := range calls {
		_ = pipe.Process(context.Background(), c.cmd) // it only queues
	}
	_, _ = pipe.Exec(context.Background()) // each call has its own error
	back()
	for _, c := range calls {
		close(c.done)
	}
}
