package api

import (
	"time"

	"numbermill/shared/job"
)

// BatchRequest submits many jobs at once: either Jobs or RetryOf.
type BatchRequest struct {
	Jobs []JobRequest `json:"jobs,omitempty"`
	// RetryOf are jobs that have ended, each of which gets a new one with the same computation.
	RetryOf []job.ID `json:"retry_of,omitempty"`
	// Labels are the batch's own; its jobs have theirs.
	Labels map[string]string `json:"labels,omitempty"`
}

// BatchState is where a batch stands.
type BatchState string

// The states of a batch. It has ended once every job of it has.
const (
	BatchActive BatchState = "active"
	BatchEnded  BatchState = "ended"
)

// Batch is a set of jobs that were submitted together.
type Batch struct {
	ID        job.BatchID `json:"id"`
	State     BatchState  `json:"state"`
	CreatedAt time.Time   `json:"created_at"`
	// FinishedAt is when the last of its jobs ended; nil until all have.
	FinishedAt *time.Time        `json:"finished_at"`
	Labels     map[string]string `json:"labels"`
	Counts     job.BatchCounts   `json:"counts"`
	Links      BatchLinks        `json:"links"`
}

// BatchLinks lead on from a batch; Cancel is nil once it has ended.
type BatchLinks struct {
	Self   string  `json:"self"`
	Jobs   string  `json:"jobs"`
	Cancel *string `json:"cancel"`
}

// BatchList is a page of batches, newest first.
type BatchList struct {
	Batches []Batch `json:"batches"`
	// NextPageToken is empty on the last page.
	NextPageToken string `json:"next_page_token"`
}
