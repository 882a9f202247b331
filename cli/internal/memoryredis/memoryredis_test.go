package memoryredis_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/cli/internal/memoryredis"
)

func TestKeysExpireByThemselves(t *testing.T) {
	t.Parallel()
	rdb := connect(t, start(t))
	const life = 50 * time.Millisecond
	if err := rdb.Set(t.Context(), "key", "value", life).Err(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(life / 10)
	defer tick.Stop()
	for {
		n, err := rdb.Exists(t.Context(), "key").Result()
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		<-tick.C
	}
}

func TestMessagesAndScripts(t *testing.T) {
	t.Parallel()
	rdb := connect(t, start(t))
	messages := rdb.Subscribe(t.Context(), "channel")
	t.Cleanup(func() { _ = messages.Close() })
	if _, err := messages.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	const script = `redis.call("SET", KEYS[1], cjson.encode({a = ARGV[1]})) redis.call("PUBLISH", "channel", "hello") return redis.call("GET", KEYS[1])`
	if got, err := rdb.Eval(t.Context(), script, []string{"key"}, "b").Text(); err != nil || got != `{"a":"b"}` {
		t.Errorf("the script returns %q (%v)", got, err)
	}
	if got := <-messages.Channel(); got.Payload != "hello" {
		t.Errorf("the message is %q, want hello", got.Payload)
	}
}

// TestLongPipelines sends far more at once than a connection's buffers hold, and reads nothing until all is sent.
func TestLongPipelines(t *testing.T) {
	t.Parallel()
	rdb := connect(t, start(t))
	const n = 20_000
	commands, err := rdb.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for range n {
			p.Incr(t.Context(), "count")
		}
		return nil
	})
	if err != nil || len(commands) != n {
		t.Fatalf("%d answers (%v), want %d", len(commands), err, n)
	}
	if got, err := rdb.Get(t.Context(), "count").Int(); err != nil || got != n {
		t.Errorf("the count is %d (%v), want %d", got, err, n)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := start(t)
	rdb := connect(t, s) // a connection that is still open does not hold Close up
	s.Close()
	if err := rdb.Ping(t.Context()).Err(); err == nil {
		t.Error("a closed server answers")
	}
}

func start(t *testing.T) *memoryredis.Server {
	t.Helper()
	s, err := memoryredis.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func connect(t *testing.T, s *memoryredis.Server) redis.UniversalClient {
	t.Helper()
	rdb := s.Client()
	t.Cleanup(func() { _ = rdb.Close() })
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return rdb
}
