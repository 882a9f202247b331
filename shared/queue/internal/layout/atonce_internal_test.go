package layout

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

// doer does some tasks at once, and counts how often it is told to publish.
type doer struct {
	refuses   []string // ids
	given     chan []string
	published chan struct{}
}

func newDoer(refuses ...string) *doer {
	return &doer{refuses, make(chan []string, 10), make(chan struct{}, 10)}
}

func (d *doer) atOnce(_ context.Context, tasks []Task) func() []bool {
	var ids []string
	done := make([]bool, len(tasks))
	for i, t := range tasks {
		ids = append(ids, t.ID)
		done[i] = !slices.Contains(d.refuses, t.ID)
	}
	d.given <- ids
	if !slices.Contains(done, true) {
		return nil
	}
	return func() []bool {
		d.published <- struct{}{}
		return done
	}
}

func TestWhatIsDoneAtOnceIsNotHandedOut(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{"few": {"1", "2", "3"}, "many": {"1", "2", "3", "4", "5", "6", "7"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoer("2")
			s := setUp(t, func(o *FeederOptions) {
				o.AtOnce, o.Park, o.Places = d.atOnce, parkKey, 10
				o.Queues = map[string]int{"low": 1}
			})
			s.enqueue("low", ids...)
			got := s.ask()
			if err := <-got; err != nil {
				t.Fatal(err)
			}
			s.want("given", <-d.given, ids)
			<-d.published
			s.f.mu.Lock()
			defer s.f.mu.Unlock()
			if _, ok := s.f.deliveries.first["2"]; !ok || len(s.f.deliveries.first) != 1 || len(s.f.buffer) != 0 {
				t.Errorf("handed out: %v, and %v are to be; want only the one that was not done", s.f.deliveries.first, s.f.buffer)
			}
		})
	}
}

func TestATaskThatIsHandedOverIsDoneAtOnceAndNeedsNoFetch(t *testing.T) {
	t.Parallel()
	d := newDoer("2")
	s := setUp(t, func(o *FeederOptions) { o.AtOnce, o.Park = d.atOnce, parkKey })
	seen, err := Verify(t.Context(), s.rdb)
	if err != nil {
		t.Fatal(err)
	}
	got := s.ask()
	s.awaitParked(1)
	s.start(seen, "low", "1")
	s.want("given", <-d.given, []string{"1"})
	<-d.published
	s.awaitParked(1)
	s.start(seen, "low", "2")
	s.want("given", <-d.given, []string{"2"})
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	if n, err := s.rdb.SCard(t.Context(), parkKey).Result(); err != nil || n != 0 {
		t.Errorf("%d are parked, %v: somebody has fetched before what was handed over was handed out", n, err)
	}
	if s.f.FirstQueued("2").IsZero() || !s.f.FirstQueued("1").IsZero() {
		t.Error("want the second to be handed out, and not the first")
	}
}

// Whoever stops waits until what was done is published.
func TestStopWaitsForWhatIsPublished(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := setUp(t, func(o *FeederOptions) {
		o.Park, o.Queues = parkKey, map[string]int{"low": 1}
		o.Places = 10
		o.AtOnce = func(_ context.Context, tasks []Task) func() []bool {
			return func() []bool {
				close(begun)
				<-goOn
				return make([]bool, len(tasks)) // all of it in vain
			}
		}
	})
	s.enqueue("low", "1", "2", "3", "4", "5")
	got := s.ask()
	<-begun
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.f.Stop()
		s.f.GiveBack(context.Background())
	}()
	select {
	case <-stopped:
		t.Error("it has stopped before that")
	case <-s.f.stopped: // the first thing that it does
	}
	close(goOn)
	<-stopped
	<-got
	waiting := s.list("low", pending)
	if n := len(waiting) + int(s.f.underWay.Load()); n != 5 {
		t.Errorf("%v wait and %d are under way, want five in all", waiting, s.f.underWay.Load())
	}
}

// message is what Asynq's client writes for a task.
func message(t *testing.T, s *stand, options ...asynq.Option) string {
	t.Helper()
	var c Call
	client := asynq.NewClientFromRedisClient(Recorder(s.rdb))
	work := asynq.NewTaskWithHeaders("compute", []byte("what"), map[string]string{"traceparent": "where", "tracestate": "how"})
	if _, err := client.EnqueueContext(Record(t.Context(), &c), work, append(options, asynq.Queue("low"), asynq.TaskID("id"))...); err != nil {
		t.Fatal(err)
	}
	for _, arg := range c.Args {
		if text, ok := arg.([]byte); ok {
			return string(text)
		}
	}
	t.Fatalf("got the arguments %v, want a message among them", c.Args)
	return ""
}

func TestMessages(t *testing.T) {
	t.Parallel()
	s := setUp(t, nil)
	at := time.Now()
	plain := message(t, s, asynq.MaxRetry(3), asynq.Timeout(time.Hour))
	want := Task{
		Queue: "low", ID: "id", Type: "compute", Payload: []byte("what"), Headers: map[string]string{"traceparent": "where", "tracestate": "how"}, Queued: at,
	}
	for name, c := range map[string]struct {
		task task
		kept uint64
		ok   bool
	}{
		"plain":           {task{queue: "low", id: "id", msg: plain, queued: at}, 0, true},
		"kept":            {task{queue: "low", id: "id", msg: message(t, s, asynq.Retention(time.Minute)), queued: at}, 60, true},
		"taken before":    {task{queue: "low", id: "id", msg: plain}, 0, false},
		"another id":      {task{queue: "low", id: "other", msg: plain, queued: at}, 0, false},
		"another queue":   {task{queue: "high", id: "id", msg: plain, queued: at}, 0, false},
		"with a deadline": {task{queue: "low", id: "id", msg: message(t, s, asynq.Deadline(at.Add(time.Hour))), queued: at}, 0, false},
		"unique":          {task{queue: "low", id: "id", msg: message(t, s, asynq.Unique(time.Hour)), queued: at}, 0, false},
		"cut short":       {task{queue: "low", id: "id", msg: plain[:len(plain)-1], queued: at}, 0, false},
		"no message":      {task{queue: "low", id: "id", msg: "\x01", queued: at}, 0, false},
		"empty":           {task{queue: "low", id: "id", queued: at}, 0, false},
	} {
		got, ok := c.task.read()
		if ok != c.ok || ok && got.retention != c.kept {
			t.Errorf("%s: got %v, kept for %d s; want %v, %d s", name, ok, got.retention, c.ok, c.kept)
		}
		if got.message, got.retention = "", 0; ok {
			s.want(name, got.Queued.Equal(want.Queued), true)
			got.Queued = want.Queued
			s.wantTask(name, got, want)
		}
	}
}

func (s *stand) wantTask(what string, got, want Task) {
	s.t.Helper()
	s.want(what, []any{got.Queue, got.ID, got.Type, string(got.Payload), got.Headers}, []any{want.Queue, want.ID, want.Type, string(want.Payload), want.Headers})
}
