package queue_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/hibiken/asynq"

	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// spoken is a logger, and what it has been told.
func spoken() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

func connect(t *testing.T, url string, options ...queue.Option) *fixture {
	t.Helper()
	rdb, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return &fixture{t, url, rdb, queue.New(rdb, options...), asynq.NewInspectorFromRedisClient(rdb), false}
}

func TestSelfTestLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	x := connect(t, redistest.Start(t))
	const stale = "selftest-1000000000-abc"
	tasks := asynq.NewClientFromRedisClient(x.rdb)
	if _, err := tasks.Enqueue(asynq.NewTask("selftest", nil), asynq.TaskID("first"), asynq.Queue(stale)); err != nil { // by a process that was killed
		t.Fatal(err)
	}
	logger, said := spoken()
	if err := x.queue.SelfTest(t.Context(), logger); err != nil {
		t.Fatal(err)
	}
	if keys, err := x.rdb.Keys(t.Context(), "*").Result(); err != nil || len(keys) != 0 {
		t.Errorf("got keys %v, %v, want none", keys, err)
	}
	if got := said.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "as expected") {
		t.Errorf("got the log %q, want one line that says so", got)
	}
}

// Something that the fast ways need is not there: everything works all the same.
func TestAFailedSelfTestMeansPlainAsynq(t *testing.T) {
	t.Parallel()
	x := connect(t, redistest.Start(t))
	if err := x.rdb.ACLSetUser(t.Context(), "default", "-lpos").Err(); err != nil {
		t.Fatal(err)
	}
	logger, said := spoken()
	if err := x.queue.SelfTest(t.Context(), logger); err == nil {
		t.Error("the self-test passes")
	}
	if keys, err := x.rdb.Keys(t.Context(), "*").Result(); err != nil || len(keys) != 0 {
		t.Errorf("got keys %v, %v, want none", keys, err)
	}
	if got := said.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "not as expected") {
		t.Errorf("got the log %q, want one line that says so", got)
	}
	if err := x.queue.Announce(t.Context()); err != nil {
		t.Error(err)
	}
	if said.Len() == 0 || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("got the log %q, want no second test", said)
	}
	x.enqueue(run(1))
	x.victim()
	if n, err := queue.RequeueActive(t.Context(), x.rdb); err != nil || n != 0 {
		t.Errorf("requeue: got %d, %v, want none", n, err)
	}
	if had, err := x.queue.Reclaim(t.Context(), run(1)); err != nil || had {
		t.Errorf("reclaim: got %v, %v, want nothing done", had, err)
	}
	x.expireLease(run(1))
	x.serve(func(context.Context, store.Run) (string, error) { return "", nil })
	x.awaitState(run(1), asynq.TaskStateCompleted)
}

// A Redis that is away at the start tells nothing of Asynq: the test is made once it is there.
func TestASelfTestThatRedisDidNotAnswerIsMadeUpFor(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	x := connect(t, server.URL())
	server.Kill()
	logger, said := spoken()
	if err := x.queue.SelfTest(t.Context(), logger); err == nil {
		t.Error("the self-test passes without Redis")
	}
	if err := x.queue.Announce(t.Context()); err != nil {
		t.Error(err) // by plain Asynq it has nothing to say to Redis
	}
	server.Restart()
	x.enqueue(run(1))
	if _, known, err := x.queue.Position(t.Context(), run(1)); err != nil || known {
		t.Errorf("the place is known: %v, %v, before a test has passed", known, err)
	}
	if err := x.queue.Announce(t.Context()); err != nil {
		t.Error(err)
	}
	if _, known, err := x.queue.Position(t.Context(), run(1)); err != nil || !known {
		t.Errorf("the place is known: %v, %v, want true", known, err)
	}
	if got := said.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "tried again") || !strings.Contains(got, "as expected") {
		t.Errorf("got the log %q, want two lines", got)
	}
}

func TestPlainAsynqIsSaid(t *testing.T) {
	t.Parallel()
	x := connect(t, redistest.Start(t))
	logger, said := spoken()
	c := queue.New(x.rdb, queue.Plain())
	if err := c.SelfTest(t.Context(), logger); err != nil || !strings.Contains(said.String(), "plain asynq") {
		t.Errorf("got %v and the log %q", err, said)
	}
	x.enqueue(run(1))
	x.victim()
	if had, err := c.Reclaim(t.Context(), run(1)); err != nil || had {
		t.Errorf("reclaim: got %v, %v, want nothing done", had, err)
	}
	if n, err := queue.RequeueActive(t.Context(), x.rdb, queue.Plain()); err != nil || n != 0 {
		t.Errorf("requeue: got %d, %v, want none", n, err)
	}
}
