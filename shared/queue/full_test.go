package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/hibiken/asynq"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// fill sets the limit of Redis's memory below what it uses already.
func (x *fixture) fill() {
	x.t.Helper()
	if err := x.rdb.ConfigSet(x.t.Context(), "maxmemory", "1").Err(); err != nil {
		x.t.Fatal(err)
	}
	if err := x.rdb.Set(x.t.Context(), "some key", "some value", 0).Err(); err == nil {
		x.t.Fatal("Redis still takes a value: the test tests nothing")
	}
}

// Whatever was accepted is delivered, tried again and ended; what is new is refused.
func TestAFullRedisCarriesOn(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		repairs := queue.New(x.rdb, queue.Repairs())
		x.enqueue(run(1))
		x.enqueue(run(2))
		x.fill()
		if err := x.queue.Enqueue(t.Context(), run(3)); err == nil {
			t.Error("a new run is taken")
		}
		x.wantState(run(3), 0)
		if repaired, err := repairs.Ensure(t.Context(), run(3), false); err != nil || !repaired { // as the reconciler does
			t.Errorf("repair: got %v, %v, want it queued", repaired, err)
		}
		if err := repairs.Announce(t.Context()); err != nil {
			t.Errorf("announce: %v", err)
		}

		var failed, released atomic.Bool
		x.serve(func(_ context.Context, r store.Run) (string, error) {
			switch {
			case r.ID == run(1).ID && !failed.Swap(true):
				return "", &queue.RetryError{Err: errors.New("no luck")}
			case r.ID == run(2).ID && !released.Swap(true):
				return "", queue.ErrReleased
			}
			return `{"digits":"3"}`, nil
		})
		for i := 1; i <= 3; i++ {
			x.awaitState(run(i), asynq.TaskStateCompleted)
			if info, err := x.inspector.GetTaskInfo(small, taskID(run(i))); err != nil || string(info.Result) != `{"digits":"3"}` {
				t.Errorf("got result %q, %v, want the summary", info.Result, err)
			}
		}
		servers, err := x.inspector.Servers()
		if err != nil || len(servers) != 3 {
			t.Errorf("%d servers have said that they live, %v, want 3", len(servers), err)
		}
	})
}

func TestAFullRedisPassesTheSelfTestAndGivesBackLostTasks(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.enqueue(run(1))
	x.victim()
	x.fill()
	c := queue.New(x.rdb)
	if err := c.SelfTest(t.Context(), quiet()); err != nil {
		t.Fatal(err)
	}
	if had, err := c.Reclaim(t.Context(), run(1)); err != nil || !had {
		t.Errorf("reclaim: got %v, %v, want it had", had, err)
	}
	x.wantState(run(1), asynq.TaskStatePending)
}
