package api

import (
	"time"

	"numbermill/shared/job"
)

// The types of a job's events. State and done carry a Job, progress a ProgressEvent, log a LogLine.
const (
	EventState    = "state"
	EventProgress = "progress"
	EventLog      = "log"
	EventDone     = "done"
)

// EventsType is the media type of a stream of events.
const EventsType = "text/event-stream"

// ProgressEvent tells how far an attempt has come.
type ProgressEvent struct {
	Attempt int64 `json:"attempt"`
	// Version is the job's.
	Version  string   `json:"version"`
	Progress Progress `json:"progress"`
}

// AttemptList are the last 100 attempts of a job's run, oldest first.
type AttemptList struct {
	Attempts []Attempt `json:"attempts"`
}

// Attempt is one worker's try at a computation.
type Attempt struct {
	Number    int64            `json:"number"`
	State     job.AttemptState `json:"state"`
	Worker    string           `json:"worker"`
	StartedAt time.Time        `json:"started_at"`
	// EndedAt is nil while it runs.
	EndedAt *time.Time `json:"ended_at"`
	// Error is nil unless it has failed.
	Error *JobError `json:"error"`
}

// LogList are log lines of a job, oldest first.
type LogList struct {
	Lines []LogLine `json:"lines"`
	// Next is how many lines there have been, in decimal: what to ask for lines after.
	Next string `json:"next"`
}

// LogLine is what a worker wrote about an attempt.
type LogLine struct {
	Time       time.Time         `json:"time"`
	Level      string            `json:"level"`
	Message    string            `json:"message"`
	Attempt    int64             `json:"attempt"`
	Worker     string            `json:"worker"`
	Attributes map[string]string `json:"attributes"`
}
