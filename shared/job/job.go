// Package job holds the words that every other package speaks: jobs, computations, attempts, results, their states and the
// errors that a person may see. It stores nothing and talks to nobody.
package job

import (
	"encoding/json"
	"time"
)

// Owner says whose a job is. Requests without credentials belong to LocalOwner.
type Owner string

// LocalOwner owns what is submitted without credentials.
const LocalOwner Owner = "local"

// Spec is what to compute: one entry of the catalogue with canonical arguments. Equal specs have equal fingerprints.
type Spec struct {
	// Function is the catalogue's name, such as "fibonacci".
	Function string `json:"function"`
	// Args are canonical decimal strings by argument name.
	Args map[string]string `json:"args"`
	// Method is how to compute it, such as "fast".
	Method string `json:"method"`
}

// Request is an admitted submission: valid, priced and within the limits.
type Request struct {
	Owner Owner
	Spec  Spec
	// Fingerprint addresses the computation; see function.Function.Fingerprint.
	Fingerprint Fingerprint
	Labels      map[string]string
	// MaxAttempts is how many failed attempts end the computation, if this job is the one that starts it.
	MaxAttempts int
	// EstimatedCost is the price in milliseconds of CPU time.
	EstimatedCost int64
	// Priority is Standard if empty.
	Priority Priority
	// Queue is the name of the queue that the run waits in, if this job is the one that starts it.
	Queue string
	// Deadline is how long after its submission the job expires unless it has ended; 0 for never. By Redis's clock.
	Deadline time.Duration
	// RunAt is when the job is to begin, if that is still to come; zero for at once. By Redis's clock.
	RunAt time.Time
	// RetryOf is the job that this one tries again; empty for none.
	RetryOf ID
	// Batch is the batch that the job belongs to; empty for none.
	Batch BatchID
	// Key makes a second submission with the same key answer with the job of the first; nil for none.
	Key *Key
	// Trace is the W3C trace context of the submission (traceparent, tracestate).
	Trace map[string]string
	// TraceID is the submission's trace id in hexadecimal, for people to search for.
	TraceID string
}

// Job is one owner's request for a computation, as it stands now.
type Job struct {
	ID          ID
	Owner       Owner
	Spec        Spec
	Fingerprint Fingerprint
	Labels      map[string]string
	MaxAttempts int
	// EstimatedCost is in milliseconds of CPU time.
	EstimatedCost int64
	Priority      Priority
	// Queue is the name of the queue that the job was meant for; one that has joined waits where its computation does.
	Queue   string
	RetryOf ID
	Batch   BatchID
	TraceID string

	CreatedAt time.Time
	// RunAt is when the job was asked to begin; zero for at once.
	RunAt time.Time
	// Deadline is when the job expires unless it has ended; zero for never.
	Deadline time.Time

	State State
	// Cache says how the job came by its computation.
	Cache Cache
	// Version rises by at least one with every change of state.
	Version int64
	// Attempt counts every try of the computation so far, lost ones included.
	Attempt int64
	// StartedAt is when the current or the last attempt began, or the submission if that came later; zero before the first.
	StartedAt time.Time
	// FinishedAt is zero until the job has ended.
	FinishedAt time.Time
	// Progress is nil unless an attempt is running and has reported.
	Progress *Progress
	// Result is nil unless the job has succeeded.
	Result *Result
	// Failure is nil unless the job has failed.
	Failure *Failure
}

// Cache says how a job came by its computation.
type Cache string

// The ways a job meets its computation.
const (
	// Miss started the computation.
	Miss Cache = "miss"
	// Joined found it queued or running.
	Joined Cache = "joined"
	// Hit found its result stored.
	Hit Cache = "hit"
)

// Failure is why a job failed, in words for the person who submitted it.
type Failure struct {
	// Code is a stable kebab-case word, such as "verification-failed".
	Code string `json:"code"`
	// Detail is a sentence.
	Detail string `json:"detail"`
}

