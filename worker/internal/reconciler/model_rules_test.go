package reconciler

import (
	"maps"
	"slices"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// rules are what the state machines of jobs and computations say, without Redis.
type rules struct {
	computations map[job.Fingerprint]*ruledComputation
	jobs         map[job.ID]*ruledJob
}

type ruledComputation struct {
	state  job.ComputationState
	run    string
	worker string
	// attempt is the last; failed is the last that has failed.
	attempt, failed, failures int64
	losses, aloneLosses       int
	alone, poisoned           bool
}

type ruledJob struct {
	f       job.Fingerprint
	run     string
	state   job.State
	attempt int64
	deleted bool
}

func newRules() *rules {
	return &rules{map[job.Fingerprint]*ruledComputation{}, map[job.ID]*ruledJob{}}
}

// clone is for an operation of which it is not known whether it has happened.
func (m *rules) clone() *rules {
	c := newRules()
	for f, v := range m.computations {
		c.computations[f] = new(*v)
	}
	for id, v := range m.jobs {
		c.jobs[id] = new(*v)
	}
	return c
}

func (m *rules) of(f job.Fingerprint) *ruledComputation {
	if m.computations[f] == nil {
		m.computations[f] = &ruledComputation{}
	}
	return m.computations[f]
}

func (m *rules) ids() []job.ID { return slices.Sorted(maps.Keys(m.jobs)) }

// waiting are the jobs whose end is the computation's.
func (m *rules) waiting(f job.Fingerprint) (jobs []*ruledJob) {
	for _, j := range m.jobs {
		if j.f == f && (j.state == job.Queued || j.state == job.Running) {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// move brings a computation and its waiting jobs into a state.
func (m *rules) move(f job.Fingerprint, c job.ComputationState, j job.State) {
	for _, w := range m.waiting(f) {
		w.state, w.attempt = j, m.of(f).attempt
	}
	m.of(f).state = c
}

// submit tells how the job meets its computation; empty if it is refused.
func (m *rules) submit(f job.Fingerprint, id job.ID, run string) job.Cache {
	c := m.of(f)
	switch {
	case c.state == job.ComputationStored:
		m.jobs[id] = &ruledJob{f: f, run: c.run, state: job.Succeeded, attempt: c.attempt}
		return job.Hit
	case c.state == job.ComputationQueued:
		m.jobs[id] = &ruledJob{f: f, run: c.run, state: job.Queued, attempt: c.attempt}
		return job.Joined
	case c.state == job.ComputationRunning:
		m.jobs[id] = &ruledJob{f: f, run: c.run, state: job.Running, attempt: c.attempt}
		return job.Joined
	case c.poisoned:
		return ""
	default:
		*c = ruledComputation{state: job.ComputationQueued, run: run}
		m.jobs[id] = &ruledJob{f: f, run: run, state: job.Queued}
		return job.Miss
	}
}

func (m *rules) schedule(f job.Fingerprint, id job.ID) {
	m.jobs[id] = &ruledJob{f: f, state: job.Scheduled}
}

// begin is what a scheduled job does at its time.
func (m *rules) begin(id job.ID, run string) {
	j := m.jobs[id]
	if m.submit(j.f, id, run) == "" {
		m.jobs[id] = &ruledJob{f: j.f, state: job.Failed}
	}
}

// claim gives the attempt's number, 0 if nobody waits for it, -1 if it has to run alone.
func (m *rules) claim(r store.Run, worker string, alone bool) int64 {
	c := m.of(r.Fingerprint)
	if c.run != r.ID || (c.state != job.ComputationQueued && c.state != job.ComputationRunning) {
		return 0
	}
	if c.state == job.ComputationRunning && c.worker != worker && m.lose(r.Fingerprint) {
		return 0
	}
	if c.losses > 0 && !alone {
		return -1
	}
	c.attempt++
	c.alone, c.worker = alone, worker
	m.move(r.Fingerprint, job.ComputationRunning, job.Running)
	return c.attempt
}

// lose tells whether that was one loss too many.
func (m *rules) lose(f job.Fingerprint) bool {
	c := m.of(f)
	c.losses++
	if c.alone {
		c.aloneLosses++
	}
	poison := c.alone && c.aloneLosses >= 3
	c.alone = false
	if poison {
		c.poisoned = true
		m.move(f, job.ComputationFailed, job.Failed)
		return true
	}
	m.move(f, job.ComputationQueued, job.Queued)
	return false
}

func (m *rules) last(a store.Attempt) bool {
	c := m.of(a.Run.Fingerprint)
	return c.run == a.Run.ID && c.attempt == a.Number
}

func (m *rules) held(a store.Attempt) bool {
	return m.last(a) && m.of(a.Run.Fingerprint).state == job.ComputationRunning
}

// A call whose answer was lost is made again: complete, fail, release and lose then answer as they did before.

func (m *rules) complete(a store.Attempt) bool {
	if m.held(a) {
		m.move(a.Run.Fingerprint, job.ComputationStored, job.Succeeded)
	}
	return m.last(a) && m.of(a.Run.Fingerprint).state == job.ComputationStored
}

// tiny is complete for an attempt that was not claimed. first is false if the run waits, and has had an attempt before.
func (m *rules) tiny(a store.Attempt) (held, first bool) {
	c := m.of(a.Run.Fingerprint)
	waits := c.run == a.Run.ID && c.state == job.ComputationQueued
	if waits && c.attempt == 0 {
		c.attempt, c.worker, c.alone = a.Number, a.Worker, false
		m.move(a.Run.Fingerprint, job.ComputationStored, job.Succeeded)
		return true, true
	}
	return m.last(a) && c.state == job.ComputationStored, !waits
}

func (m *rules) fail(a store.Attempt, permanent bool) store.Outcome {
	c := m.of(a.Run.Fingerprint)
	if m.held(a) {
		c.failures++
		c.failed, c.alone = a.Number, false
		if permanent || c.failures == mostFailures {
			m.move(a.Run.Fingerprint, job.ComputationFailed, job.Failed)
		} else {
			m.move(a.Run.Fingerprint, job.ComputationQueued, job.Queued)
		}
	}
	switch {
	case !m.last(a) || c.failed != a.Number:
		return store.Stale
	case c.state == job.ComputationFailed:
		return store.Ended
	case c.state == job.ComputationQueued:
		return store.TryAgain
	default:
		return store.Stale
	}
}

func (m *rules) release(a store.Attempt) bool {
	if m.held(a) {
		m.of(a.Run.Fingerprint).alone = false
		m.move(a.Run.Fingerprint, job.ComputationQueued, job.Queued)
	}
	return m.last(a) && m.of(a.Run.Fingerprint).state == job.ComputationQueued
}

// leave ends a job before its computation: cancelled or expired. abandoned tells whether nobody else waited.
func (m *rules) leave(id job.ID, state job.State) (code job.Code, abandoned bool) {
	j := m.jobs[id]
	switch {
	case j == nil || j.deleted:
		return job.NotFound, false
	case j.state == state:
		return "", false
	case j.state.Terminal():
		return job.NotCancellable, false
	case j.state == job.Scheduled:
		j.state = state
		return "", false
	}
	j.state, j.attempt = state, m.of(j.f).attempt
	if len(m.waiting(j.f)) > 0 {
		return "", false
	}
	m.of(j.f).state = job.ComputationAbandoned
	return "", true
}

func (m *rules) remove(id job.ID) (code job.Code, collects bool) {
	j := m.jobs[id]
	switch {
	case j == nil || j.deleted:
		return job.NotFound, false
	case !j.state.Terminal():
		return job.Active, false
	}
	j.deleted = true
	c := m.of(j.f)
	if j.state != job.Succeeded || c.run != j.run || c.state != job.ComputationStored {
		return "", false
	}
	for _, other := range m.jobs {
		if other.run == j.run && other.state == job.Succeeded && !other.deleted {
			return "", false
		}
	}
	c.state = job.ComputationCollecting
	return "", true
}

func (m *rules) forget(c store.Collected) {
	if k := m.of(c.Fingerprint); k.state == job.ComputationCollecting && k.run == c.Run {
		*k = ruledComputation{}
	}
}
