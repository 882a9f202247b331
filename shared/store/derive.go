package store

import "numbermill/shared/job"

// own is what stands in the job's own record.
type own struct {
	state                                       string
	version, base, attempt, started, finishedMS int64
	failure                                     *job.Failure
}

func readOwn(r *Record, f *fields) own {
	var o own
	o.state = f.text()
	r.Run = f.text()
	r.Cache = job.Cache(f.text())
	o.version, o.base = f.number(), f.number()
	o.attempt, o.started, o.finishedMS = f.number(), f.number(), f.number()
	o.failure = into[job.Failure](f)
	return o
}

// computation is what stands in the computation's record.
type computation struct {
	rev, attempt, started, finishedMS int64
	progress                          *job.Progress
	result                            *job.Result
	failure                           *job.Failure
}

func readComputation(r *Record, f *fields) computation {
	var c computation
	r.ComputationState = job.ComputationState(f.text())
	r.ComputationRun = f.text()
	c.rev, r.Reports = f.number(), f.number()
	c.attempt, c.started, c.finishedMS = f.number(), f.number(), f.number()
	c.progress = into[job.Progress](f)
	c.result = intoBy(f, plainResult)
	c.failure = into[job.Failure](f)
	r.Worker, r.WaitsIn, r.LogLines = f.text(), f.text(), f.number()
	return c
}

// derive fills in the job's state. A job that has ended stands by its own record; an open one follows its computation, also
// across the moment in which that has ended and the job's own record does not say so yet.
func derive(r *Record, o own, c computation) {
	mine := r.Run == r.ComputationRun
	r.Base = o.base
	if o.state != "active" {
		r.Settled = job.State(o.state).Terminal()
		r.State, r.Version, r.Attempt = job.State(o.state), o.version, o.attempt
		r.StartedAt, r.FinishedAt, r.Failure = at(o.started), at(o.finishedMS), o.failure
	} else {
		r.State, r.Version = job.Queued, 1
		if mine {
			follow(r, c)
			r.Version += max(c.rev-o.base, 0)
		}
	}
	if r.State.Terminal() {
		r.Reports = 0
	}
	if !r.StartedAt.IsZero() && r.StartedAt.Before(r.CreatedAt) {
		r.StartedAt = r.CreatedAt // it joined an attempt under way, or hit a result: for this job it began with its submission
	}
	if r.State == job.Succeeded && mine {
		r.Result = c.result
	}
}

func follow(r *Record, c computation) {
	r.Attempt, r.StartedAt = c.attempt, at(c.started)
	switch r.ComputationState {
	case job.ComputationRunning:
		r.State, r.Progress = job.Running, c.progress
	case job.ComputationStored:
		r.State, r.FinishedAt = job.Succeeded, at(c.finishedMS)
	case job.ComputationFailed:
		r.State, r.FinishedAt, r.Failure = job.Failed, at(c.finishedMS), c.failure
	default:
		r.State = job.Queued
	}
}
