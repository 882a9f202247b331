package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/function"
	"numbermill/shared/store"
)

// alive tells whether the worker w is.
func (x *fixture) alive() bool {
	x.t.Helper()
	alive, _, err := x.s.AliveWorkers(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	return alive["w"]
}

// age sets the last beat of the worker w back.
func (x *fixture) age(by time.Duration) {
	x.t.Helper()
	if err := x.rdb.ZIncrBy(x.t.Context(), "nm:workers", -float64(by.Milliseconds()), "w").Err(); err != nil {
		x.t.Fatal(err)
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	beat := func() {
		t.Helper()
		if err := x.s.Beat(t.Context(), "w"); err != nil {
			t.Fatal(err)
		}
	}
	if x.alive() {
		t.Error("a worker that has never beaten is alive")
	}
	beat()
	if !x.alive() {
		t.Error("a worker that has just beaten is not alive")
	}
	x.age(5 * time.Second)
	if !x.alive() {
		t.Error("a worker counts as lost after 5 s: two beats may be missed")
	}
	x.age(2 * time.Second)
	if x.alive() {
		t.Error("a worker is alive 7 s after its last beat")
	}
	beat()
	if !x.alive() {
		t.Error("a worker that is back is not alive")
	}
	if err := x.s.Leave(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	if n, err := x.s.Workers(t.Context()); err != nil || n != 0 {
		t.Errorf("got %d workers, %v, want none after it has left", n, err)
	}
}

func TestPresenceGoesByRedisTime(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	if err := x.s.Beat(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	beaten, err := x.rdb.ZScore(t.Context(), "nm:workers", "w").Result()
	if err != nil {
		t.Fatal(err)
	}
	now, err := x.rdb.Time(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	_, told, err := x.s.AliveWorkers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := now.Sub(time.UnixMilli(int64(beaten))); d < 0 || d > 10*time.Second {
		t.Errorf("the beat is %v older than Redis's time", d)
	}
	if d := told.Sub(now); d < -time.Millisecond || d > 10*time.Second {
		t.Errorf("the time told is %v after Redis's time", d)
	}
}

func TestLostWorkersAreForgotten(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	if err := x.rdb.ZAdd(t.Context(), "nm:workers", redis.Z{Score: 1000, Member: "long gone"}).Err(); err != nil {
		t.Fatal(err)
	}
	if err := x.s.Beat(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	if n, err := x.rdb.ZCard(t.Context(), "nm:workers").Result(); err != nil || n != 1 {
		t.Errorf("got %d entries, %v, want 1", n, err)
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	want := func(want map[string]store.Description) {
		t.Helper()
		got, err := x.s.Descriptions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the descriptions differ (-want +got):\n%s", diff)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want(nil)
	m := function.Reference(true)
	small := store.Description{
		Capacity: store.Capacity{Threads: 1, MemoryBytes: 1 << 20}, Draining: true,
		Held:   []store.Holding{{Fingerprint: fp(1), Run: "r", Queue: "large", Attempt: 2, Function: "factorial", Args: map[string]string{"n": "7"}}},
		Queues: map[string]store.QueueSample{"large": {Slots: 1, WaitsMillis: []float64{1.5}, RunsMillis: []float64{2}}},
	}
	large := store.Description{Capacity: store.Capacity{Threads: 2, MemoryBytes: 1 << 40, Machine: &m}, Host: "h", PID: 7}
	must(x.s.Describe(t.Context(), "w", large))
	want(nil) // it has never beaten
	must(x.s.Beat(t.Context(), "w"))
	must(x.s.Beat(t.Context(), "other"))
	want(map[string]store.Description{"w": large}) // the other one may be of an older version
	must(x.s.Describe(t.Context(), "other", small))
	want(map[string]store.Description{"w": large, "other": small})
	must(x.rdb.Set(t.Context(), "nm:worker:other", "{", time.Hour).Err())
	want(map[string]store.Description{"w": large})
	x.age(13 * time.Second)
	want(map[string]store.Description{})
	must(x.s.Leave(t.Context(), "w"))
	if n, err := x.rdb.Exists(t.Context(), "nm:worker:w").Result(); err != nil || n != 0 {
		t.Errorf("what a worker could do is still there after it has left (%v)", err)
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	take := func(holder string, ttl time.Duration, want bool) {
		t.Helper()
		if got, err := x.s.Lease(t.Context(), "l", holder, ttl); err != nil || got != want {
			t.Errorf("lease for %s: got %v, %v, want %v", holder, got, err, want)
		}
	}
	take("a", time.Minute, true)
	take("b", time.Minute, false)
	take("a", time.Hour, true)
	if ttl, err := x.rdb.PTTL(t.Context(), "nm:lease:l").Result(); err != nil || ttl < 59*time.Minute || ttl > time.Hour {
		t.Errorf("a renewed lease ends in %v, %v, want an hour", ttl, err)
	}
	if err := x.rdb.Expire(t.Context(), "nm:lease:l", 0).Err(); err != nil {
		t.Fatal(err)
	}
	take("b", time.Minute, true)
	take("a", time.Minute, false)
	take("a", 10*time.Second, true) // one that lasts longer than leases do is from before the clock was set back
}
