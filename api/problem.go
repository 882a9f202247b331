package api

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem is a refusal (RFC 9457). Name is the last part of Type.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what is so and what to do.
	Detail    string `json:"detail"`
	Instance  string `json:"instance,omitempty"`
	RequestID string `json:"request_id"`
	// Errors are all fields that are wrong.
	Errors []FieldError `json:"errors,omitempty"`

	// The others stand in a refusal for the sake of a limit.
	Estimated         *ProblemEstimate  `json:"estimated,omitempty"`
	Limit             *Limits           `json:"limit,omitempty"`
	LargestAdmissible map[string]string `json:"largest_admissible,omitempty"`
	ActiveJobs        *ActiveJobs       `json:"active_jobs,omitempty"`
}

// ActiveJobs are how many jobs of an owner have not ended, and how many may be so at a time.
type ActiveJobs struct {
	Limit   int64 `json:"limit"`
	Current int64 `json:"current"`
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	// Pointer is a JSON Pointer into the request's body.
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// ProblemEstimate is what a refused computation would take, as decimal integers; nil where it cannot be told.
type ProblemEstimate struct {
	// Cost is in milliseconds of CPU time.
	Cost      *string `json:"cost"`
	Digits    *string `json:"digits"`
	PeakBytes *string `json:"peak_bytes"`
}
