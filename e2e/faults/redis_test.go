package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
)

// back is how long after Redis answers PING again the API and the workers have to be back.
const back = 3 * time.Second

// Redis is killed and restarted under load, again and again. With appendfsync always nothing that was accepted is lost.
func TestRedisAlways(t *testing.T) {
	begin(t)
	p := open(t, redistest.AppendOnly(t.TempDir()))
	if lost := redisKills(t, p, sized(10, 2), false); lost > 0 {
		t.Errorf("%d accepted jobs are lost, want none", lost)
	}
}

// With appendfsync everysec no more may be lost than what was accepted in the 2 seconds before a kill; of a kill of the process alone,
// what the system had been given survives.
func TestRedisEverysec(t *testing.T) {
	begin(t)
	p := open(t, redistest.AppendOnly(t.TempDir()), redistest.Setting("appendfsync", "everysec"))
	redisKills(t, p, sized(10, 2), true)
}

// redisKills kills Redis under load and restarts it, and measures how soon everything is back. It returns how many jobs are lost.
func redisKills(t *testing.T, p *platform, kills int, mayLose bool) (lost int) {
	t.Helper()
	random := chance(t)
	p.hire(t)
	p.hire(t)
	l := newLedger(t, p.c)
	l.mayLose = mayLose
	m := mix(t, l, rand.New(rand.NewPCG(random.Uint64(), 1)))
	var accepting, working spread
	for range kills {
		moment(t, random, 4*time.Second)
		p.redis.Kill()
		l.redisDied()
		moment(t, random, sized(3*time.Second, time.Second))
		p.redis.Restart() // returns at the first answer to PING
		answers := time.Now()
		accepting = append(accepting, p.accepts(t, random).Sub(answers))
		working = append(working, p.works(t, random).Sub(answers))
	}
	m.finish()
	lost = l.lost(t)
	states := l.settle(t, 4*time.Minute)
	note(t, "Redis killed", "%d times", kills)
	note(t, "jobs", "%d accepted, %d lost, %d set back: %s", len(l.all())+lost, lost, l.undone, summary(states))
	l.verify(t)
	bound(t, "from PING to the first 202", accepting, 1, back)
	bound(t, "from PING to the first job done", working, 1, back)
	for _, e := range l.all() {
		if e.State != "succeeded" && e.State != "cancelled" {
			t.Errorf("%s is %s with %+v after %d attempts, want succeeded or cancelled", e.ID, e.State, e.Error, e.Attempt)
		}
	}
	return lost
}

// accepts returns when the API takes a job.
func (p *platform) accepts(t *testing.T, random *rand.Rand) time.Time {
	t.Helper()
	l := newLedger(t, p.c)
	if _, err := l.take(within(t, platformtest.Patience), want("fibonacci", fmt.Sprintf("n=%d", 30_000+random.IntN(1_000_000)))); err != nil {
		t.Fatal(err)
	}
	return time.Now()
}

// works returns when a job that is submitted now is done.
func (p *platform) works(t *testing.T, random *rand.Rand) time.Time {
	t.Helper()
	l := newLedger(t, p.c)
	ctx := within(t, platformtest.Patience)
	d, err := l.take(ctx, want("fibonacci", fmt.Sprintf("n=%d", 30_000+random.IntN(1_000_000))))
	if err == nil {
		d, err = l.end(ctx, d.ID)
	}
	if err != nil || d.State != "succeeded" {
		t.Fatalf("a small job after the trouble: %v %+v", err, d)
	}
	return time.Now()
}

// lost forgets the jobs that are gone, and complains about those that may not be.
func (l *ledger) lost(t *testing.T) (n int) {
	t.Helper()
	for _, id := range l.ids() {
		_, err := get(within(t, platformtest.Patience), l.c, id)
		if status(err) != http.StatusNotFound {
			continue
		}
		n++
		if taken, excused := l.forget(id); !excused {
			t.Errorf("%s, accepted at %v, is gone", id, taken)
		}
	}
	return n
}

// forget takes a job off the books and returns when it was accepted, and whether Redis may have lost it.
func (l *ledger) forget(id string) (taken time.Time, excused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken = l.jobs[id].taken
	delete(l.jobs, id)
	return taken, l.forgotten(taken)
}

// When Redis loses everything, nothing of ours ends or hangs: new jobs work at once and stand in queues that Asynq knows, old ones are 404.
func TestFlush(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	worker := p.hire(t)
	var again spread
	for i := range sized(20, 3) {
		old := must(t, p.c, want("factorial/recursive", fmt.Sprintf("n=%d", 300_000+i)))
		until(t, p.c, old.ID, running)
		waiting := must(t, p.c, want("factorial/recursive", fmt.Sprintf("n=%d", 310_000+i)))
		moment(t, random, 500*time.Millisecond)
		if err := p.rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		flushed := time.Now()
		for _, d := range []document{old, waiting} {
			if _, err := get(within(t, platformtest.Patience), p.c, d.ID); status(err) != http.StatusNotFound {
				t.Errorf("after the flush GET of an old job says %v, want 404", err)
			}
		}
		again = append(again, p.works(t, random).Sub(flushed))
		p.registered(t)
		worker.Err.Await(t, platformtest.Patience, "the end of the attempt that nobody knows any more", func(line platformtest.Line) bool {
			return line.Text("trace.id") == old.TraceID && line.Message() != "attempt started"
		})
	}
	bound(t, "from FLUSHALL to the first job done", again, 1, back)
	if !p.api.Running() || !worker.Running() {
		t.Errorf("running after the flush: API %v, worker %v, want both", p.api.Running(), worker.Running())
	}
}

// registered waits until every queue that there is stands in Asynq's list.
func (p *platform) registered(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), platformtest.Patience)
	defer stop()
	again := newPace(20 * time.Millisecond)
	defer again.stop()
	for {
		queues, err := p.rdb.SCard(ctx, "asynq:queues").Result()
		if err == nil && queues > 0 {
			return
		}
		if err := again.wait(ctx); err != nil {
			t.Fatalf("no queue is registered again: %v", err)
		}
	}
}
