// Package store keeps the records of jobs and computations in Redis: our own truth, which Asynq's state only delivers.
//
// Every change is one Lua script over the keys of one slot, so that it happens whole or not at all; the scripts stand in lua/,
// the keys in keys.go. A submission costs two round trips here (owner, then shard) and one in the queue; where one Redis has all slots, one script does
// what needs several, and takes along what the queue has to do (see Errand).
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// settleLimit is how many waiting jobs one script call ends: it bounds how long Redis is held.
const settleLimit = 1000

// defaultRetention is how long jobs are kept unless the store is told otherwise.
const defaultRetention = 7 * 24 * time.Hour

// keepEnded is how long the record of a failed, abandoned or collected computation stays: for operators, and so that what a crash
// has left of its digits is known for what it is. Its jobs have records of their own.
const keepEnded = 48 * time.Hour

// Store reads and writes the records. It is safe for concurrent use.
type Store struct {
	rdb redis.UniversalClient

	// retention is how long the timeline and the log of a run that ended without a result stay.
	retention time.Duration

	admit, submit, read, cancel, remove, collected, refuse       *redis.Script
	claim, progress, complete, fail, release, lose, rest, leaser *redis.Script
	beat, alive, checked, vanished, log, keepResult              *redis.Script
	batch, settleBatch, answered, forgetKey, describe            *redis.Script
	closing, erase, setAside                                     *redis.Script
	batchAdmit, batchStates, batchCut                            *redis.Script

	// arriving and concluding may take an errand along.
	arriving, concluding *hosting

	closer *closer
	splits *splits

	// oneCall tells that one Redis has all slots, so that a script may use keys of several.
	oneCall bool
}

// New returns a store on a connection that the caller keeps and closes.
func New(rdb redis.UniversalClient) *Store {
	settling := lua("settle") + "\n"
	_, cluster := rdb.(*redis.ClusterClient)
	return &Store{
		rdb:       rdb,
		oneCall:   !cluster,
		retention: defaultRetention,
		closer:    newCloser(),
		splits:    newSplits(),
		admit:     redis.NewScript(lua("admit")),
		submit:    redis.NewScript(lua("submit")),
		read:      redis.NewScript(lua("read")),
		cancel:    redis.NewScript(settling + lua("cancel")),
		remove:    redis.NewScript(lua("delete")),
		collected: redis.NewScript(lua("collected")),
		vanished:  redis.NewScript(lua("vanished")),
		claim:     redis.NewScript(settling + lua("claim")),
		progress:  redis.NewScript(settling + lua("progress")),
		complete:  redis.NewScript(settling + lua("complete")),
		fail:      redis.NewScript(settling + lua("fail")),
		release:   redis.NewScript(settling + lua("release")),
		beat:      redis.NewScript(lua("beat")),
		alive:     redis.NewScript(lua("alive")),
		checked:   redis.NewScript(lua("checked")),
		rest:      redis.NewScript(settling + lua("settle_rest")),
		leaser:    redis.NewScript(lua("lease")),
		lose:      redis.NewScript(settling + lua("lose")),
		refuse:    redis.NewScript(lua("refuse")),
		log:       redis.NewScript(lua("log")),

		describe:    redis.NewScript(lua("describe")),
		keepResult:  redis.NewScript(lua("keep_result")),
		batch:       redis.NewScript(lua("batch")),
		settleBatch: redis.NewScript(lua("batch_settle")),
		batchAdmit:  redis.NewScript(lua("batch_admit")),
		batchStates: redis.NewScript(lua("batch_states")),
		batchCut:    redis.NewScript(lua("batch_cut")),
		answered:    redis.NewScript(lua("answered")),
		forgetKey:   redis.NewScript(lua("forget_key")),
		closing:     redis.NewScript(lua("close")),
		erase:       redis.NewScript(lua("erase")),
		setAside:    redis.NewScript(lua("set_aside")),
		arriving:    &hosting{functions: asFunction("admit") + asFunction("submit") + asFunction("close") + asFunction("read"), body: lua("arrive")},
		concluding:  &hosting{functions: settling + asFunction("complete") + asFunction("close"), body: lua("conclude")},
	}
}

// Keeping returns a store on the same connection that keeps the timelines and logs of runs that have ended without a result for as long as
// their jobs are kept.
func (s *Store) Keeping(retention time.Duration) *Store {
	other := *s
	other.retention = retention
	return &other
}

// Apart returns a store on the same connection that makes a call for each slot, as on a cluster, also where one call would do for several.
func (s *Store) Apart() *Store {
	other := *s
	other.oneCall = false
	return &other
}

// keepRun is for how many seconds the timeline and the log of an ended run stay: a little longer than the jobs.
func (s *Store) keepRun() int { return int((s.retention + time.Hour).Seconds()) }

func lua(name string) string {
	b, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // the files are embedded: only a wrong name in New gets here
	}
	return string(b)
}

// unavailable turns an error of the connection into one that says "try again"; others pass with what was being done.
func unavailable(doing string, err error) error {
	if err == nil {
		return nil
	}
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, redis.ErrClosed), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted), refusesForNow(err.Error()):
		return job.Errorf(job.Unavailable, "%s: Redis does not take it at the moment: %w", doing, err)
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

// refusesForNow tells whether Redis has refused a command in a way that passes.
func refusesForNow(text string) bool {
	for _, code := range []string{"LOADING", "OOM", "BUSY", "READONLY", "MISCONF", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "ERR max number of clients"} {
		if strings.HasPrefix(text, code+" ") {
			return true
		}
	}
	return false
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
