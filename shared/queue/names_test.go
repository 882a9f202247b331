package queue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/queue"
)

func TestNames(t *testing.T) {
	t.Parallel()
	want := []string{
		"small-high", "small", "small-low", "large-high", "large", "large-low", "huge-high", "huge", "huge-low",
	}
	if diff := cmp.Diff(want, queue.Names()); diff != "" {
		t.Errorf("the names differ (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		class    job.Class
		priority job.Priority
		want     string
	}{{job.Small, job.Standard, "small"}, {job.Large, job.High, "large-high"}, {"", "", "small"}, {job.Huge, "", "huge"}, {"", job.Low, "small-low"}} {
		if got := queue.Name(c.class, c.priority); got != c.want {
			t.Errorf("class %q, priority %q: got %q, want %q", c.class, c.priority, got, c.want)
		}
	}
}
