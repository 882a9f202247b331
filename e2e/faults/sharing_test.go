package faults_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// Identical requests share one computation. Cancelling one of two joined jobs leaves the other; cancelling the last stops the work; what is
// asked for right after that is begun anew, at once.
func TestSharing(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	p.hire(t)
	p.hire(t)
	var stops, restarts spread
	for round := range sized(60, 5) {
		request := want("factorial/recursive", fmt.Sprintf("n=%d", 250_000+round))
		one, other := must(t, p.c, request), must(t, p.c, request)
		one = until(t, p.c, one.ID, running)
		other = until(t, p.c, other.ID, running)
		if random.IntN(2) == 0 {
			one, other = other, one // whoever came first is nobody special
		}
		moment(t, random, 300*time.Millisecond)
		p.cancels(t, one)
		moment(t, random, 300*time.Millisecond)
		if d, err := get(within(t, platformtest.Patience), p.c, other.ID); err != nil || d.State != "running" || d.Attempt != 1 {
			t.Fatalf("after the cancel of the job that it shares with, %s is %s in attempt %d (%v), want running in 1", other.ID, d.State, d.Attempt, err)
		}
		p.cancels(t, other)
		cancelled := time.Now()
		again := must(t, p.c, request)
		until(t, p.c, again.ID, running)
		restarts = append(restarts, time.Since(cancelled))
		if got := p.starts(one) + p.starts(other); got != 1 {
			t.Errorf("the two joined jobs were started %d times, want once", got)
		}
		_, line := platformtest.AwaitAny(t, platformtest.Patience, "the end of the attempt", func(l platformtest.Line) bool {
			return l.Message() == "attempt stopped" && (l.Text("trace.id") == one.TraceID || l.Text("trace.id") == other.TraceID)
		}, p.logs()...)
		stops = append(stops, max(0, at(t, line).Sub(cancelled)))
		p.cancels(t, again)
	}
	bound(t, "from the last cancel to the end of the attempt", stops, 0.99, 250*time.Millisecond)
	bound(t, "from that cancel to the same work begun anew", restarts, 1, 2*time.Second)
	p.sharesEverything(t, random)
}

func (p *platform) cancels(t *testing.T, d document) {
	t.Helper()
	after, err := cancel(within(t, platformtest.Patience), p.c, d.ID)
	if err != nil || after.State != "cancelled" {
		t.Fatalf("cancel %s: it is %s (%v), want cancelled", d.ID, after.State, err)
	}
}

// starts is how often workers have begun with what this job has started.
func (p *platform) starts(d document) (n int) {
	for _, l := range p.logs() {
		n += len(l.Find(says("attempt started", "trace.id", d.TraceID)))
	}
	return n
}

// sharesEverything has 100 people ask for 10 numbers at the same time: each is computed once, the others join or hit.
func (p *platform) sharesEverything(t *testing.T, random *rand.Rand) {
	t.Helper()
	const people, numbers = 100, 10
	from := 20_000_000 + random.IntN(1_000_000)
	ctx := within(t, platformtest.Patience)
	jobs, errs := make([]document, people), make([]error, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			jobs[i], errs[i] = submit(ctx, p.c, want("fibonacci", fmt.Sprintf("n=%d", from+i%numbers)))
		})
	}
	all.Wait()
	caches, sums := map[string]int{}, map[string]map[string]bool{}
	for i := range people {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		d := await(t, p.c, jobs[i].ID, "succeeded", platformtest.Patience)
		caches[d.Result.Cache]++
		if sums[d.Args["n"]] == nil {
			sums[d.Args["n"]] = map[string]bool{}
		}
		sums[d.Args["n"]][d.Result.SHA256] = true
	}
	note(t, "100 requests for 10 numbers", "%v", caches)
	if caches["miss"] != numbers || len(sums) != numbers {
		t.Errorf("%d numbers were computed %d times, want %d and each once", len(sums), caches["miss"], numbers)
	}
	for n, s := range sums {
		if len(s) != 1 {
			t.Errorf("fibonacci of %s has %d different results", n, len(s))
		}
	}
}
