package api

import (
	"time"

	"numbermill/shared/job"
)

// JobRequest submits a computation.
type JobRequest struct {
	Function string `json:"function"`
	// Args are decimal integers, or shorter spellings such as 1e6 and 10^6, by argument name.
	Args map[string]string `json:"args"`
	// Method is "fast" if empty.
	Method string            `json:"method,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	// MaxAttempts is 3 if zero.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// Priority is job.Standard if empty.
	Priority job.Priority `json:"priority,omitempty"`
	// DeadlineSeconds is how long after its submission the job expires unless it has ended; never if zero.
	DeadlineSeconds int `json:"deadline_seconds,omitempty"`
	// RunAt is when to begin; at once if nil.
	RunAt *time.Time `json:"run_at,omitempty"`
}

// Job is a submitted computation as it stands. Integers that may pass 2^53 are decimal strings; what is not known yet, or not any
// more, is nil.
type Job struct {
	ID       job.ID            `json:"id"`
	State    job.State         `json:"state"`
	Function string            `json:"function"`
	Args     map[string]string `json:"args"`
	Method   string            `json:"method"`
	Labels   map[string]string `json:"labels"`
	Owner    job.Owner         `json:"owner"`
	Priority job.Priority      `json:"priority"`

	CreatedAt time.Time `json:"created_at"`
	// RunAt is when it was asked to begin, nil for at once.
	RunAt      *time.Time `json:"run_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	// ExpiresAt is when the job and its digits stop being kept.
	ExpiresAt *time.Time `json:"expires_at"`
	// Deadline is when it expires unless it has ended; nil for never.
	Deadline *time.Time `json:"deadline"`

	Attempt     int64        `json:"attempt"`
	MaxAttempts int          `json:"max_attempts"`
	RetryOf     *job.ID      `json:"retry_of"`
	Batch       *job.BatchID `json:"batch"`
	Version     string       `json:"version"`
	TraceID     string       `json:"trace_id"`
	Queue       JobQueue     `json:"queue"`
	Progress    *Progress    `json:"progress"`
	Cost        Cost         `json:"cost"`
	Result      *Result      `json:"result"`
	Error       *JobError    `json:"error"`
	Links       JobLinks     `json:"links"`
}

// JobList is a page of jobs, newest first.
type JobList struct {
	Jobs []Job `json:"jobs"`
	// NextPageToken is empty on the last page.
	NextPageToken string `json:"next_page_token"`
	// History tells whether jobs past the retention are among them; nil if none are kept.
	History *HistoryState `json:"history"`
}

// HistoryState tells whether the history was there for an answer.
type HistoryState string

// The states of the history.
const (
	// HistoryComplete: the page has all that it should.
	HistoryComplete HistoryState = "complete"
	// HistoryUnavailable: the history does not answer, so that older jobs may be missing.
	HistoryUnavailable HistoryState = "unavailable"
)

// JobQueue is where a job waits.
type JobQueue struct {
	Name string `json:"name"`
	// Position is how many computations are ahead of it, in decimal; nil in lists, where it cannot be told, and while it does not wait.
	Position *string `json:"position"`
	// WaitEstimateSeconds are until it starts; nil as Position is, and without a worker.
	WaitEstimateSeconds *Seconds `json:"wait_estimate_seconds"`
}

// Progress is how far the running attempt has come.
type Progress struct {
	Phase      job.Phase `json:"phase"`
	PhaseIndex int       `json:"phase_index"`
	PhaseCount int       `json:"phase_count"`
	// Percent is of the whole attempt and never falls within it.
	Percent    *float64  `json:"percent"`
	Detail     string    `json:"detail"`
	ETASeconds *Seconds  `json:"eta_seconds"`
	UpdatedAt  time.Time `json:"updated_at"`
}

// Cost is in milliseconds of CPU time.
type Cost struct {
	Estimated string  `json:"estimated"`
	Actual    *string `json:"actual"`
	Unit      string  `json:"unit"`
}

// Result is what is known of a finished result without reading it: the digits of a number, or a document about one.
type Result struct {
	// MediaType is job.DigitsType or job.DocumentType.
	MediaType string `json:"media_type"`
	// Bytes is the length of what is handed over.
	Bytes string `json:"bytes"`
	// Digits, Leading, Trailing, Scientific and TrailingZeros are nil for a document. Leading and Trailing are up to 20 digits each.
	Digits        *string `json:"digits"`
	Leading       *string `json:"leading"`
	Trailing      *string `json:"trailing"`
	Scientific    *string `json:"scientific"`
	TrailingZeros *string `json:"trailing_zeros"`
	// Calls is how many calls of the function were made, nil where they are not counted.
	Calls *string `json:"calls"`
	// SHA256 is of what is handed over, in hexadecimal.
	SHA256       string       `json:"sha256"`
	Cache        job.Cache    `json:"cache"`
	TimingMS     job.Timing   `json:"timing_ms"`
	Verification Verification `json:"verification"`
}

// Verification tells how the digits were checked before anybody could see them.
type Verification struct {
	Status   string   `json:"status"`
	Method   string   `json:"method"`
	Moduli   []string `json:"moduli"`
	Residues []string `json:"residues"`
}

// JobError is why a job failed.
type JobError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// JobLinks lead on from a job; nil where there is nothing to do.
type JobLinks struct {
	Self     string  `json:"self"`
	Events   string  `json:"events"`
	Cancel   *string `json:"cancel"`
	Retry    *string `json:"retry"`
	Result   *string `json:"result"`
	Attempts string  `json:"attempts"`
	Logs     string  `json:"logs"`
	// Trace is where its trace can be looked at, LogSearch where the log lines of all that belongs to it.
	Trace     *string `json:"trace"`
	LogSearch *string `json:"log_search"`
}
