package layout

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Glance spares a server of several queues the asking of empty ones, each of which costs a script call a fetch: it looks at all of them at
// once, and takes what was empty to be so for a moment.
type Glance struct {
	redis.UniversalClient
	queues []string
	hold   time.Duration
	on     func() bool

	mu    sync.Mutex
	known map[string]glimpse // by the key of the queue's pending list
}

// glimpse is what was last seen of a queue: full until a fetch finds it empty, and empty until some time.
type glimpse struct {
	full       bool
	emptyUntil time.Time
}

// NewGlance wraps the connection of one server of these queues. What it has seen counts for hold, which is to be shorter than the server's
// pauses between two rounds. While on is false it passes everything on.
func NewGlance(rdb redis.UniversalClient, queues []string, hold time.Duration, on func() bool) *Glance {
	g := &Glance{UniversalClient: rdb, queues: queues, hold: hold, on: on, known: map[string]glimpse{}}
	for _, q := range queues {
		g.known[key(q, pending)] = glimpse{}
	}
	return g
}

// EvalSha runs a script by its hash; a fetch from a queue that is known to be empty is answered at once.
func (g *Glance) EvalSha(ctx context.Context, hash string, keys []string, args ...any) *redis.Cmd {
	if !g.isFetch(keys) || !g.on() {
		return g.UniversalClient.EvalSha(ctx, hash, keys, args...)
	}
	if g.isEmpty(ctx, keys[0]) {
		cmd := redis.NewCmd(ctx, "evalsha", hash)
		cmd.SetErr(redis.Nil)
		return cmd
	}
	cmd := g.UniversalClient.EvalSha(ctx, hash, keys, args...)
	if cmd.Err() == redis.Nil { //nolint:errorlint // never wrapped here, and asked for each task
		g.note(keys[0], true)
	}
	return cmd
}

// isFetch tells a fetch from a queue by its keys: what waits, whether it is paused, who has what and until when.
func (g *Glance) isFetch(keys []string) bool {
	if len(keys) != 4 {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ours := g.known[keys[0]]
	return ours
}

// isEmpty tells whether a queue was seen empty just now, and looks at all of them if too much time has passed.
func (g *Glance) isEmpty(ctx context.Context, list string) bool {
	g.mu.Lock()
	seen := g.known[list]
	g.mu.Unlock()
	if seen.full || time.Now().Before(seen.emptyUntil) {
		return !seen.full
	}
	lengths := make([]*redis.IntCmd, len(g.queues))
	_, err := g.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, q := range g.queues {
			lengths[i] = p.LLen(ctx, key(q, pending))
		}
		return nil
	})
	if err != nil {
		return false // the fetch itself will tell
	}
	empty := false
	for i, q := range g.queues {
		none := lengths[i].Val() == 0
		g.note(key(q, pending), none)
		if key(q, pending) == list {
			empty = none
		}
	}
	return empty
}

func (g *Glance) note(list string, empty bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known[list] = glimpse{full: !empty, emptyUntil: time.Now().Add(g.hold)}
}
