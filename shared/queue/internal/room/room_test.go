package room_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue/internal/room"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

func dial(t *testing.T) redis.UniversalClient {
	t.Helper()
	rdb, err := store.Dial(redistest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// push needs memory with its first write, and tells what it was given.
var push = redis.NewScript(`
redis.call('LPUSH', KEYS[1], unpack(ARGV))
return {KEYS[1], ARGV[1], redis.call('LLEN', KEYS[1])}`)

// writes are all that goes through, each told by its answer.
func writes(t *testing.T, rdb redis.UniversalClient) map[string]any {
	t.Helper()
	ctx, got := t.Context(), map[string]any{}
	note := func(what string, value any, err error) {
		if err != nil {
			got[what] = strings.Fields(err.Error())[0]
			return
		}
		got[what] = value
	}
	for _, what := range []string{"script", "script again"} {
		v, err := push.Run(ctx, rdb, []string{"{q}:list"}, "a", "b").Result()
		note(what, v, err)
	}
	n, err := rdb.SAdd(ctx, "set", "a", "b", "a").Result()
	note("sadd", n, err)
	n, err = rdb.ZAdd(ctx, "{z}", redis.Z{Score: 1.5, Member: "a"}, redis.Z{Score: 1700000000, Member: "b"}).Result()
	note("zadd", n, err)
	n, err = rdb.ZAddXX(ctx, "{z}", redis.Z{Score: 2.5, Member: "a"}, redis.Z{Score: 3, Member: "c"}).Result()
	note("zadd xx", n, err)
	n, err = rdb.HSet(ctx, "hash", "f", []byte("v"), "g", 1).Result()
	note("hset", n, err)
	for _, what := range []string{"setnx", "setnx again"} {
		ok, err := rdb.SetNX(ctx, "text", 1, 0).Result()
		note(what, ok, err)
	}
	scores, err := rdb.ZRangeWithScores(ctx, "{z}", 0, -1).Result()
	note("scores", scores, err)
	fields, err := rdb.HGetAll(ctx, "hash").Result()
	note("fields", fields, err)
	return got
}

func TestAFullRedisAnswersAsOneWithRoom(t *testing.T) {
	t.Parallel()
	want := writes(t, dial(t))
	if diff := cmp.Diff(want, writes(t, room.On(dial(t)))); diff != "" {
		t.Errorf("with room (-want +got):\n%s", diff)
	}
	rdb := dial(t)
	if err := rdb.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	for what, v := range writes(t, rdb) {
		if v != "OOM" && what != "scores" && what != "fields" {
			t.Errorf("%s: got %v, want it refused: the test tests nothing", what, v)
		}
	}
	if diff := cmp.Diff(want, writes(t, room.On(rdb))); diff != "" {
		t.Errorf("full (-want +got):\n%s", diff)
	}
	if keys, err := rdb.Keys(t.Context(), "*room*").Result(); err != nil || len(keys) != 0 {
		t.Errorf("got keys %v, %v, want none more", keys, err)
	}
}

func TestOtherErrorsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	rdb := dial(t)
	if err := rdb.Set(t.Context(), "text", "x", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := rdb.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	c := room.On(rdb)
	if err := c.SAdd(t.Context(), "text", "a").Err(); err == nil || !strings.HasPrefix(err.Error(), "WRONGTYPE") {
		t.Errorf("a set in the place of a text: got %v, want WRONGTYPE", err)
	}
	if err := push.Run(t.Context(), c, []string{"text"}, "a").Err(); err == nil || !strings.HasPrefix(err.Error(), "WRONGTYPE") {
		t.Errorf("a list in the place of a text: got %v, want WRONGTYPE", err)
	}
	strict := redis.NewScript("#!lua flags=no-cluster\nreturn redis.call('SET', KEYS[1], 'x')")
	if err := strict.Run(t.Context(), c, []string{"other"}).Err(); err == nil || !strings.HasPrefix(err.Error(), "OOM") {
		t.Errorf("a script that has flags of its own: got %v, want OOM", err)
	}
	if err := c.Set(t.Context(), "other", "x", 0).Err(); err == nil || !strings.HasPrefix(err.Error(), "OOM") {
		t.Errorf("another command: got %v, want OOM", err)
	}
}
