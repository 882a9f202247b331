package queue_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// victimVar makes the test binary a worker that takes one run from the Redis that it names, and never ends.
const victimVar = "QUEUE_TEST_VICTIM"

// patience is how long anything may take before a test gives up.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	if url := os.Getenv(victimVar); url != "" {
		if err := beVictim(url, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// beVictim says what it has taken, and then hangs until it is killed.
func beVictim(url string, out io.Writer) error {
	rdb, err := store.Dial(url)
	if err != nil {
		return err
	}
	s, err := queue.NewServer(rdb, queue.ServerOptions{Logger: quiet()}, func(_ context.Context, r store.Run) (string, error) {
		if _, err := fmt.Fprintln(out, r.ID); err != nil {
			return "", err
		}
		select {}
	})
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	select {}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// small is the queue that runs without a class wait in.
const small = "small"

// fixture is a queue on an empty Redis of its own.
type fixture struct {
	t         *testing.T
	url       string
	rdb       redis.UniversalClient
	queue     *queue.Client
	inspector *asynq.Inspector
	fast      bool // its fast ways are on
}

// bothWays runs a test with the fast ways on, and by plain Asynq.
func bothWays(t *testing.T, test func(x *fixture)) {
	t.Helper()
	for name, options := range map[string][]queue.Option{"fast": nil, "plain": {queue.Plain()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(setUp(t, options...))
		})
	}
}

func setUp(t *testing.T, options ...queue.Option) *fixture {
	t.Helper()
	url := redistest.Start(t)
	rdb, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	q := queue.New(rdb, options...)
	if err := q.SelfTest(t.Context(), quiet()); err != nil {
		t.Fatal(err)
	}
	return &fixture{t, url, rdb, q, asynq.NewInspectorFromRedisClient(rdb), len(options) == 0}
}

// run is the n-th of many runs.
func run(n int) store.Run {
	return store.Run{
		Fingerprint: job.Fingerprint(fmt.Sprintf("%040x", n)), ID: fmt.Sprintf("%016x", 0xabc0000+n),
		Spec:  job.Spec{Function: "ackermann", Args: map[string]string{"m": "2", "n": "3"}, Method: "fast"},
		Trace: map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b"},
		Queue: small, Job: job.ID(fmt.Sprintf("job_%036d", n)),
	}
}

func taskID(r store.Run) string { return string(r.Fingerprint) + "-" + r.ID }

func (x *fixture) enqueue(r store.Run) {
	x.t.Helper()
	if err := x.queue.Enqueue(x.t.Context(), r); err != nil {
		x.t.Fatal(err)
	}
}

// state is a run's state in Asynq, or 0 if it has no task.
func (x *fixture) state(r store.Run) asynq.TaskState {
	x.t.Helper()
	info, err := x.inspector.GetTaskInfo(small, taskID(r))
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return 0
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return info.State
}

func (x *fixture) wantState(r store.Run, want asynq.TaskState) {
	x.t.Helper()
	if got := x.state(r); got != want {
		x.t.Errorf("the task's state: got %v, want %v", got, want)
	}
}

// awaitState waits until Asynq has written down what became of a task.
func (x *fixture) awaitState(r store.Run, want asynq.TaskState) {
	x.t.Helper()
	x.eventually(fmt.Sprintf("the task is %v", want), func() bool { return x.state(r) == want })
}

// eventually asks again and again: Asynq gives no signal.
func (x *fixture) eventually(what string, ok func() bool) {
	x.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(patience); !ok(); {
		select {
		case <-tick.C:
		case <-limit:
			x.t.Fatalf("it does not come about that %s", what)
		}
	}
}

// serve handles runs until the test ends, or until the returned function is called.
func (x *fixture) serve(handle queue.Handler) *queue.Server {
	x.t.Helper()
	s, err := queue.NewServer(x.rdb, queue.ServerOptions{Places: map[job.Class]int{job.Small: 2}, Logger: quiet(), Client: x.queue}, handle)
	if err != nil {
		x.t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(s.Shutdown)
	return s
}

// victim starts a process that takes a run, waits until it has, and kills it as kill -9 does.
func (x *fixture) victim() (taken string) {
	x.t.Helper()
	path, err := os.Executable()
	if err != nil {
		x.t.Fatal(err)
	}
	cmd := exec.CommandContext(x.t.Context(), path)
	cmd.Env = append(os.Environ(), victimVar+"="+x.url)
	out, err := cmd.StdoutPipe()
	if err != nil {
		x.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		x.t.Errorf("the victim takes nothing: %v", err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return line[:max(len(line)-1, 0)]
}

// receive waits for a value.
func receive[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("%s does not come", what)
		panic("unreachable")
	}
}
