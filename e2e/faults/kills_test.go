package faults_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// soon is how long after the death of a worker its work has to be under way elsewhere.
const soon = 20 * time.Second

// Workers are killed at random moments under load, 100 times. No accepted job is lost and none has two outcomes; each takes part with
// one attempt that may fail, and none fails: a killed worker costs nothing. What it was at runs again elsewhere within 20 s.
func TestKills(t *testing.T) {
	begin(t)
	killAround(t, sized(100, 4), 4, soon)
}

// killAround kills workers under load, some at the same time, each followed by another, and checks everything.
func killAround(t *testing.T, kills, workers int, within time.Duration, args ...string) {
	t.Helper()
	random := chance(t)
	p := open(t)
	for range workers {
		p.hire(t, args...)
	}
	l := newLedger(t, p.c)
	m := mix(t, l, rand.New(rand.NewPCG(random.Uint64(), 1)))
	k := &killer{platform: p, alive: slices.Clone(p.workers), args: args}
	moment(t, random, 5*time.Second)
	for k.kills < kills {
		moment(t, random, sized(12*time.Second, 6*time.Second)) // reconcilers die too; if they never lived for long they could not work
		for range 1 + random.IntN(2) {
			k.kill(t, random)
		}
	}
	k.judge(t, l, within)
	m.finish()
	states := l.settle(t, 4*time.Minute+within)
	note(t, "kill -9", "%d, with %d attempts under way", k.kills, len(k.lost))
	note(t, "jobs", "%d accepted, each with one outcome: %s", len(l.all()), summary(states))
	l.verify(t)
	k.lostTell(t, l)
	k.unfailed(t, l)
	if n := p.delivered(t, "retry") + p.delivered(t, "archived"); n != 0 {
		t.Errorf("Asynq keeps %d tasks in retry and archived, want none", n)
	}
}

type killer struct {
	*platform

	args  []string
	alive []*platformtest.Process
	kills int
	lost  []loss
}

// loss is an attempt that was under way when its worker was killed.
type loss struct {
	computation, trace string
	by                 *platformtest.Log
	at                 time.Time
	again              bool // it has run again since
}

// kill ends a random worker and starts another one.
func (k *killer) kill(t *testing.T, random *rand.Rand) {
	t.Helper()
	i := random.IntN(len(k.alive))
	victim := k.alive[i]
	if len(victim.Out.Lines()) == 0 {
		return // it is not ready yet
	}
	victim.Kill(t)
	died := time.Now()
	k.kills++
	for computation, trace := range underWay(victim.Err) {
		k.lost = append(k.lost, loss{computation: computation, trace: trace, by: victim.Err, at: died})
	}
	k.alive[i] = k.begin(t, k.args...)
}

// underWay returns the attempts that a worker has begun and not ended, as traces by computation.
func underWay(l *platformtest.Log) map[string]string {
	open := map[string]string{}
	for _, line := range l.Lines() {
		computation := line.Text("numbermill.computation")
		switch line.Message() {
		case "attempt started":
			open[computation] = line.Text("trace.id")
		case "attempt succeeded", "attempt stopped", "attempt failed", "attempt was stale", "attempt given back":
			delete(open, computation)
		}
	}
	return open
}

// judge waits until everything that was lost is under way again, or not wanted any more, and measures how long that took.
func (k *killer) judge(t *testing.T, l *ledger, most time.Duration) {
	t.Helper()
	var recovery spread
	unwanted := 0
	for i, loss := range k.lost {
		took, again := k.recovered(t, l, loss)
		if !again {
			unwanted++
			continue
		}
		k.lost[i].again = true
		recovery = append(recovery, took)
		if soak && took > most {
			t.Errorf("computation %s, of the worker killed at %v, began again after %v, want ≤ %v", loss.computation, loss.at, took, most)
		}
	}
	note(t, "lost attempts that nobody wanted by then", "%d", unwanted)
	bound(t, "from the kill to the next attempt", recovery, 1, most)
}

// recovered tells when another worker has begun with what was lost; not, if all jobs of it had ended by then.
func (k *killer) recovered(t *testing.T, l *ledger, lost loss) (took time.Duration, again bool) {
	t.Helper()
	ctx := within(t, 4*time.Minute)
	pause := newPace(50 * time.Millisecond)
	defer pause.stop()
	for {
		for _, log := range k.logs() {
			for _, line := range log.Find(says("attempt started", "numbermill.computation", lost.computation)) {
				since := at(t, line).Sub(lost.at)
				if log != lost.by && since > 0 && (!again || since < took) {
					took, again = since, true
				}
			}
		}
		if again {
			return took, true
		}
		if l.over(lost.trace) {
			return 0, false
		}
		if err := pause.wait(ctx); err != nil {
			t.Fatalf("computation %s (trace %s), of the worker killed at %v, was not begun again: %v", lost.computation, lost.trace, lost.at, err)
		}
	}
}

// over tells whether every job for the same number as the one with this trace has ended.
func (l *ledger) over(trace string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.jobs {
		if e.TraceID != trace {
			continue
		}
		for _, other := range l.jobs {
			if other.Function == e.Function && other.Method == e.Method && other.Args["n"] == e.Args["n"] && !terminal[other.State] {
				return false
			}
		}
	}
	return true
}

// lostTell checks that the history of every job whose worker died tells so, and counts nothing else against it.
func (k *killer) lostTell(t *testing.T, l *ledger) {
	t.Helper()
	seen := map[string]int{}
	for _, lost := range k.lost {
		if lost.again {
			seen[lost.trace]++
		}
	}
	for _, e := range l.all() {
		losses := seen[e.TraceID]
		if losses == 0 || e.State != "succeeded" {
			continue
		}
		var told []string
		for _, a := range k.attempts(t, e.ID) {
			told = append(told, a.State)
			if a.State == "lost" || a.State == "released" { // released: it died before it could say that it had begun
				losses--
			}
		}
		if losses > 0 || told[len(told)-1] != "succeeded" || slices.Contains(told, "failed") {
			t.Errorf("the attempts of %s, whose worker was killed %d times, say %v", e.ID, seen[e.TraceID], told)
		}
	}
}

// unfailed checks that no job has failed, except one whose worker was killed three times while nothing else ran there: nobody could know
// that it was not to blame.
func (k *killer) unfailed(t *testing.T, l *ledger) {
	t.Helper()
	poisoned := 0
	for _, e := range l.all() {
		if e.State == "failed" && e.Error.Code == "poisoned" {
			lost := 0
			for _, a := range k.attempts(t, e.ID) {
				if a.State == "lost" {
					lost++
				}
			}
			if lost >= 4 {
				poisoned++
				continue
			}
		}
		if e.State != "succeeded" && e.State != "cancelled" {
			t.Errorf("%s is %s with %+v after %d attempts, want succeeded or cancelled", e.ID, e.State, e.Error, e.Attempt)
		}
	}
	if poisoned > 0 {
		note(t, "taken for poison", "%d jobs: we killed their worker four times, three times while they ran alone", poisoned)
	}
}

// Without the fast ways, by Asynq alone, the same comes out; it takes longer.
func TestPlain(t *testing.T) {
	begin(t)
	const whenever = 160 * time.Second // a lease of 30 s, and then a look for expired ones once a minute
	killAround(t, sized(6, 0), 2, whenever, "--plain-asynq")
}
