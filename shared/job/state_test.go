package job_test

import (
	"slices"
	"testing"

	"numbermill/shared/job"
)

// A person can be told of every state, and what the states may become is what the design draws.
func TestJobStates(t *testing.T) {
	t.Parallel()
	ends := []job.State{job.Succeeded, job.Failed, job.Cancelled, job.Expired}
	may := map[job.State][]job.State{
		job.Scheduled: slices.Concat([]job.State{job.Queued}, ends),
		job.Queued:    slices.Concat([]job.State{job.Running}, ends),
		job.Running:   slices.Concat([]job.State{job.Queued}, ends),
	}
	for _, from := range job.States() {
		for _, to := range job.States() {
			if got, want := from.CanBecome(to), slices.Contains(may[from], to); got != want {
				t.Errorf("%s → %s: got %v, want %v", from, to, got, want)
			}
		}
		if got, want := from.Terminal(), slices.Contains(ends, from); got != want {
			t.Errorf("%s is terminal: got %v, want %v", from, got, want)
		}
	}
	if got := len(job.States()); got != 7 {
		t.Errorf("got %d states, want 7", got)
	}
}

func TestComputationStates(t *testing.T) {
	t.Parallel()
	const (
		absent     = job.ComputationAbsent
		queued     = job.ComputationQueued
		running    = job.ComputationRunning
		stored     = job.ComputationStored
		failed     = job.ComputationFailed
		abandoned  = job.ComputationAbandoned
		collecting = job.ComputationCollecting
	)
	all := []job.ComputationState{absent, queued, running, stored, failed, abandoned, collecting}
	may := map[job.ComputationState][]job.ComputationState{
		absent:     {queued},
		queued:     {running, abandoned},
		running:    {running, queued, stored, failed, abandoned}, // running again: another attempt has claimed it
		stored:     {collecting},
		failed:     {queued, absent},
		abandoned:  {queued, absent},
		collecting: {queued, absent},
	}
	for _, from := range all {
		for _, to := range all {
			if got, want := from.CanBecome(to), slices.Contains(may[from], to); got != want {
				t.Errorf("%q → %q: got %v, want %v", from, to, got, want)
			}
		}
	}
}
