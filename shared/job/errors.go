package job

import (
	"errors"
	"fmt"
)

// Code classifies an error that a person may be told of. Anything without a code is internal.
type Code string

// The codes.
const (
	// NotFound: no such job, or somebody else's.
	NotFound Code = "not-found"
	// NotCancellable: the job has ended another way.
	NotCancellable Code = "job-not-cancellable"
	// Active: the job has not ended yet.
	Active Code = "job-active"
	// QuotaExceeded: the owner has too many active jobs.
	QuotaExceeded Code = "quota-exceeded"
	// BadPageToken: the token belongs to another list, or to none.
	BadPageToken Code = "invalid-page-token"
	// Unavailable: a dependency does not answer; the same call may succeed later.
	Unavailable Code = "temporary-reduced-capacity"
	// KeyInProgress: the first submission with this idempotency key has no job yet.
	KeyInProgress Code = "idempotency-in-progress"
	// KeyReused: the idempotency key was used with another request.
	KeyReused Code = "idempotency-key-reused"
	// Poisoned: the computation has lost several workers in a row and is refused for a while.
	Poisoned Code = "computation-refused"
	// ResultGone: the digits are no longer kept.
	ResultGone Code = "result-expired"
)

// Error is a refusal with a code for programs and a sentence for people.
type Error struct {
	Code   Code
	Detail string
	cause  error
}

// Errorf makes an Error; an error among the arguments that %w wraps stays reachable by errors.Is.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Detail: err.Error(), cause: errors.Unwrap(err)}
}

// Error is the sentence.
func (e *Error) Error() string { return e.Detail }

// Unwrap returns what lies beneath, or nil.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of err, or an empty one for an internal error.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
