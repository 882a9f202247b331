package queue_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// Of many delivered tasks the first hundred stay visible, with what came of them; of the others hardly any do.
func TestDeliveredTasksAreKeptWithinBounds(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		const many = 300
		delivered := make(chan struct{}, many)
		x.serve(func(context.Context, store.Run) (string, error) {
			delivered <- struct{}{}
			return `{"digits":"3"}`, nil
		})
		begun := time.Now()
		for i := range many {
			x.enqueue(run(i))
		}
		most := 101 + int(10*time.Since(begun).Seconds())
		for range many {
			receive(t, "a delivery", delivered)
		}
		kept := 0
		x.eventually("all have ended", func() bool {
			info, err := x.inspector.GetQueueInfo(small)
			if err != nil {
				t.Fatal(err)
			}
			kept = info.Completed
			return info.Size == info.Completed
		})
		if kept < 100 || kept > most {
			t.Errorf("%d of %d are kept, want a hundred and at most %d", kept, many, most)
		}
		tasks, err := x.inspector.ListCompletedTasks(small, asynq.PageSize(many))
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			if string(task.Result) != `{"digits":"3"}` || !strings.Contains(string(task.Payload), `"keep":true`) {
				t.Errorf("kept: got the summary %q of %s, want one of a task to be kept", task.Result, task.Payload)
			}
		}
		if n, err := x.rdb.Keys(t.Context(), "asynq:{small}:t:*").Result(); err != nil || len(n) != kept {
			t.Errorf("%d tasks are left, %v, want %d", len(n), err, kept)
		}
	})
}

// What is done at once is never handed to the handler, and ends as if it had been: kept with its summary, or gone.
func TestRunsThatAreDoneAtOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const kept, many = 100, 130
	var handled atomic.Int64
	ended := make(chan struct{}, many)
	atOnce := func(ctx context.Context, runs []store.Run) func() []bool {
		return func() []bool {
			done := make([]bool, len(runs))
			for i, r := range runs {
				if done[i] = r.ID != run(many-1).ID; !done[i] {
					continue
				}
				if r.FirstQueued.IsZero() || time.Since(r.FirstQueued) > patience {
					t.Errorf("%s: queued at %v, want a moment ago", r.ID, r.FirstQueued)
				}
				e := r.Ends(`{"digits":"3"}`)
				if err := redis.NewScript(e.Source).Run(ctx, x.rdb, e.Keys, e.Args...).Err(); err != nil {
					t.Errorf("end a delivery: %v", err)
				}
				ended <- struct{}{}
			}
			return done
		}
	}
	s, err := queue.NewServer(x.rdb, queue.ServerOptions{Logger: quiet(), Client: x.queue, AtOnce: atOnce}, func(_ context.Context, r store.Run) (string, error) {
		handled.Add(1)
		if r.ID != run(many-1).ID {
			t.Errorf("%s was handed out, which was done", r.ID)
		}
		ended <- struct{}{}
		return "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	for i := range many {
		x.enqueue(run(i))
	}
	for range many {
		receive(t, "an end", ended)
	}
	var info *asynq.QueueInfo
	x.eventually("all have ended", func() bool {
		if info, err = x.inspector.GetQueueInfo(small); err != nil {
			t.Fatal(err)
		}
		return info.Size == info.Completed
	})
	if info.Completed < kept || info.Completed == many || info.ProcessedTotal != many || handled.Load() != 1 {
		t.Errorf("%d are kept of %d, and %d were handed out; want at least %d of %d, and one", info.Completed, info.ProcessedTotal, handled.Load(), kept, many)
	}
	tasks, err := x.inspector.ListCompletedTasks(small, asynq.PageSize(many))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		if task.ID == taskID(run(many-1)) {
			continue // the handler has no summary
		}
		if string(task.Result) != `{"digits":"3"}` || task.Retention != 15*time.Minute || time.Since(task.CompletedAt) > patience {
			t.Errorf("kept: got %+v, want a summary, and a quarter of an hour from now", task)
		}
	}
}
