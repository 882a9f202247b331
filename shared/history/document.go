package history

import (
	"fmt"
	"time"

	"numbermill/shared/job"
)

// document is a finished job as people and dashboards search for it, with the record to answer with.
type document struct {
	Timestamp  time.Time         `json:"@timestamp"`
	Job        identity          `json:"job"`
	Trace      identity          `json:"trace"`
	Owner      job.Owner         `json:"owner"`
	Function   string            `json:"function"`
	Method     string            `json:"method"`
	Args       map[string]string `json:"args,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Priority   job.Priority      `json:"priority,omitempty"`
	SizeClass  job.Class         `json:"size_class"`
	Queue      string            `json:"queue,omitempty"`
	Batch      job.BatchID       `json:"batch,omitempty"`
	RetryOf    job.ID            `json:"retry_of,omitempty"`
	State      job.State         `json:"state"`
	Cache      job.Cache         `json:"cache,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	StartedAt  *time.Time        `json:"started_at,omitempty"`
	FinishedAt time.Time         `json:"finished_at"`
	Attempt    int64             `json:"attempt"`
	// MaxAttempts is how many failures would have ended it.
	MaxAttempts int      `json:"max_attempts"`
	Digits      *int64   `json:"digits,omitempty"`
	Bytes       *int64   `json:"bytes,omitempty"`
	SHA256      string   `json:"sha256,omitempty"`
	Cost        cost     `json:"cost"`
	TimingMS    timing   `json:"timing_ms"`
	Error       *failure `json:"error,omitempty"`
	Record      record   `json:"record"`
}

type identity struct {
	ID string `json:"id,omitempty"`
}

// cost is in milliseconds of CPU time. The actual one is the computation's, whoever of those that share it is asked.
type cost struct {
	Estimated int64  `json:"estimated"`
	Actual    *int64 `json:"actual,omitempty"`
}

