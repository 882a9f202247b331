package memoryredis_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/cli/internal/memoryredis"
	"numbermill/shared/store"
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

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	s, err := memoryredis.Start()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s) // a connection that is still open does not hold Close up
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(u.Path)); !os.IsNotExist(err) {
		t.Errorf("the socket's folder is still there (%v)", err)
	}
}

func start(t *testing.T) *memoryredis.Server {
	t.Helper()
	s, err := memoryredis.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func connect(t *testing.T, s *memoryredis.Server) redis.UniversalClient {
	t.Helper()
	rdb, err := store.Dial(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return rdb
}
