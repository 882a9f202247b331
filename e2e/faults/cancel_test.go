package faults_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// A cancel cancels: 200 jobs that run and 200 that wait end as cancelled, none is tried again, and what ran has stopped within 250 ms.
func TestCancel(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	p.hire(t)
	p.hire(t)
	const places = 4 // each of the two workers computes one large and one huge number at a time
	run := &cancelRun{platform: p, wanted: map[string]document{}}
	var stops, reported spread
	for group := range sized(200, 12) / places {
		stopped, said := run.group(t, random, group, places)
		stops, reported = append(stops, stopped...), append(reported, said...)
	}
	run.recheck(t, places)
	note(t, "cancelled", "%d running and as many queued jobs, none tried again", len(run.wanted)/2)
	bound(t, "from the answer to the end of the attempt", stops, 0.99, 250*time.Millisecond)
	bound(t, "from the signal to the end, by the worker", reported, 0.99, 250*time.Millisecond)
}

type cancelRun struct {
	*platform

	wanted map[string]document // as they were right after the cancel
}

// long is a request that takes at least some seconds, of the class large or huge, different for every i.
func long(random *rand.Rand, huge bool, i int) map[string]any {
	switch kind := random.IntN(4); {
	case huge && kind == 0:
		return want("fibonacci/recursive", fmt.Sprintf("n=%d", 52+i%5))
	case huge:
		return want("factorial/recursive", fmt.Sprintf("n=%d", 500_000+i))
	case kind == 0:
		return want("factorial", fmt.Sprintf("n=%d", 50_000_000+i))
	case kind == 1:
		return want("fibonacci", fmt.Sprintf("n=%d", 3_000_000_000+i))
	default:
		return want("factorial/recursive", fmt.Sprintf("n=%d", 200_000+i))
	}
}

// group fills all places, lets as many jobs wait behind them, and cancels them all: those that wait first.
func (r *cancelRun) group(t *testing.T, random *rand.Rand, group, places int) (stops, reported spread) {
	t.Helper()
	var jobs []document
	for i := range 2 * places {
		d := must(t, r.c, long(random, i%2 == 0, group*2*places+i))
		if i < places {
			d = until(t, r.c, d.ID, running)
		}
		jobs = append(jobs, d)
	}
	moment(t, random, time.Second) // whatever they are at by then
	r.cancelAll(t, jobs[places:])
	answered := r.cancelAll(t, jobs[:places])
	for i, d := range jobs[:places] {
		_, line := platformtest.AwaitAny(t, platformtest.Patience, "the end of the attempt", says("attempt stopped", "trace.id", d.TraceID), r.logs()...)
		took := max(0, at(t, line).Sub(answered[i]))
		if took > 200*time.Millisecond {
			t.Logf("%s/%s of %v took %v to stop", d.Function, d.Method, d.Args, took)
		}
		stops = append(stops, took)
		if ms, ok := line.Fields["numbermill.stop_ms"].(float64); ok {
			reported = append(reported, time.Duration(ms*float64(time.Millisecond)))
		}
		if got := r.wanted[d.ID].Attempt; got != 1 {
			t.Errorf("a running job is in attempt %d when it is cancelled, want 1", got)
		}
	}
	return stops, reported
}

// cancelAll cancels jobs at the same time and returns when each was answered.
func (r *cancelRun) cancelAll(t *testing.T, jobs []document) []time.Time {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	answered, after, errs := make([]time.Time, len(jobs)), make([]document, len(jobs)), make([]error, len(jobs))
	var all sync.WaitGroup
	for i, d := range jobs {
		all.Go(func() {
			after[i], errs[i] = cancel(ctx, r.c, d.ID)
			answered[i] = time.Now()
		})
	}
	all.Wait()
	for i, d := range after {
		if errs[i] != nil || d.State != "cancelled" {
			t.Fatalf("cancel %s: it is %s (%v), want cancelled", jobs[i].ID, d.State, errs[i])
		}
		r.wanted[d.ID] = d
	}
	return answered
}

// recheck looks whether a cancelled job has moved, been started or been put back. By then new work has passed through all places.
func (r *cancelRun) recheck(t *testing.T, places int) {
	t.Helper()
	for i := range places {
		await(t, r.c, must(t, r.c, want("factorial/recursive", fmt.Sprintf("n=%d", 40_000+i))).ID, "succeeded", platformtest.Patience)
	}
	ended := within(t, platformtest.Patience)
	for id, was := range r.wanted {
		d, err := get(ended, r.c, id)
		if err != nil || d.outcome() != was.outcome() || d.Attempt != was.Attempt {
			t.Errorf("%s was %s in attempt %d and is %s in attempt %d (%v)", id, was.outcome(), was.Attempt, d.outcome(), d.Attempt, err)
		}
		started := 0
		for _, l := range r.logs() {
			started += len(l.Find(says("attempt started", "trace.id", was.TraceID)))
		}
		if int64(started) != was.Attempt {
			t.Errorf("%s was started %d times, want %d", id, started, was.Attempt)
		}
	}
	for _, set := range []string{"retry", "archived", "scheduled"} {
		if n := r.delivered(t, set); n != 0 {
			t.Errorf("Asynq keeps %d tasks in %s, want none", n, set)
		}
	}
}

// moment lets a random time pass, up to most: what is broken is to be broken anywhere.
func moment(t *testing.T, random *rand.Rand, most time.Duration) {
	t.Helper()
	timer := time.NewTimer(time.Duration(random.Int64N(int64(most))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}