// timing is in milliseconds. Queue and Run are the job's own: until the attempt began that counts, and from then to the end; a hit has waited and
// run for no time. Compute and Write are the attempt's, and only of jobs that waited for it. Total is from the submission to the end.
type timing struct {
	Queue   *float64 `json:"queue,omitempty"`
	Compute *float64 `json:"compute,omitempty"`
	Write   *float64 `json:"write,omitempty"`
	Run     *float64 `json:"run,omitempty"`
	Total   float64  `json:"total"`
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func newDocument(j job.Job) document {
	d := document{
		Timestamp: j.FinishedAt.UTC(), Job: identity{string(j.ID)}, Trace: identity{j.TraceID}, Owner: j.Owner,
		Function: j.Spec.Function, Method: j.Spec.Method, Args: j.Spec.Args, Labels: j.Labels,
		Priority: j.Priority, SizeClass: job.ClassOf(j.EstimatedCost), Queue: j.Queue, Batch: j.Batch, RetryOf: j.RetryOf,
		State: j.State, Cache: j.Cache, CreatedAt: j.CreatedAt.UTC(), FinishedAt: j.FinishedAt.UTC(),
		Attempt: j.Attempt, MaxAttempts: j.MaxAttempts, Cost: cost{Estimated: j.EstimatedCost},
		TimingMS: timingOf(j), Record: newRecord(j),
	}
	if d.Priority == "" {
		d.Priority = job.Standard
	}
	if !j.StartedAt.IsZero() {
		d.StartedAt = new(j.StartedAt.UTC())
	}
	if r := j.Result; r != nil {
		d.Bytes, d.SHA256, d.Cost.Actual = new(r.Size()), r.SHA256, new(r.CPUMillis)
		if r.Type() == job.DigitsType {
			d.Digits = new(r.Digits)
		}
	}
	if f := j.Failure; f != nil {
		d.Error = &failure{f.Code, f.Detail}
	}
	return d
}

func timingOf(j job.Job) timing {
	t := timing{Total: between(j.CreatedAt, j.FinishedAt)}
	if j.Cache == job.Hit {
		t.Queue, t.Run = new(0.0), new(0.0)
		return t
	}
	if !j.StartedAt.IsZero() {
		t.Queue, t.Run = new(between(j.CreatedAt, j.StartedAt)), new(between(j.StartedAt, j.FinishedAt))
	}
	if j.Result != nil {
		t.Compute, t.Write = &j.Result.Timing.Compute, &j.Result.Timing.Write
		if j.Cache == job.Miss {
			t.Queue = &j.Result.Timing.Queue // which leaves out attempts before
		}
	}
	return t
}

// between is never negative: the clocks of two machines may differ.
func between(from, to time.Time) float64 {
	return max(0, float64(to.Sub(from).Microseconds())/1000)
}

// record is the job as it was read from Redis, times in milliseconds. Nothing searches in it.
type record struct {
	ID             job.ID            `json:"id"`
	Owner          job.Owner         `json:"owner"`
	Spec           job.Spec          `json:"spec"`
	Fingerprint    job.Fingerprint   `json:"fingerprint"`
	Labels         map[string]string `json:"labels,omitempty"`
	MaxAttempts    int               `json:"max_attempts"`
	EstimatedCost  int64             `json:"estimated_cost,string"`
	Priority       job.Priority      `json:"priority,omitempty"`
	Queue          string            `json:"queue,omitempty"`
	RetryOf        job.ID            `json:"retry_of,omitempty"`
	Batch          job.BatchID       `json:"batch,omitempty"`
	TraceID        string            `json:"trace_id"`
	CreatedMillis  int64             `json:"created_ms"`
	RunAtMillis    int64             `json:"run_at_ms,omitempty"`
	DeadlineMillis int64             `json:"deadline_ms,omitempty"`
	State          job.State         `json:"state"`
	Cache          job.Cache         `json:"cache,omitempty"`
	Version        int64             `json:"version,string"`
	Attempt        int64             `json:"attempt"`
	StartedMillis  int64             `json:"started_ms,omitempty"`
	FinishedMillis int64             `json:"finished_ms"`
	Result         *job.Result       `json:"result,omitempty"`
	Failure        *job.Failure      `json:"failure,omitempty"`
}

func newRecord(j job.Job) record {
	r := record{
		ID: j.ID, Owner: j.Owner, Spec: j.Spec, Fingerprint: j.Fingerprint, Labels: j.Labels, MaxAttempts: j.MaxAttempts,
		EstimatedCost: j.EstimatedCost, Priority: j.Priority, Queue: j.Queue, RetryOf: j.RetryOf, Batch: j.Batch, TraceID: j.TraceID,
		CreatedMillis: millis(j.CreatedAt), RunAtMillis: millis(j.RunAt), DeadlineMillis: millis(j.Deadline),
		State: j.State, Cache: j.Cache, Version: j.Version, Attempt: j.Attempt,
		StartedMillis: millis(j.StartedAt), FinishedMillis: millis(j.FinishedAt), Failure: j.Failure,
	}
	if j.Result != nil {
		result := *j.Result
		result.Blob = "" // the history has no digits, and does not say where they once were
		r.Result = &result
	}
	return r
}

func (r record) job() (job.Job, error) {
	if _, ok := job.ParseID(string(r.ID)); !ok || !r.State.Terminal() {
		return job.Job{}, fmt.Errorf("the history holds no job as %q, in state %q", r.ID, r.State)
	}
	return job.Job{
		ID: r.ID, Owner: r.Owner, Spec: r.Spec, Fingerprint: r.Fingerprint, Labels: r.Labels, MaxAttempts: r.MaxAttempts,
		EstimatedCost: r.EstimatedCost, Priority: r.Priority, Queue: r.Queue, RetryOf: r.RetryOf, Batch: r.Batch, TraceID: r.TraceID,
		CreatedAt: at(r.CreatedMillis), RunAt: at(r.RunAtMillis), Deadline: at(r.DeadlineMillis),
		State: r.State, Cache: r.Cache, Version: r.Version, Attempt: r.Attempt,
		StartedAt: at(r.StartedMillis), FinishedAt: at(r.FinishedMillis), Result: r.Result, Failure: r.Failure,
	}, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
