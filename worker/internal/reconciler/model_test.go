package reconciler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

const (
	modelComputations = 3
	mostFailures      = 3
	// mostRounds is how often everything may have to be seen to until all jobs have ended.
	mostRounds = 5
)

// modelWorkers are who claims; the last one never dies.
var modelWorkers = []string{"one", "two", "survivor"}

// TestAgainstTheStateMachines has API processes, workers and the reconciler do things in any order, and be cut off in the middle of them,
// and sees after each that jobs and computations are what the state machines say, and at the end that nothing that was accepted is lost.
//
// More and longer runs: go test -run StateMachines -rapid.checks=2000 -rapid.steps=120.
func TestAgainstTheStateMachines(t *testing.T) {
	t.Parallel()
	x := on(t, redistest.Start(t))
	rapid.Check(t, func(r *rapid.T) {
		x.must(x.rdb.FlushAll(t.Context()).Err())
		m := newMachine(x, r)
		r.Repeat(rapid.StateMachineActions(m))
		m.settle()
	})
}

// machine does each operation both to the real thing and to the rules.
type machine struct {
	x     *fixture
	t     *rapid.T
	crash *crash
	// doomed works on a connection that is cut at will.
	doomed *store.Store

	rules     *rules
	dead      map[string]bool
	taken     []store.Run // delivered to some worker
	runs      []store.Run // all that ever were
	attempts  []store.Attempt
	collected []store.Collected
	seen      map[job.ID]sighting
	states    map[job.Fingerprint]sightedState
	batch     job.BatchID
	inBatch   map[job.ID]bool
	shipped   map[job.ID]bool // what the history has got
}

// sighting is what was last read of a job.
type sighting struct {
	state   job.State
	version int64
	whole   job.Job
}

type sightedState struct {
	state job.ComputationState
	run   string
}

func newMachine(x *fixture, t *rapid.T) *machine {
	shared, ok := x.rdb.(*redis.Client)
	if !ok {
		t.Fatalf("the connection is a %T", x.rdb)
	}
	options := *shared.Options()
	options.MaxRetries = -1
	client := redis.NewClient(&options)
	t.Cleanup(func() { _ = client.Close() })
	c := &crash{}
	client.AddHook(c)
	clear(x.absent)
	clear(x.unheld)
	m := &machine{
		x: x, t: t, crash: c, doomed: store.New(client), rules: newRules(), dead: map[string]bool{},
		seen: map[job.ID]sighting{}, states: map[job.Fingerprint]sightedState{}, inBatch: map[job.ID]bool{},
		shipped: map[job.ID]bool{},
	}
	id, err := job.NewBatchID()
	m.must(err)
	m.batch = id
	_, err = x.records.CreateBatch(t.Context(), job.LocalOwner, job.Batch{ID: id, CreatedAt: time.Now()}, nil, 1000)
	m.must(err)
	return m
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) same(what string, got, want any) {
	m.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Fatalf("%s answers differently (-want +got):\n%s", what, diff)
	}
}

// crash cuts a connection after so many more calls; it never does while it is zero.
type crash struct{ after atomic.Int64 }

var errCrashed = errors.New("the process has crashed")

func (c *crash) cut() bool {
	if c.after.Load() == 0 {
		return false
	}
	return c.after.Add(-1) <= 0 && c.after.CompareAndSwap(0, 1) || c.after.Load() < 0
}

// DialHook is for redis.Hook.
func (c *crash) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook is for redis.Hook.
func (c *crash) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if c.cut() {
			cmd.SetErr(errCrashed)
			return errCrashed
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook is for redis.Hook.
func (c *crash) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if c.cut() {
			for _, cmd := range cmds {
				cmd.SetErr(errCrashed)
			}
			return errCrashed
		}
		return next(ctx, cmds)
	}
}

// Check compares all records with the rules, and each with what was read of it before.
func (m *machine) Check(*rapid.T) {
	ctx := m.t.Context()
	records, err := m.x.records.GetAll(ctx, m.rules.ids())
	m.must(err)
	for _, id := range m.rules.ids() {
		want := m.rules.jobs[id]
		rec, ok := records[id]
		if ok == want.deleted {
			m.t.Fatalf("job %s is there: %v, want %v", id, ok, !want.deleted)
		}
		if !ok {
			continue
		}
		if rec.State != want.state || rec.Attempt != want.attempt {
			m.t.Fatalf("job %s is %s in attempt %d, want %s in %d", id, rec.State, rec.Attempt, want.state, want.attempt)
		}
		if (rec.Result != nil) != (want.state == job.Succeeded) || (rec.Failure != nil) != (want.state == job.Failed) {
			m.t.Fatalf("job %s is %s with result %v and failure %v", id, rec.State, rec.Result, rec.Failure)
		}
		m.compare(sighting{rec.State, rec.Version, rec.Job}, m.seen[id])
		m.seen[id] = sighting{rec.State, rec.Version, rec.Job}
	}
	for i := range modelComputations {
		m.checkComputation(fp(i))
	}
}