// Progress is how far an attempt has come. Percent never falls within an attempt.
type Progress struct {
	Phase      Phase `json:"phase"`
	PhaseIndex int   `json:"phase_index"`
	PhaseCount int   `json:"phase_count"`
	// Percent is of the whole attempt, 0 to 100.
	Percent float64 `json:"percent"`
	// Detail says what exactly is being done, such as "Doubling 18 of 20"; may be empty.
	Detail string `json:"detail"`
	// UpdatedAt is when the worker reported it.
	UpdatedAt time.Time `json:"updated_at"`
}

// Phase is a part of an attempt.
type Phase string

// The phases of an attempt, in order.
const (
	PhaseCompute Phase = "compute"
	PhaseWrite   Phase = "write"
	PhaseVerify  Phase = "verify"
)

// The media types of results.
const (
	// DigitsType is that of a number's digits and nothing else.
	DigitsType = "text/plain; charset=us-ascii"
	// DocumentType is that of a document about a number.
	DocumentType = "application/json"
)

// Result is what is known of a finished result without reading its text: the digits of a number, or a document about one.
type Result struct {
	// MediaType is DigitsType or DocumentType; empty, for digits, in a record from before there were documents. See Type.
	MediaType string `json:"media_type,omitempty"`
	// Bytes is the length of the text; 0 in a record from before there were documents. See Size.
	Bytes int64 `json:"bytes,omitempty"`
	// Digits is the exact number of decimal digits; 0 for a document. A document has no Leading, Trailing and TrailingZeros either.
	Digits int64 `json:"digits"`
	// Leading and Trailing are the first and last 20 digits, or all of them if there are fewer.
	Leading  string `json:"leading"`
	Trailing string `json:"trailing"`
	// TrailingZeros counts the zeros at the end; it is 0 for the number zero.
	TrailingZeros int64 `json:"trailing_zeros"`
	// SHA256 is of the text without a newline, in hexadecimal.
	SHA256 string `json:"sha256"`
	// Calls is how many calls of the function a step-by-step method has made; 0 for a method that does not count them.
	Calls uint64 `json:"calls,omitempty,string"`
	// Timing of the attempt that counts.
	Timing Timing `json:"timing_ms"`
	// CPUMillis is the CPU time of that attempt in milliseconds, as far as the platform can tell it apart.
	CPUMillis    int64        `json:"cpu_ms"`
	Verification Verification `json:"verification"`
	// Blob is the key of the digits in the result store; empty if the record holds them itself.
	Blob string `json:"blob,omitempty"`
}

// Size is the length of the text in bytes.
func (r Result) Size() int64 {
	if r.MediaType == "" {
		return r.Digits
	}
	return r.Bytes
}

// Type is the media type of the text.
func (r Result) Type() string {
	if r.MediaType == "" {
		return DigitsType
	}
	return r.MediaType
}

// Timing is in milliseconds.
type Timing struct {
	Queue   float64 `json:"queue"`
	Compute float64 `json:"compute"`
	Write   float64 `json:"write"`
}

// The ways to check a result.
const (
	// ByResidue: the written digits and an independent computation agree modulo each of Moduli, and in the number of digits.
	ByResidue = "residue"
	// ByFacts: every statement of the document was computed anew by other means.
	ByFacts = "facts"
)

// Verification tells how a result was checked before it was published.
type Verification struct {
	// Method is ByResidue or ByFacts.
	Method string `json:"method"`
	// Moduli and Residues are empty unless Method is ByResidue.
	Moduli   []uint64 `json:"moduli"`
	Residues []uint64 `json:"residues"`
}

// MarshalJSON writes moduli and residues as decimal strings, since they pass 2^53.
func (v Verification) MarshalJSON() ([]byte, error) { return json.Marshal(v.wire()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Verification) UnmarshalJSON(b []byte) error {
	var w verificationWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	return v.fromWire(w)
}
