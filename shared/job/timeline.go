package job

import "time"

// AttemptState is how an attempt stands or ended.
type AttemptState string

// The ways an attempt goes.
const (
	AttemptRunning AttemptState = "running"
	// AttemptSucceeded has published the result.
	AttemptSucceeded AttemptState = "succeeded"
	// AttemptFailed counts against the most attempts of a job.
	AttemptFailed AttemptState = "failed"
	// AttemptLost: the worker is gone. It costs the job nothing.
	AttemptLost AttemptState = "lost"
	// AttemptReleased: the worker gave it back, since it was shutting down. It costs the job nothing.
	AttemptReleased AttemptState = "released"
	// AttemptAbandoned: nobody waited for the result any more.
	AttemptAbandoned AttemptState = "abandoned"
)

// AttemptRecord is one attempt in the timeline of a run.
type AttemptRecord struct {
	Number int64        `json:"number"`
	State  AttemptState `json:"state"`
	Worker string       `json:"worker"`
	// StartedAt and EndedAt are in milliseconds of Unix time; EndedAt is 0 while it runs.
	StartedMillis int64 `json:"started_ms"`
	EndedMillis   int64 `json:"ended_ms,omitempty"`
	// Failure is nil unless it has failed.
	Failure *Failure `json:"failure,omitempty"`
}

// LogLine is one line that a worker wrote about an attempt.
type LogLine struct {
	Time    time.Time `json:"time"`
	Level   string    `json:"level"` // debug, info, warn or error
	Message string    `json:"message"`
	Attempt int64     `json:"attempt"`
	Worker  string    `json:"worker"`
	// Attributes are what else the line says, as text by name; nil for nothing.
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Key is a client's idempotency key: two submissions with the same key are one.
type Key struct {
	// Name tells keys of one owner apart: a hash of the route and of what the client sent.
	Name string
	// Body is a hash of the canonical request, so that another request under the same key is noticed.
	Body string
}

// Batch is a set of jobs that were submitted together.
type Batch struct {
	ID        BatchID
	Owner     Owner
	Labels    map[string]string
	CreatedAt time.Time
	// EndedAt is when the last of those jobs ended that have; zero if none has.
	EndedAt time.Time
	Counts  BatchCounts
}

// BatchCounts are how many jobs of a batch stand where. Total counts them all, those that were deleted since included.
type BatchCounts struct {
	Total     int64 `json:"total"`
	Scheduled int64 `json:"scheduled"`
	Queued    int64 `json:"queued"`
	Running   int64 `json:"running"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Cancelled int64 `json:"cancelled"`
	Expired   int64 `json:"expired"`
}
