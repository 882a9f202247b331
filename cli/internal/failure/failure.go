// Package failure is how the command tells a person that something went wrong: what, and what to do about it.
package failure

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The exit codes of the command.
const (
	CodeOK     = 0
	CodeFailed = 1
	CodeUsage  = 2 // the command line or a setting is wrong: nothing was begun
)

// Error is an error with a hint.
type Error struct {
	err   error
	hint  string
	usage bool
}

// WithHint adds to err one sentence on what to do. The hint has no full stop.
func WithHint(err error, hint string) error { return &Error{err, hint, false} }

// Usage is WithHint for what the person got wrong on the command line or in a setting.
func Usage(err error, hint string) error { return &Error{err, hint, true} }

// Error returns what is wrong.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns what is wrong, without the hint.
func (e *Error) Unwrap() error { return e.err }

// Report writes err for a person to w and returns the exit code of the process. It writes nothing for a nil error.
func Report(w io.Writer, err error) int {
	if err == nil {
		return CodeOK
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		_, _ = fmt.Fprintf(w, "numbermill: %s\n", line) // there is nobody left to tell
	}
	told, ok := errors.AsType[*Error](err)
	if !ok {
		return CodeFailed
	}
	if told.hint != "" {
		_, _ = fmt.Fprintf(w, "hint: %s\n", told.hint) // as above
	}
	if told.usage {
		return CodeUsage
	}
	return CodeFailed
}
