package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

func TestRetryErrorComesBackAfterItsDelay(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		const delay = 2 * time.Second
		times := make(chan time.Time, 2)
		var calls atomic.Int64
		x.serve(func(context.Context, store.Run) (string, error) {
			times <- time.Now()
			if calls.Add(1) == 1 {
				return "", fmt.Errorf("attempt: %w", &queue.RetryError{After: delay, Err: errors.New("no luck")})
			}
			return "", nil
		})
		x.enqueue(run(1))
		first := receive(t, "the first delivery", times)
		second := receive(t, "the second delivery", times)
		// Asynq keeps whole seconds.
		if got := second.Sub(first); got < delay-time.Second || got > delay+10*time.Second {
			t.Errorf("it came back after %v, want about %v", got, delay)
		}
		x.awaitState(run(1), asynq.TaskStateCompleted)
		info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
		if err != nil || info.Retried != 1 || info.LastErr == "" {
			t.Errorf("got %d failures, the last %q, %v; want one", info.Retried, info.LastErr, err)
		}
	})
}

func TestAReleasedRunComesBackAtOnceAndCostsNothing(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		times := make(chan time.Time, 3)
		var calls atomic.Int64
		x.serve(func(context.Context, store.Run) (string, error) {
			times <- time.Now()
			if calls.Add(1) < 3 {
				return "", queue.ErrReleased
			}
			return "", nil
		})
		x.enqueue(run(1))
		first := receive(t, "the first delivery", times)
		receive(t, "the second delivery", times)
		third := receive(t, "the third delivery", times)
		if got := third.Sub(first); got > 10*time.Second {
			t.Errorf("it came back twice within %v, want about two seconds", got)
		}
		x.awaitState(run(1), asynq.TaskStateCompleted)
		info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
		if err != nil || info.Retried != 0 {
			t.Errorf("got %d failures, %v, want none", info.Retried, err)
		}
	})
}

func TestGarbageIsArchivedRatherThanTriedAgain(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		var calls atomic.Int64
		x.serve(func(context.Context, store.Run) (string, error) { calls.Add(1); return "", nil })
		tasks := asynq.NewClientFromRedisClient(x.rdb)
		for i, payload := range []string{
			"", "garbage", "{}", `{"computation":"short","run":"r"}`,
			`{"computation":"` + string(run(1).Fingerprint) + `"}`, "[1]",
		} {
			id := fmt.Sprintf("garbage-%d", i)
			if _, err := tasks.Enqueue(asynq.NewTask("compute", []byte(payload)), asynq.TaskID(id), asynq.Queue(small)); err != nil {
				t.Fatal(err)
			}
			x.eventually(fmt.Sprintf("payload %q is archived", payload), func() bool {
				info, err := x.inspector.GetTaskInfo(small, id)
				return err == nil && info.State == asynq.TaskStateArchived && info.LastErr != ""
			})
		}
		x.enqueue(run(2)) // the server has survived it all
		x.awaitState(run(2), asynq.TaskStateCompleted)
		if got := calls.Load(); got != 1 {
			t.Errorf("the handler was called %d times, want once", got)
		}
	})
}

func TestAPanicInAHandlerIsTriedAgain(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		x.serve(func(context.Context, store.Run) (string, error) { panic("no luck") })
		x.enqueue(run(1))
		x.awaitState(run(1), asynq.TaskStateRetry)
	})
}

func TestShutdownPutsBackWhatHasNotEnded(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		entered, leave := make(chan struct{}), make(chan struct{})
		s := x.serve(func(context.Context, store.Run) (string, error) {
			close(entered)
			<-leave // it does not look at its context
			return "", nil
		})
		x.enqueue(run(1))
		receive(t, "the handler", entered)
		s.StopFetching()
		x.enqueue(run(2))
		begun := time.Now()
		s.Shutdown()
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("the shutdown took %v", took)
		}
		close(leave)
		x.wantState(run(1), asynq.TaskStatePending)
		x.wantState(run(2), asynq.TaskStatePending)
	})
}

func TestHandlersRunSideBySide(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		meet := make(chan struct{})
		x.serve(func(ctx context.Context, _ store.Run) (string, error) {
			select { // ends once the other is here
			case meet <- struct{}{}:
			case <-meet:
			case <-ctx.Done():
			}
			return "", nil
		})
		x.enqueue(run(1))
		x.enqueue(run(2))
		x.awaitState(run(1), asynq.TaskStateCompleted)
		x.awaitState(run(2), asynq.TaskStateCompleted)
	})
}

func TestABusyWorkerGivesBackAtNoCost(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		times := make(chan time.Time, 2)
		var calls atomic.Int64
		x.serve(func(context.Context, store.Run) (string, error) {
			times <- time.Now()
			if calls.Add(1) == 1 {
				return "", fmt.Errorf("claim: %w", &queue.BusyError{After: 2 * time.Second})
			}
			return "", nil
		})
		x.enqueue(run(1))
		first := receive(t, "the first delivery", times)
		if got := receive(t, "the second delivery", times).Sub(first); got < time.Second {
			t.Errorf("it came back after %v, want about two seconds", got)
		}
		x.awaitState(run(1), asynq.TaskStateCompleted)
		info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
		if err != nil || info.Retried != 0 {
			t.Errorf("got %d failures, %v, want none", info.Retried, err)
		}
	})
}

func TestASummaryIsOneLine(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.serve(func(context.Context, store.Run) (string, error) { return "{\n  \"digits\": \"3\"\n}\n", nil })
	x.enqueue(run(1))
	x.awaitState(run(1), asynq.TaskStateCompleted)
	info, err := x.inspector.GetTaskInfo(small, taskID(run(1)))
	if err != nil || string(info.Result) != `{"digits":"3"}` {
		t.Errorf("got %q, %v, want it on one line", info.Result, err)
	}
}

// A server that waits for work goes on once Redis is back, and takes what comes then.
func TestAServerOutlivesRedis(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]queue.Option{"fast": nil, "plain": {queue.Plain()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.New(t)
			x := connect(t, server.URL(), options...)
			if err := x.queue.SelfTest(t.Context(), quiet()); err != nil {
				t.Fatal(err)
			}
			handled := make(chan string, 1)
			x.serve(func(_ context.Context, r store.Run) (string, error) {
				handled <- r.ID
				return "", nil
			})
			for i := range 3 {
				if i > 0 {
					server.Restart() // it has lost everything
				}
				x.enqueue(run(i))
				if got := receive(t, "a run", handled); got != run(i).ID {
					t.Errorf("got run %s, want %s", got, run(i).ID)
				}
			}
		})
	}
}

// With no room for runs of a class none of them is taken, and those of the others are.
func TestRoomIsAskedClassByClass(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var room atomic.Int64
	handled := make(chan string, 2)
	s, err := queue.NewServer(x.rdb, queue.ServerOptions{
		Logger: quiet(), Client: x.queue, Room: func(c job.Class) int {
			if c == job.Small {
				return int(room.Load())
			}
			return 1
		},
	}, func(_ context.Context, r store.Run) (string, error) {
		handled <- r.Queue
		return "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x.enqueue(of(1, job.Small))
	x.enqueue(of(2, job.Large))
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown()
	if got := receive(t, "a run", handled); got != "large" {
		t.Errorf("got a run of %s, want the large one", got)
	}
	x.wantState(run(1), asynq.TaskStatePending)
	room.Store(1)
	s.Nudge()
	if got := receive(t, "a run", handled); got != small {
		t.Errorf("got a run of %s, want the small one", got)
	}
}
