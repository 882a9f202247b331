package trips

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/redistest"
)

// counting counts what reaches the connection.
type counting struct{ single, pipelines, longest atomic.Int64 }

func (*counting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.single.Add(1)
		return next(ctx, cmd)
	}
}

func (c *counting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.pipelines.Add(1)
		for {
			n := c.longest.Load()
			if n >= int64(len(cmds)) || c.longest.CompareAndSwap(n, int64(len(cmds))) {
				return next(ctx, cmds)
			}
		}
	}
}

func connect(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	options.ContextTimeoutEnabled, options.DialerRetries, options.MaxRetries = true, 1, -1
	rdb := redis.NewClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func newClient(t *testing.T) (*redis.Client, *counting) {
	t.Helper()
	rdb := connect(t, redistest.Start(t))
	c := new(counting)
	On(rdb)
	rdb.AddHook(c)
	return rdb, c
}

var echo = redis.NewScript("return ARGV[1]")

func TestAloneGoesByItself(t *testing.T) {
	t.Parallel()
	rdb, seen := newClient(t)
	if err := rdb.Ping(t.Context()).Err(); err != nil { // a new connection begins with a pipeline of its own
		t.Fatal(err)
	}
	begun := seen.pipelines.Load()
	for i := range 10 {
		if got, err := echo.Run(t.Context(), rdb, nil, i).Text(); err != nil || got != strconv.Itoa(i) {
			t.Fatalf("call %d: got %q, %v", i, got, err)
		}
	}
	if n := seen.pipelines.Load() - begun; n != 0 {
		t.Errorf("pipelines: got %d, want 0", n)
	}
}

// Many callers each get their own answer, and their own error, in far fewer trips.
func TestManyTravelTogether(t *testing.T) {
	t.Parallel()
	rdb, seen := newClient(t)
	fails := redis.NewScript("return redis.error_reply('ERR ' .. ARGV[1])")
	const callers, calls = 64, 50
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for j := range calls {
				want := strconv.Itoa(i*calls + j)
				if got, err := echo.Run(t.Context(), rdb, []string{"k"}, want).Text(); err != nil || got != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
				if err := fails.Run(t.Context(), rdb, []string{"k"}, want).Err(); err == nil || err.Error() != "ERR "+want {
					t.Errorf("error: got %v, want ERR %s", err, want)
				}
			}
		})
	}
	all.Wait()
	total := int64(2 * callers * calls)
	if trips := seen.single.Load() + seen.pipelines.Load(); trips > total/2 {
		t.Errorf("trips: got %d for %d calls", trips, total)
	}
	if n := seen.longest.Load(); n > most {
		t.Errorf("longest trip: got %d calls, want at most %d", n, most)
	}
}

// holding keeps the first call under way until it is let go.
type holding struct {
	held    atomic.Bool
	entered chan struct{}
	release chan struct{}
}

func (*holding) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *holding) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "evalsha" && h.held.CompareAndSwap(false, true) {
			close(h.entered)
			<-h.release
		}
		return next(ctx, cmd)
	}
}

func (*holding) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// A trip that does not come back holds up nobody for long, and whoever leaves earlier gets the reason.
func TestNobodyWaitsForATripThatHangs(t *testing.T) {
	t.Parallel()
	rdb, _ := newClient(t)
	if err := echo.Load(t.Context(), rdb).Err(); err != nil {
		t.Fatal(err)
	}
	h := &holding{entered: make(chan struct{}), release: make(chan struct{})}
	rdb.AddHook(h)
	var first sync.WaitGroup
	first.Go(func() {
		if got, err := echo.Run(t.Context(), rdb, nil, "first").Text(); err != nil || got != "first" {
			t.Errorf("first: got %q, %v", got, err)
		}
	})
	<-h.entered
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := echo.Run(gone, rdb, nil, "gone").Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("gone: got %v, want it cancelled", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if got, err := echo.Run(ctx, rdb, nil, "second").Text(); err != nil || got != "second" {
		t.Errorf("second: got %q, %v while the first hangs", got, err)
	}
	close(h.release)
	first.Wait()
	if got, err := echo.Run(t.Context(), rdb, nil, "third").Text(); err != nil || got != "third" {
		t.Errorf("third: got %q, %v", got, err)
	}
}

// A connection that breaks fails, or repeats, every call of the trip; none is left waiting.
func TestRedisGoesAway(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	rdb := connect(t, server.URL())
	On(rdb)
	var all sync.WaitGroup
	begun := make(chan struct{}, 32)
	var failed atomic.Int64
	for range 32 {
		all.Go(func() {
			for i := 0; ; i++ {
				if err := echo.Run(t.Context(), rdb, nil, "x").Err(); err != nil {
					failed.Add(1)
					return
				}
				if i == 0 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 32 {
		<-begun
	}
	server.Kill()
	all.Wait()
	if n := failed.Load(); n != 32 {
		t.Errorf("failed callers: got %d, want 32", n)
	}
}
