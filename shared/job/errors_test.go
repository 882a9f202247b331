package job_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"numbermill/shared/job"
)

func TestErrorKeepsCodeSentenceAndCause(t *testing.T) {
	t.Parallel()
	err := job.Errorf(job.Unavailable, "read job: %w", io.ErrUnexpectedEOF)
	if got, want := err.Error(), "read job: unexpected EOF"; got != want || err.Detail != want {
		t.Errorf("got %q with detail %q, want %q", got, err.Detail, want)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is not reachable by errors.Is")
	}
	if got := job.Errorf(job.NotFound, "There is no job %s.", "x").Unwrap(); got != nil {
		t.Errorf("an error without a cause unwraps to %v, want nil", got)
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	refusal := job.Errorf(job.Active, "The job has not ended.")
	for name, c := range map[string]struct {
		err  error
		want job.Code
	}{
		"none":     {nil, ""},
		"internal": {io.EOF, ""},
		"itself":   {refusal, job.Active},
		"wrapped":  {fmt.Errorf("delete: %w", refusal), job.Active},
		"joined":   {errors.Join(io.EOF, refusal), job.Active},
	} {
		if got := job.CodeOf(c.err); got != c.want {
			t.Errorf("%s: got code %q, want %q", name, got, c.want)
		}
	}
}
