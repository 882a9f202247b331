package runner

import (
	"testing"

	"numbermill/shared/job"
	"numbermill/worker/internal/workertest"
)

// wantProgress waits until the record says so.
func (x *fixture) wantProgress(get func() *job.Progress, phase job.Phase, percent float64) {
	x.T.Helper()
	var last *job.Progress
	x.Eventually("the progress is reported", func() bool {
		last = get()
		return last != nil && last.Phase == phase && last.Percent == percent
	})
	if last.PhaseCount != 3 || last.UpdatedAt.IsZero() {
		x.T.Errorf("got %+v", last)
	}
}

func TestProgressNeverFalls(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	a, ok, err := x.Records.Claim(t.Context(), s.Run, "worker", false)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	progress := func() *job.Progress { return x.Get(s).Progress }
	r := newReporter(t.Context(), x.Records, a, [3]float64{0.5, 0.25, 0.25}, workertest.Quiet(), func() { t.Error("the attempt counts as lost") })
	r.compute(0.5, "Doubling 5 of 10")
	x.wantProgress(progress, job.PhaseCompute, 25)
	r.compute(0.2, "Doubling 2 of 10")
	r.compute(2, "Beyond the end") // is the end
	x.wantProgress(progress, job.PhaseCompute, 50)
	r.compute(-1, "Again")
	r.write(0.5)
	x.wantProgress(progress, job.PhaseWrite, 62.5)
	r.verify()
	x.wantProgress(progress, job.PhaseVerify, 75)
	if got := progress(); got.PhaseIndex != 3 || got.Detail != "" {
		t.Errorf("got %+v, want the third phase", got)
	}
	r.stop()
}

func TestAReporterNoticesThatItsAttemptIsLost(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Some()
	a, ok, err := x.Records.Claim(t.Context(), s.Run, "worker", false)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	lost := make(chan struct{})
	r := newReporter(t.Context(), x.Records, a, [3]float64{0.5, 0.25, 0.25}, workertest.Quiet(), func() { close(lost) })
	if _, _, err := x.Records.Claim(t.Context(), s.Run, "another worker", true); err != nil {
		t.Fatal(err)
	}
	workertest.Receive(t, "the loss", lost) // although nothing is there to be reported
	r.stop()
}
