package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

const leaseKey = "asynq:{small}:lease"

func TestReclaimAfterKill(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.enqueue(run(1))
	if got, want := x.victim(), run(1).ID; got != want {
		t.Fatalf("the victim took %q, want %q", got, want)
	}
	x.wantState(run(1), asynq.TaskStateActive)
	active, err := x.queue.Active(t.Context())
	if diff := cmp.Diff([]store.Run{{Fingerprint: run(1).Fingerprint, ID: run(1).ID, Queue: small}}, active); err != nil || diff != "" {
		t.Errorf("active runs: %v (-want +got):\n%s", err, diff)
	}
	x.enqueue(run(2))
	for _, want := range []bool{true, false} {
		if had, err := x.queue.Reclaim(t.Context(), run(1)); err != nil || had != want {
			t.Errorf("reclaim: got %v, %v, want %v", had, err, want)
		}
		x.wantState(run(1), asynq.TaskStatePending)
	}
	x.wantOrder(run(1), run(2)) // ahead of those that have not waited as long
}

// wantOrder serves one run at a time and checks their order.
func (x *fixture) wantOrder(want ...store.Run) {
	x.t.Helper()
	handled := make(chan string, len(want))
	s, err := queue.NewServer(x.rdb, queue.ServerOptions{Logger: quiet()}, func(_ context.Context, r store.Run) (string, error) {
		handled <- r.ID
		return "", nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		x.t.Fatal(err)
	}
	defer s.Shutdown()
	for i, r := range want {
		if got := receive(x.t, "a run", handled); got != r.ID {
			x.t.Errorf("run %d: got %s, want %s", i, got, r.ID)
		}
	}
	for _, r := range want {
		x.awaitState(r, asynq.TaskStateCompleted)
	}
}

func TestReclaimOfWhatNobodyHas(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.enqueue(run(1))
	for _, r := range []store.Run{run(1), run(2)} {
		if had, err := x.queue.Reclaim(t.Context(), r); err != nil || had {
			t.Errorf("got %v, %v, want false: nobody has it", had, err)
		}
	}
	if n, err := x.rdb.LLen(t.Context(), "asynq:{small}:pending").Result(); err != nil || n != 1 {
		t.Errorf("%d tasks are pending, %v, want 1", n, err)
	}
}

func TestRequeueActive(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	if n, err := queue.RequeueActive(t.Context(), x.rdb); err != nil || n != 0 {
		t.Errorf("an empty Redis: got %d, %v, want 0", n, err)
	}
	x.enqueue(run(1))
	x.victim()
	x.enqueue(run(2))
	x.victim()
	x.enqueue(run(3))
	// A task that has gone must not come back as an id without one.
	if err := x.rdb.LPush(t.Context(), "asynq:{small}:active", "gone").Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := queue.RequeueActive(t.Context(), x.rdb); err != nil || n != 2 {
		t.Errorf("got %d tasks put back, %v, want 2", n, err)
	}
	for i := 1; i <= 3; i++ {
		x.wantState(run(i), asynq.TaskStatePending)
	}
	if n, err := x.rdb.Exists(t.Context(), "asynq:{small}:active", leaseKey).Result(); err != nil || n != 0 {
		t.Errorf("%d lists of active tasks are left, %v, want none", n, err)
	}
}

// expireLease ends the lease of a task a minute ago.
func (x *fixture) expireLease(r store.Run) {
	x.t.Helper()
	expired := redis.Z{Score: float64(time.Now().Add(-time.Minute).Unix()), Member: taskID(r)}
	if err := x.rdb.ZAdd(x.t.Context(), leaseKey, expired).Err(); err != nil {
		x.t.Fatal(err)
	}
}

func TestEnsureReclaimsOnceTheLeaseHasExpired(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.enqueue(run(1))
	x.victim()
	if repaired, err := x.queue.Ensure(t.Context(), run(1), false); err != nil || repaired {
		t.Errorf("with its lease: repaired %v, %v, want false", repaired, err)
	}
	x.expireLease(run(1))
	if repaired, err := x.queue.Ensure(t.Context(), run(1), true); err != nil || repaired {
		t.Errorf("claimed by a worker that lives: repaired %v, %v, want false", repaired, err)
	}
	x.wantState(run(1), asynq.TaskStateActive)
	if repaired, err := x.queue.Ensure(t.Context(), run(1), false); err != nil || !repaired {
		t.Errorf("without a lease: repaired %v, %v, want true", repaired, err)
	}
	x.wantState(run(1), asynq.TaskStatePending)
}

// However a lost task comes back, at once or by Asynq's own means, it is carried out once more, at no cost.
func TestALostTaskIsCarriedOut(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		x.enqueue(run(1))
		x.victim()
		if _, err := x.queue.Reclaim(t.Context(), run(1)); err != nil {
			t.Fatal(err)
		}
		if x.state(run(1)) == asynq.TaskStateActive { // by plain Asynq: once the lease has expired for half a minute
			x.expireLease(run(1))
		}
		var calls atomic.Int64
		x.serve(func(context.Context, store.Run) (string, error) { calls.Add(1); return "", nil })
		x.awaitState(run(1), asynq.TaskStateCompleted)
		info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
		if err != nil || info.Retried != 0 || calls.Load() != 1 {
			t.Errorf("got %d failures after %d calls, %v, want none after one", info.Retried, calls.Load(), err)
		}
	})
}

func TestActive(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		entered, leave := make(chan struct{}, 2), make(chan struct{})
		x.serve(func(context.Context, store.Run) (string, error) {
			entered <- struct{}{}
			<-leave
			return "", nil
		})
		defer close(leave)
		want := map[string]string{run(1).ID: small, run(2).ID: "huge-low"}
		for i := 1; i <= 2; i++ {
			r := run(i)
			r.Queue = want[r.ID]
			x.enqueue(r)
			receive(t, "the handler", entered)
		}
		runs, err := x.queue.Active(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, r := range runs {
			got[r.ID] = r.Queue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("active runs and their queues (-want +got):\n%s", diff)
		}
	})
}
