package store_test

import (
	"numbermill/shared/job"
	"numbermill/shared/store"
)

// model is what the state machines say, without Redis.
type model struct {
	computations map[job.Fingerprint]*modelComputation
	jobs         map[job.ID]*modelJob
}

type modelComputation struct {
	state job.ComputationState
	run   string
	// attempt is the last; failed is the last that has failed.
	attempt, failed, failures int64
}

type modelJob struct {
	f       job.Fingerprint
	run     string
	state   job.State
	attempt int64
}

func newModel() *model {
	return &model{map[job.Fingerprint]*modelComputation{}, map[job.ID]*modelJob{}}
}

func (m *model) of(f job.Fingerprint) *modelComputation {
	if m.computations[f] == nil {
		m.computations[f] = &modelComputation{}
	}
	return m.computations[f]
}

func (m *model) state(f job.Fingerprint) job.ComputationState { return m.of(f).state }

// waiting are the jobs whose end is the computation's.
func (m *model) waiting(f job.Fingerprint) (jobs []*modelJob) {
	for _, j := range m.jobs {
		if j.f == f && !j.state.Terminal() {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// move brings a computation and its waiting jobs into a state.
func (m *model) move(f job.Fingerprint, c job.ComputationState, j job.State) {
	m.of(f).state = c
	for _, w := range m.waiting(f) {
		w.state, w.attempt = j, m.of(f).attempt
	}
}

func (m *model) submit(f job.Fingerprint, id job.ID, run string) job.Cache {
	c := m.of(f)
	switch c.state {
	case job.ComputationStored:
		m.jobs[id] = &modelJob{f, c.run, job.Succeeded, c.attempt}
		return job.Hit
	case job.ComputationQueued:
		m.jobs[id] = &modelJob{f, c.run, job.Queued, c.attempt}
		return job.Joined
	case job.ComputationRunning:
		m.jobs[id] = &modelJob{f, c.run, job.Running, c.attempt}
		return job.Joined
	default:
		*c = modelComputation{state: job.ComputationQueued, run: run}
		m.jobs[id] = &modelJob{f, run, job.Queued, 0}
		return job.Miss
	}
}

func (m *model) claim(r store.Run) int64 {
	c := m.of(r.Fingerprint)
	if c.run != r.ID || (c.state != job.ComputationQueued && c.state != job.ComputationRunning) {
		return 0
	}
	c.attempt++
	m.move(r.Fingerprint, job.ComputationRunning, job.Running)
	return c.attempt
}

func (m *model) last(a store.Attempt) bool {
	c := m.of(a.Run.Fingerprint)
	return c.run == a.Run.ID && c.attempt == a.Number
}

func (m *model) held(a store.Attempt) bool {
	return m.last(a) && m.state(a.Run.Fingerprint) == job.ComputationRunning
}

// A call whose answer was lost is made again: complete, fail and release then answer as they did before.

func (m *model) complete(a store.Attempt) bool {
	if m.held(a) {
		m.move(a.Run.Fingerprint, job.ComputationStored, job.Succeeded)
	}
	return m.last(a) && m.state(a.Run.Fingerprint) == job.ComputationStored
}

func (m *model) fail(a store.Attempt, permanent bool) store.Outcome {
	c := m.of(a.Run.Fingerprint)
	if m.held(a) {
		c.failures++
		c.failed = a.Number
		if permanent || c.failures == 3 {
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

func (m *model) release(a store.Attempt) bool {
	if m.held(a) {
		m.move(a.Run.Fingerprint, job.ComputationQueued, job.Queued)
	}
	return m.last(a) && m.state(a.Run.Fingerprint) == job.ComputationQueued
}

func (m *model) cancel(id job.ID) (code job.Code, last bool) {
	j := m.jobs[id]
	switch {
	case j == nil:
		return job.NotFound, false
	case j.state == job.Cancelled:
		return "", false
	case j.state.Terminal():
		return job.NotCancellable, false
	}
	j.state = job.Cancelled
	if len(m.waiting(j.f)) > 0 {
		return "", false
	}
	m.of(j.f).state = job.ComputationAbandoned
	return "", true
}

func (m *model) remove(id job.ID) (code job.Code, last bool) {
	j := m.jobs[id]
	switch {
	case j == nil:
		return job.NotFound, false
	case !j.state.Terminal():
		return job.Active, false
	}
	delete(m.jobs, id)
	if j.state != job.Succeeded {
		return "", false
	}
	for _, other := range m.jobs {
		if other.run == j.run && other.state == job.Succeeded {
			return "", false
		}
	}
	m.of(j.f).state = job.ComputationCollecting
	return "", true
}

func (m *model) forget(c store.Collected) {
	if k := m.of(c.Fingerprint); k.state == job.ComputationCollecting && k.run == c.Run {
		*k = modelComputation{}
	}
}