func (m *machine) checkComputation(f job.Fingerprint) {
	v, err := m.x.rdb.HMGet(m.t.Context(), fmt.Sprintf("nm:{s:%s}:comp:%s", f.Shard(), f), "state", "run").Result()
	m.must(err)
	state, _ := v[0].(string)
	run, _ := v[1].(string)
	now, before := sightedState{job.ComputationState(state), run}, m.states[f]
	if want := m.rules.of(f); now.state != want.state || (now.state != "" && now.run != want.run) {
		m.t.Fatalf("computation %s is %+v, want %s in run %s", f, now, want.state, want.run)
	}
	waiting, err := m.x.rdb.SCard(m.t.Context(), fmt.Sprintf("nm:{s:%s}:comp:%s:waiters", f.Shard(), f)).Result()
	m.must(err)
	if want := len(m.rules.waiting(f)); int(waiting) != want {
		m.t.Fatalf("%d jobs wait for computation %s, which is %s, want %d", waiting, f, now.state, want)
	}
	if now.run == before.run && now.state != before.state && before.state != "" && !reaches(before.state, now.state) {
		m.t.Fatalf("in one run, computation %s goes from %s to %s", f, before.state, now.state)
	}
	m.states[f] = now
}

// reaches tells whether a computation can come from one state to another within a run, in one step or more: several things may have happened
// since it was last seen.
func reaches(from, to job.ComputationState) bool {
	known := map[job.ComputationState]bool{from: true}
	for grown := true; grown; {
		grown = false
		for s := range known {
			for _, next := range []job.ComputationState{
				job.ComputationRunning, job.ComputationQueued, job.ComputationStored, job.ComputationFailed, job.ComputationAbandoned, job.ComputationCollecting, job.ComputationAbsent,
			} {
				// A new run begins where it goes from one of its ends to queued.
				if s.CanBecome(next) && !known[next] && (next != job.ComputationQueued || s == job.ComputationRunning) {
					known[next], grown = true, true
				}
			}
		}
	}
	return known[to]
}

// compare checks that a job changes as jobs may.
func (m *machine) compare(now, before sighting) {
	switch {
	case before.version == 0:
		return
	case before.state.Terminal():
		if diff := cmp.Diff(before.whole, now.whole); diff != "" {
			m.t.Fatalf("a job that has ended changes (-before +now):\n%s", diff)
		}
	case now.version < before.version, now.state != before.state && now.version == before.version:
		m.t.Fatalf("from %s to %s the version goes from %d to %d", before.state, now.state, before.version, now.version)
	}
}

// settle lets everything come to its end, and sees that nothing that was accepted is lost and nothing stays behind.
func (m *machine) settle() {
	ctx, rounds := m.t.Context(), 0
	m.x.bringForward("scheduled")
	for _, worker := range modelWorkers[:2] {
		m.must(m.x.records.Leave(ctx, worker))
		m.dead[worker] = true
	}
	for _, a := range m.attempts {
		if m.rules.held(a) && m.rules.of(a.Run.Fingerprint).worker == "survivor" {
			m.completeAs(m.x.records, a)
		}
	}
	for left := true; left; {
		m.work()
		m.Check(nil)
		for m.deliver() {
			run := m.taken[len(m.taken)-1]
			m.claimAs(run, "survivor", true)
			if n := len(m.attempts); n > 0 && m.rules.held(m.attempts[n-1]) {
				m.completeAs(m.x.records, m.attempts[n-1])
			}
			m.done(run)
		}
		m.Check(nil)
		if left = slices.ContainsFunc(m.rules.ids(), func(id job.ID) bool { return !m.rules.jobs[id].state.Terminal() }); left {
			if rounds++; rounds > mostRounds {
				m.t.Fatalf("jobs have not ended after %d rounds", rounds)
			}
		}
	}
	// What submissions have left that were cut short goes after a time.
	m.work()
	for _, seen := range []map[job.ID]time.Time{m.x.orphans, m.x.timeless} {
		for id, since := range seen {
			seen[id] = since.Add(-m.x.delays.orphan)
		}
	}
	m.work()
	for _, key := range []string{"nm:{o:local}:open", "nm:{o:local}:deadlines", "nm:{o:local}:scheduled"} {
		n, err := m.x.rdb.ZCard(ctx, key).Result()
		m.must(err)
		if n != 0 {
			m.t.Fatalf("%d entries stay behind in %s", n, key)
		}
	}
	m.checkBatch()
	m.checkHistory()
}

// checkHistory sees that the history gets every job that has ended, and is told of every deletion.
func (m *machine) checkHistory() {
	m.Ship(nil)
	var missing, kept []job.ID
	for _, id := range m.rules.ids() {
		if j := m.rules.jobs[id]; !j.deleted && !m.shipped[id] {
			missing = append(missing, id)
		}
	}
	erase, err := m.x.records.Erasures(m.t.Context(), job.LocalOwner, 1000)
	m.must(err)
	for _, id := range m.rules.ids() {
		if m.rules.jobs[id].deleted && !slices.Contains(erase, id) {
			kept = append(kept, id)
		}
	}
	if len(missing)+len(kept) > 0 {
		m.t.Fatalf("the history never gets %v, and is not told that these were deleted: %v", missing, kept)
	}
}

func (m *machine) checkBatch() {
	got, err := m.x.records.Batch(m.t.Context(), job.LocalOwner, m.batch)
	m.must(err)
	var want job.BatchCounts
	for id := range m.inBatch {
		*map[job.State]*int64{
			job.Succeeded: &want.Succeeded, job.Failed: &want.Failed, job.Cancelled: &want.Cancelled, job.Expired: &want.Expired,
		}[m.rules.jobs[id].state]++
	}
	got.Counts.Total = 0  // the batch was entered without knowing how many jobs there would be
	got.Counts.Queued = 0 // submissions that were cut short count for a minute
	m.same("batch", got.Counts, want)
}
