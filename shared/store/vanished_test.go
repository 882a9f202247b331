package store_test

import (
	"testing"

	"numbermill/shared/job"
)

func TestASubmitComputesAnewWhatHasVanished(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	old := x.submit(fp(1))
	x.storeBlob(old.Run)
	if changed, err := x.s.Vanished(t.Context(), fp(1), "another run"); err != nil || changed {
		t.Errorf("vanished for another run: got %t, %v, want no change", changed, err)
	}
	if changed, err := x.s.Vanished(t.Context(), fp(1), old.Run.ID); err != nil || !changed {
		t.Fatalf("vanished: got %t, %v, want a change", changed, err)
	}
	if rec := x.wantState(old, job.Succeeded); rec.Result != nil {
		t.Errorf("the old job has the result %+v, want none", rec.Result)
	}
	again := x.submit(fp(1))
	if again.Cache != job.Miss || again.Run.ID == old.Run.ID {
		t.Errorf("submit again: got %s of run %s, want a miss with a run of its own", again.Cache, again.Run.ID)
	}
	if changed, err := x.s.Vanished(t.Context(), fp(1), old.Run.ID); err != nil || changed {
		t.Errorf("vanished once more: got %t, %v, want no change", changed, err)
	}
	x.wantState(again, job.Queued)
}
