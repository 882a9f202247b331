package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// stats are those of the queues that do not stand empty, without ages; the ages are given apart.
func (x *fixture) stats() (map[string]queue.Stat, map[string]time.Duration) {
	x.t.Helper()
	all, err := x.queue.Stats(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	stats, ages, names := map[string]queue.Stat{}, map[string]time.Duration{}, []string(nil)
	for _, s := range all {
		names = append(names, s.Name)
		if s == (queue.Stat{Name: s.Name}) {
			continue
		}
		ages[s.Name] = s.OldestAge
		s.OldestAge = 0
		stats[s.Name] = s
	}
	if diff := cmp.Diff(queue.Names(), names); diff != "" {
		x.t.Errorf("the queues differ (-want +got):\n%s", diff)
	}
	return stats, ages
}

func TestStats(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		if got, _ := x.stats(); len(got) != 0 {
			t.Errorf("an empty Redis: got %v, want zeros", got)
		}
		entered, leave := make(chan struct{}), make(chan struct{})
		s := x.serve(func(_ context.Context, r store.Run) (string, error) {
			if r.Queue == "large" {
				return "", &queue.RetryError{After: time.Minute, Err: errors.New("no luck")}
			}
			close(entered)
			<-leave
			return "", nil
		})
		failing := run(1)
		failing.Queue = "large"
		x.enqueue(failing)
		x.enqueue(run(2))
		receive(t, "the handler", entered)
		x.eventually("the other waits for its retry", func() bool {
			info, err := x.inspector.GetTaskInfo("large", taskID(failing))
			return err == nil && info.State == asynq.TaskStateRetry
		})
		s.StopFetching()
		x.enqueue(run(3))
		x.enqueue(run(4))
		x.enqueue(run(5))
		if err := x.inspector.ArchiveTask(small, taskID(run(5))); err != nil {
			t.Fatal(err)
		}
		if err := x.inspector.PauseQueue("large"); err != nil {
			t.Fatal(err)
		}
		got, ages := x.stats()
		want := map[string]queue.Stat{small: {Name: small, Pending: 2, Active: 1, Archived: 1}, "large": {Name: "large", Retry: 1, Paused: true}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the stats differ (-want +got):\n%s", diff)
		}
		if ages[small] <= 0 || ages[small] > patience || ages["large"] != 0 {
			t.Errorf("got ages %v, want one of the small queue alone", ages)
		}
		close(leave)
	})
}

func TestPosition(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	want := func(r store.Run, ahead int64, known bool) {
		t.Helper()
		gotAhead, gotKnown, err := x.queue.Position(t.Context(), r)
		if err != nil || gotAhead != ahead || gotKnown != known {
			t.Errorf("%s: got %d, %v, %v, want %d, %v", r.ID, gotAhead, gotKnown, err, ahead, known)
		}
	}
	want(run(1), 0, false)
	for i := 1; i <= 3; i++ {
		x.enqueue(run(i))
	}
	for i := 1; i <= 3; i++ {
		want(run(i), int64(i-1), true)
	}
	x.victim() // has the first one
	want(run(1), 0, true)
	want(run(2), 0, true)
	want(run(3), 1, true)
	far := make([]any, 10_000)
	for i := range far {
		far[i] = fmt.Sprint("other-", i)
	}
	if err := x.rdb.RPush(t.Context(), "asynq:{small}:pending", far...).Err(); err != nil { // ahead of all
		t.Fatal(err)
	}
	want(run(2), 0, false)
}

func TestPositionIsNotKnownByPlainAsynq(t *testing.T) {
	t.Parallel()
	x := setUp(t, queue.Plain())
	x.enqueue(run(1))
	if ahead, known, err := x.queue.Position(t.Context(), run(1)); err != nil || known {
		t.Errorf("got %d, %v, %v, want it unknown", ahead, known, err)
	}
}
