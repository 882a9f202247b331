package layout

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// weights are those of the queues in these tests.
var weights = map[string]int{"high": 6, "standard": 3, "low": 1}

// stand is a feeder, which nobody asks by himself, on an empty Redis.
type stand struct {
	t     *testing.T
	rdb   *redis.Client
	tasks *asynq.Client
	f     *Feeder
}

func setUp(t *testing.T, change func(o *FeederOptions)) *stand {
	t.Helper()
	conn, err := store.Dial(redistest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	rdb, ok := conn.(*redis.Client)
	if !ok {
		t.Fatalf("got a %T", conn)
	}
	o := FeederOptions{
		Queues: weights, Places: 4, Interval: 10 * time.Millisecond, On: func() bool { return true },
		Delayed: NewDelayed(rdb, []string{"high", "standard", "low"}, time.Hour), Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	f := NewFeeder(rdb, rdb, o)
	t.Cleanup(f.Stop)
	return &stand{t, rdb, asynq.NewClientFromRedisClient(rdb), f}
}

// enqueue puts tasks with these ids into a queue.
func (s *stand) enqueue(queue string, ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		if _, err := s.tasks.Enqueue(asynq.NewTask("test", nil), asynq.Queue(queue), asynq.TaskID(id)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// take takes up to n tasks and tells their ids by queue.
func (s *stand) take(n int) ([]task, map[string][]string) {
	s.t.Helper()
	tasks, _, err := takeFrom(s.t.Context(), s.rdb, weights, n, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	ids := map[string][]string{}
	for _, task := range tasks {
		ids[task.queue] = append(ids[task.queue], task.id)
	}
	return tasks, ids
}

func (s *stand) want(what string, got, want any) {
	s.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// list is a queue's part, the first one that a worker gets at the end.
func (s *stand) list(queue, part string) []string {
	s.t.Helper()
	ids, err := s.rdb.LRange(s.t.Context(), key(queue, part), 0, -1).Result()
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

func TestTakeGoesThroughAllQueues(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	s.enqueue("low", "1", "2", "3")
	s.enqueue("high", "4")
	tasks, got := s.take(mostFetched)
	s.want("taken", got, map[string][]string{"low": {"1", "2", "3"}, "high": {"4"}})
	if got := time.Until(time.Unix(tasks[0].end, 0)); got > leaseTime || got < leaseTime-10*time.Second {
		t.Errorf("leases for %v, want half a minute", got)
	}
	tasks, got = s.take(1)
	s.want("taken from what is empty", got, map[string][]string{})
	s.want("buffer", len(tasks), 0)
}

// Whatever is drawn, there are as many as were asked for while some queue has them, and the weights hold on the whole.
func TestTakeGoesByTheWeights(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	const each = 100
	for q := range weights {
		for i := range each {
			s.enqueue(q, strconv.Itoa(i))
		}
	}
	sum := map[string]int{}
	for range 10 {
		b, got := s.take(10)
		s.want("tasks", len(b), 10)
		for q, ids := range got {
			sum[q] += len(ids)
		}
	}
	if sum["high"] <= sum["low"] || sum["high"] < each/4 || sum["standard"]+sum["low"] == 0 {
		t.Errorf("of a hundred: got %v, want them at 6, 3 and 1 in ten", sum)
	}
	for range 20 {
		s.take(10)
	}
	for q := range weights {
		s.want("left in "+q, len(s.list(q, pending)), 0)
		s.want("taken from "+q, len(s.list(q, active)), each)
	}
}

func TestTakePassesOverPausedQueuesAndLostTasks(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	s.enqueue("high", "1")
	s.enqueue("low", "2", "3", "4")
	inspector := asynq.NewInspectorFromRedisClient(s.rdb)
	if err := inspector.PauseQueue("high"); err != nil {
		t.Fatal(err)
	}
	if err := s.rdb.Del(t.Context(), taskKey("low", "3")).Err(); err != nil {
		t.Fatal(err)
	}
	_, asleep, err := takeFrom(t.Context(), s.rdb, weights, 1, nil)
	s.want("error", err, nil)
	s.want("paused", asleep, map[string]bool{"high": true})
	_, got := s.take(5)
	s.want("taken", got, map[string][]string{"low": {"4"}})
	s.want("with workers", s.list("low", active), []string{"4", "2"})
	s.want("in the paused queue", s.list("high", pending), []string{"1"})
	if n, err := s.rdb.Exists(t.Context(), taskKey("low", "3")).Result(); n != 0 || err != nil {
		t.Errorf("the lost task is there again: %d, %v", n, err)
	}
}

func TestPutBackTakesNothingAwayFromOthers(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	s.enqueue("low", "1", "2", "3", "4")
	b, _ := s.take(4)
	other := redis.Z{Score: float64(b[0].end + 5), Member: "2"} // given to somebody else, who has taken it five seconds later
	if err := s.rdb.ZAdd(t.Context(), key("low", lease), other).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.rdb.Del(t.Context(), taskKey("low", "3")).Err(); err != nil {
		t.Fatal(err)
	}
	s.enqueue("low", "5")
	for range 2 {
		s.want("error", putBack(t.Context(), s.rdb, b), nil)
		s.want("waiting", s.list("low", pending), []string{"5", "4", "1"})
		s.want("with workers", s.list("low", active), []string{"2"})
	}
}

func TestWhatIsFetchedAndNotHandedOutGoesBack(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	s.enqueue("low", "1", "2", "3", "4", "5")
	next := func() {
		t.Helper()
		if _, err := s.f.next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	next()
	s.want("with workers", s.list("low", active), []string{"4", "3", "2", "1"}) // as many as there are places
	s.f.mu.Lock()
	for i := range s.f.buffer {
		s.f.buffer[i].since = s.f.buffer[i].since.Add(-mostAge) // somebody may have missed them
	}
	end := s.f.buffer[0].end
	s.f.mu.Unlock()
	for _, id := range []string{"2", "3", "4"} {
		if err := s.rdb.ZAdd(t.Context(), key("low", lease), redis.Z{Score: float64(end), Member: id}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	s.f.underWay.Store(2)
	next()
	s.want("with workers", s.list("low", active), []string{"3", "2", "1"})
	s.f.Stop()
	s.f.GiveBack(t.Context())
	s.want("with workers at the end", s.list("low", active), []string{"2", "1"})
	s.want("waiting at the end", s.list("low", pending), []string{"5", "4", "3"})
}

// ask is one fetch, as Asynq makes it; what comes, or why nothing does, goes into the channel.
func (s *stand) ask() <-chan error {
	got := make(chan error, 1)
	go func() {
		keys := []string{key("low", pending), key("low", paused), key("low", active), key("low", lease)}
		got <- s.f.EvalSha(context.WithoutCancel(s.t.Context()), "any", keys).Err()
	}()
	return got
}

func TestStopEndsAllWaiting(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	got := s.ask()
	for !s.f.bell.listening() { // which it does soon
		<-time.After(time.Millisecond)
	}
	s.f.Stop()
	if err := <-got; !errors.Is(err, redis.Nil) {
		t.Errorf("got %v, want nothing", err)
	}
	if err := <-s.ask(); !errors.Is(err, redis.Nil) {
		t.Errorf("after the end: got %v, want nothing", err)
	}
}

// Several servers wait for the same queue, and none of them is forgotten.
func TestServersWaitSideBySide(t *testing.T) {
	t.Parallel()
	s := setUp(t, func(o *FeederOptions) { o.Places = 1 })
	other := *s
	other.f = NewFeeder(s.rdb, s.rdb, s.f.o)
	t.Cleanup(other.f.Stop)
	for i := range 5 {
		one, two := s.ask(), other.ask()
		for !s.f.bell.listening() || !other.f.bell.listening() { // which they do soon
			<-time.After(time.Millisecond)
		}
		s.enqueue("low", strconv.Itoa(2*i), strconv.Itoa(2*i+1))
		s.want("error", errors.Join(<-one, <-two), nil)
	}
	s.want("tasks with workers", len(s.list("low", active)), 10)
}

func TestARoomThatIsFullIsAskedAgain(t *testing.T) {
	t.Parallel()
	asked, room := make(chan struct{}), make(chan int)
	s := setUp(t, func(o *FeederOptions) {
		o.Room = func() int {
			asked <- struct{}{}
			return <-room
		}
	})
	s.enqueue("low", "1", "2", "3")
	got := s.ask()
	for range 3 { // by itself, then nudged
		<-asked
		s.f.Nudge()
		s.f.Nudge()
		room <- 0
	}
	<-asked
	s.want("with workers", s.list("low", active), []string{})
	room <- 2
	s.want("error", <-got, nil)
	s.want("with workers", s.list("low", active), []string{"2", "1"})
}

// Nothing tells when a paused queue goes on, and what stands in it must not be taken for work.
func TestAPausedQueueIsLookedAtNowAndThen(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	s.enqueue("low", "1")
	begun := time.Now()
	s.f.settle(map[string]bool{"low": true})
	if !s.f.awaitWork(nil) {
		t.Error("the wait ends without a limit")
	}
	if took := time.Since(begun); took < pausedPause {
		t.Errorf("it is looked at after %v, want %v", took, pausedPause)
	}
}

// A full Redis refuses to tell when there is something.
func TestAFullRedisIsAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	if err := s.rdb.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.f.settle(nil)
		s.f.awaitWork(nil)
	}
	s.f.bell.waiting.Wait()
	s.f.settle(nil)
	if s.f.lookAt.IsZero() || time.Until(s.f.lookAt) > s.f.o.Interval {
		t.Errorf("the next look is at %v, want it within %v", s.f.lookAt, s.f.o.Interval)
	}
}

func TestNothingDelayedIsForwardedWithoutAsking(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	forward := []string{key("low", retry), key("low", pending)}
	const unknown = "0000000000000000000000000000000000000000" // so that what is passed on fails
	if n, err := s.f.EvalSha(t.Context(), unknown, forward).Int(); n != 0 || err != nil {
		t.Errorf("got %d, %v, want none", n, err)
	}
	other := []string{"task", "active", "lease", key("low", retry), "processed", "failed"}
	if err := s.f.EvalSha(t.Context(), unknown, other).Err(); !redis.HasErrorPrefix(err, "NOSCRIPT") {
		t.Errorf("a retry: got %v, want it passed on", err)
	}
	if err := s.f.EvalSha(t.Context(), unknown, forward).Err(); !redis.HasErrorPrefix(err, "NOSCRIPT") {
		t.Errorf("after a retry: got %v, want it passed on", err)
	}
}
