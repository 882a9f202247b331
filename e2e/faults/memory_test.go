package faults_test

import (
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// What a killed worker ran, and what waited in it for memory and was not begun yet, begins elsewhere within 20 s.
func TestKilledWhileWaitingForMemory(t *testing.T) {
	begin(t)
	var ran, waited spread
	for range sized(3, 1) {
		p := open(t)
		small := p.hire(t, "--memory-budget", "100mb")
		busy := must(t, p.c, want("factorial/recursive", "n=450000")) // 28 MB for minutes
		small.Err.Await(t, platformtest.Patience, "its attempt", says("attempt started", "trace.id", busy.TraceID))
		waiting := must(t, p.c, want("factorial", "n=3000000")) // more than what is left
		p.held(t, waiting.TraceID)
		other := p.hire(t)
		small.Kill(t)
		died := time.Now()
		for _, d := range []document{busy, waiting} {
			line := other.Err.Await(t, platformtest.Patience, "an attempt of what was left", says("attempt started", "trace.id", d.TraceID))
			if took := at(t, line).Sub(died); d.ID == busy.ID {
				ran = append(ran, took)
			} else {
				waited = append(waited, took)
			}
		}
		await(t, p.c, waiting.ID, "succeeded", platformtest.Patience)
		p.cancels(t, busy)
	}
	bound(t, "from the kill to the next attempt of what ran", ran, 1, soon)
	bound(t, "from the kill to the first attempt of what waited", waited, 1, soon)
}

// held waits until a worker has taken the task of a job out of its queue.
func (p *platform) held(t *testing.T, trace string) {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	again := newPace(20 * time.Millisecond)
	defer again.stop()
	for p.active(t) < 2 {
		if err := again.wait(ctx); err != nil {
			t.Fatalf("nobody has taken the job of trace %s: %v", trace, err)
		}
	}
}

// active counts the tasks that workers hold.
func (p *platform) active(t *testing.T) (n int64) {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	queues, err := p.rdb.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queues {
		more, err := p.rdb.LLen(ctx, "asynq:{"+q+"}:active").Result()
		if err != nil {
			t.Fatal(err)
		}
		n += more
	}
	return n
}
