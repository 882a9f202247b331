package queue_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

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
