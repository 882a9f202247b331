package layout

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Asynq's servers say every five seconds that they live: two sorted sets name them and their lists of tasks, by when that ends; a text describes
// each, for ten seconds, and a hash has what it works on.
const (
	serversKey = "asynq:servers"
	workersKey = "asynq:workers"
	// namedLonger is how much longer than Asynq wants a server is named in the sorted sets, so that it need not be named anew each time. Whoever reads
	// them passes over one that is described no more.
	namedLonger = 30 * time.Second
	// nameEvery is how often it is named, so that a Redis that has lost its data knows it soon.
	nameEvery = 25 * time.Second
)

// beats is what was last said of a server.
type beats struct {
	mu    sync.Mutex
	named map[string]time.Time // by sorted set
	quiet bool                 // nothing was under way
}

// isBeat tells by its keys a script that says that a server lives, or no more.
func isBeat(keys []string) bool {
	return strings.HasPrefix(keys[0], serversKey+":{") && strings.HasPrefix(keys[1], workersKey+":{")
}

// beat says that the server lives. As long as nothing is under way, its description is all there is to write.
func (f *Feeder) beat(ctx context.Context, keys []string, args []any, pass func() *redis.Cmd) *redis.Cmd {
	f.beats.mu.Lock()
	defer f.beats.mu.Unlock()
	quiet := len(args) == 2 // a time and a description
	if quiet && f.beats.quiet {
		if seconds, ok := args[0].(float64); ok && f.SetEx(ctx, keys[0], args[1], time.Duration(seconds*float64(time.Second))).Err() == nil {
			return answer(ctx, "OK", nil)
		}
	}
	cmd := pass()
	f.beats.quiet = quiet && cmd.Err() == nil
	return cmd
}

// ZAdd adds to a sorted set. A server that was named just now is not named anew.
func (f *Feeder) ZAdd(ctx context.Context, set string, members ...redis.Z) *redis.IntCmd {
	if set != serversKey && set != workersKey || len(members) != 1 || !f.o.On() {
		return f.UniversalClient.ZAdd(ctx, set, members...)
	}
	f.beats.mu.Lock()
	defer f.beats.mu.Unlock()
	if time.Since(f.beats.named[set]) < nameEvery {
		return redis.NewIntCmd(ctx, "zadd")
	}
	members[0].Score += namedLonger.Seconds()
	cmd := f.UniversalClient.ZAdd(ctx, set, members...)
	if cmd.Err() == nil {
		f.beats.named[set] = time.Now()
	}
	return cmd
}
