package layout_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue/internal/layout"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// fetch takes from a queue, as Asynq's script does with the same keys.
var fetch = redis.NewScript(`return redis.call('RPOP', KEYS[1])`)

type bench struct {
	t   *testing.T
	rdb redis.UniversalClient
}

func setUp(t *testing.T) *bench {
	t.Helper()
	rdb, err := store.Dial(redistest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	if err := fetch.Load(t.Context(), rdb).Err(); err != nil {
		t.Fatal(err)
	}
	return &bench{t, rdb}
}

func (b *bench) push(queue, id string) {
	b.t.Helper()
	if err := b.rdb.LPush(b.t.Context(), "asynq:{"+queue+"}:pending", id).Err(); err != nil {
		b.t.Fatal(err)
	}
}

// want fetches from a queue through g and checks what comes, "" for nothing, and whether Redis was asked by a script.
func (b *bench) want(g *layout.Glance, queue, id string, asked bool) {
	b.t.Helper()
	before := b.scripts()
	p := "asynq:{" + queue + "}:"
	got, err := fetch.Run(b.t.Context(), g, []string{p + "pending", p + "paused", p + "active", p + "lease"}).Text()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	if err != nil || got != id || (b.scripts() != before) != asked {
		b.t.Errorf("fetch from %s: got %q, %v, by a script %v; want %q, by a script %v", queue, got, err, b.scripts() != before, id, asked)
	}
}

// scripts is what Redis says of the scripts that it has run.
func (b *bench) scripts() string {
	b.t.Helper()
	stats, err := b.rdb.Info(b.t.Context(), "commandstats").Result()
	if err != nil {
		b.t.Fatal(err)
	}
	for line := range strings.Lines(stats) {
		if calls, ok := strings.CutPrefix(line, "cmdstat_evalsha:"); ok {
			calls, _, _ = strings.Cut(calls, ",")
			return calls
		}
	}
	return ""
}

func always() bool { return true }

func TestGlanceDoesNotAskWhatIsEmpty(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	g := layout.NewGlance(b.rdb, []string{"high", "low"}, time.Hour, always)
	b.push("low", "1")
	b.push("low", "2")
	b.want(g, "high", "", false)
	b.want(g, "low", "1", true)
	b.want(g, "low", "2", true)
	b.want(g, "low", "", true) // it was not known yet
	b.want(g, "low", "", false)
	b.push("high", "3")
	b.want(g, "high", "", false) // for an hour
}

func TestGlanceLooksAgain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	g := layout.NewGlance(b.rdb, []string{"high", "low"}, time.Nanosecond, always)
	for _, queue := range []string{"high", "low", "high"} {
		b.want(g, queue, "", false)
		b.push(queue, "1")
		b.want(g, queue, "1", true)
		b.want(g, queue, "", true)
	}
}

func TestGlancePassesOnWhatItIsNotFor(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.want(layout.NewGlance(b.rdb, []string{"high", "low"}, time.Hour, func() bool { return false }), "high", "", true)
	b.want(layout.NewGlance(b.rdb, []string{"low"}, time.Hour, always), "high", "", true)
}
