package layout

import (
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const parkKey = "parked"

// parked is a stand whose feeder parks, and is asked for one task.
func parked(t *testing.T) (*stand, <-chan error, Scripts) {
	t.Helper()
	s := setUp(t, func(o *FeederOptions) { o.Park = parkKey })
	seen, err := Verify(t.Context(), s.rdb)
	if err != nil {
		t.Fatal(err)
	}
	got := s.ask()
	s.awaitParked(1)
	return s, got, seen
}

// awaitParked waits until so many are parked.
func (s *stand) awaitParked(want int64) {
	s.t.Helper()
	for {
		n, err := s.rdb.SCard(s.t.Context(), parkKey).Result()
		if err != nil {
			s.t.Fatal(err)
		}
		if n == want {
			return
		}
	}
}

// start enqueues a task for whoever is parked.
func (s *stand) start(seen Scripts, queue, id string) {
	s.t.Helper()
	var c Call
	_, err := asynq.NewClientFromRedisClient(Recorder(s.rdb)).EnqueueContext(Record(s.t.Context(), &c), asynq.NewTask("test", nil),
		asynq.Queue(queue), asynq.TaskID(id))
	if err != nil {
		s.t.Fatal(err)
	}
	source, all := seen.Starting(c, queue, parkKey, time.Now())
	if err := redis.NewScript(source).Run(s.t.Context(), s.rdb, all.Keys, all.Args...).Err(); err != nil {
		s.t.Fatal(err)
	}
}

func TestAParkedServerIsHandedATask(t *testing.T) {
	t.Parallel()
	s, got, seen := parked(t)
	s.start(seen, "low", "1")
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	s.want("with workers", s.list("low", active), []string{"1"})
	s.want("waiting", s.list("low", pending), []string{})
	if s.f.FirstQueued("1").IsZero() {
		t.Error("it is not known that nobody had it before")
	}
	s.f.Stop()
	s.awaitParked(0)
}

func TestNothingIsHandedOverPastOthers(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	seen, err := Verify(t.Context(), s.rdb)
	if err != nil {
		t.Fatal(err)
	}
	sub := s.rdb.Subscribe(t.Context(), "somebody")
	t.Cleanup(func() { _ = sub.Close() })
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	park := func() {
		if err := s.rdb.SAdd(t.Context(), parkKey, "somebody").Err(); err != nil {
			t.Fatal(err)
		}
	}
	s.enqueue("low", "1")
	park()
	s.start(seen, "low", "2")
	s.want("behind another", s.list("low", pending), []string{"2", "1"})
	if err := s.rdb.Set(t.Context(), key("high", paused), 1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	park()
	s.start(seen, "high", "3")
	s.want("in a paused queue", s.list("high", pending), []string{"3"})
	park()
	s.start(seen, "standard", "4")
	s.want("handed over", s.list("standard", active), []string{"4"})
}

// What was handed over to a server that stops at this very moment goes back.
func TestWhatIsHandedToAServerThatStopsGoesBack(t *testing.T) {
	t.Parallel()
	s, got, seen := parked(t)
	s.start(seen, "low", "1")
	s.f.Stop()
	<-got // it may have been handed out, or not
	s.f.GiveBack(t.Context())
	if handedOut := s.f.underWay.Load() == 1; handedOut {
		s.want("with workers", s.list("low", active), []string{"1"})
	} else {
		s.want("waiting", s.list("low", pending), []string{"1"})
	}
}
