package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

func TestARunReachesItsHandlerWhole(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		handled := make(chan store.Run, 1)
		x.serve(func(_ context.Context, r store.Run) (string, error) {
			handled <- r
			return `{"digits":"3"}`, nil
		})
		x.enqueue(run(1))
		got := receive(t, "the run", handled)
		if ago := time.Since(got.FirstQueued); x.fast && (ago < 0 || ago > time.Minute) || !x.fast && !got.FirstQueued.IsZero() {
			t.Errorf("got it queued first at %v", got.FirstQueued)
		}
		got.FirstQueued = time.Time{}
		if diff := cmp.Diff(run(1), got); diff != "" {
			t.Errorf("the run differs (-want +got):\n%s", diff)
		}
		x.awaitState(run(1), asynq.TaskStateCompleted)
		info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
		if err != nil || string(info.Result) != `{"digits":"3"}` {
			t.Errorf("got result %q, %v, want the handler's summary", info.Result, err)
		}
	})
}

// The payload is for people too: the web monitor shows it.
func TestPayloadIsOneLineOfJSON(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		x.enqueue(run(1))
		info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(info.Payload), "\n") {
			t.Errorf("the payload has several lines: %q", info.Payload)
		}
		var got map[string]any
		if err := json.Unmarshal(info.Payload, &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"computation": string(run(1).Fingerprint), "run": run(1).ID, "function": "ackermann",
			"args": map[string]any{"m": "2", "n": "3"}, "method": "fast", "job": string(run(1).Job), "link": "/jobs/" + string(run(1).Job), "keep": true,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the payload differs (-want +got):\n%s", diff)
		}
		if info.Timeout < time.Hour || info.MaxRetry < 100 || info.Queue != small {
			t.Errorf("got time-out %v, %d deliveries, queue %q; want neither to cut a long job short", info.Timeout, info.MaxRetry, info.Queue)
		}
	})
}

func TestEnqueueTwiceIsOneTask(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		x.enqueue(run(1))
		x.enqueue(run(1))
		x.enqueue(run(2))
		info, err := x.inspector.GetQueueInfo(small)
		if err != nil || info.Size != 2 {
			t.Errorf("got %d tasks, %v, want 2", info.Size, err)
		}
	})
}

func TestRemove(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		remove := func(r store.Run) {
			if err := x.queue.Remove(t.Context(), r); err != nil {
				t.Errorf("remove: %v", err)
			}
		}
		remove(run(1)) // there is not even a queue
		x.enqueue(run(1))
		remove(run(1))
		x.wantState(run(1), 0)
		remove(run(1))

		entered, leave := make(chan struct{}), make(chan struct{})
		x.serve(func(context.Context, store.Run) (string, error) {
			close(entered)
			<-leave
			return "", nil
		})
		x.enqueue(run(2))
		receive(t, "the handler", entered)
		remove(run(2))
		x.wantState(run(2), asynq.TaskStateActive) // left to its worker
		close(leave)
		x.awaitState(run(2), asynq.TaskStateCompleted)
		remove(run(2))
		x.wantState(run(2), 0)
	})
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		ensure := func(when string, claimed, want bool) {
			got, err := x.queue.Ensure(t.Context(), run(1), claimed)
			if err != nil || got != want {
				t.Errorf("%s: repaired %v, %v, want %v", when, got, err, want)
			}
			x.wantState(run(1), asynq.TaskStatePending)
		}
		ensure("no task", false, true)
		ensure("it waits", false, false)
		ensure("it waits, though a worker has claimed it", true, false)
		if err := x.inspector.DeleteTask(small, taskID(run(1))); err != nil {
			t.Fatal(err)
		}
		ensure("deleted by somebody", true, true)
		if err := x.inspector.ArchiveTask(small, taskID(run(1))); err != nil {
			t.Fatal(err)
		}
		ensure("archived by somebody", false, true)

		var calls atomic.Int64
		s := x.serve(func(context.Context, store.Run) (string, error) { calls.Add(1); return "", nil })
		x.awaitState(run(1), asynq.TaskStateCompleted)
		s.Shutdown()
		ensure("ended in the queue", false, true)
		if got := calls.Load(); got != 1 {
			t.Errorf("it was handled %d times, want once", got)
		}
	})
}

func TestAnnounce(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		x.enqueue(run(1))
		if err := x.rdb.FlushAll(t.Context()).Err(); err != nil { // Asynq's client does not notice
			t.Fatal(err)
		}
		if err := x.queue.Announce(t.Context()); err != nil {
			t.Fatal(err)
		}
		x.enqueue(run(2))
		x.wantState(run(2), asynq.TaskStatePending)
		if names, err := x.inspector.Queues(); err != nil || !slices.Contains(names, small) {
			t.Errorf("got queues %v, %v, want %s again", names, err, small)
		}
	})
}

func TestAnnounceRegistersAllQueuesAtOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	if err := x.queue.Announce(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := x.inspector.Queues()
	if diff := cmp.Diff(slices.Sorted(slices.Values(queue.Names())), slices.Sorted(slices.Values(got))); err != nil || diff != "" {
		t.Errorf("the queues: %v (-want +got):\n%s", err, diff)
	}
}

// A clock that jumped has put a retry off for a day.
func TestEnsureRunsNowWhatWaitsForATimeFarAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		away time.Duration
		want bool
	}{"a minute": {time.Minute, false}, "a day": {24 * time.Hour, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(x *fixture) {
				t := x.t
				s := x.serve(func(context.Context, store.Run) (string, error) {
					return "", &queue.RetryError{After: c.away, Err: errors.New("no luck")}
				})
				x.enqueue(run(1))
				x.awaitState(run(1), asynq.TaskStateRetry)
				s.Shutdown()
				for _, want := range []bool{c.want, false} {
					if got, err := x.queue.Ensure(t.Context(), run(1), false); err != nil || got != want {
						t.Errorf("repaired %v, %v, want %v", got, err, want)
					}
				}
				if c.want {
					x.wantState(run(1), asynq.TaskStatePending)
				} else {
					x.wantState(run(1), asynq.TaskStateRetry)
				}
			})
		})
	}
}

func TestEveryQueueCarriesItsRuns(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		handled := make(chan store.Run, len(queue.Names()))
		x.serve(func(_ context.Context, r store.Run) (string, error) {
			handled <- r
			return "", nil
		})
		want := map[string]string{}
		for i, name := range queue.Names() {
			r := run(i)
			r.Queue = name
			x.enqueue(r)
			want[r.ID] = name
		}
		got := map[string]string{}
		for range want {
			r := receive(t, "a run", handled)
			got[r.ID] = r.Queue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the queues differ (-want +got):\n%s", diff)
		}
	})
}

// A record from another release may name a queue that nobody serves.
func TestAnUnknownQueueIsTheSmallOne(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for i, name := range []string{"", "standard", "{}"} {
		r := run(i)
		r.Queue = name
		x.enqueue(r)
		x.wantState(run(i), asynq.TaskStatePending)
	}
}
