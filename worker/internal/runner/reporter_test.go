package runner

import (
	"log/slog"
	"testing"

	"numbermill/shared/job"
)

// wantProgress waits until the record says so.
func (x *fixture) wantProgress(get func() *job.Progress, phase job.Phase, percent float64) {
	x.t.Helper()
	var last *job.Progress
	x.eventually("the progress is reported", func() bool {
		last = get()
		return last != nil && last.Phase == phase && last.Percent == percent
	})
	if last.PhaseCount != 3 || last.UpdatedAt.IsZero() {
		x.t.Errorf("got %+v", last)
	}
}

func TestProgressNeverFalls(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.some()
	a, ok, err := x.records.Claim(t.Context(), s.Run, "worker")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	progress := func() *job.Progress { return x.get(s).Progress }
	r := newReporter(t.Context(), x.records, a, slog.New(slog.DiscardHandler), func() { t.Error("the attempt counts as lost") })
	r.compute(0.4, "Doubling 4 of 10")
	x.wantProgress(progress, job.PhaseCompute, 10)
	r.compute(0.2, "Doubling 2 of 10")
	r.compute(2, "Beyond the end") // is the end
	x.wantProgress(progress, job.PhaseCompute, 25)
	r.compute(-1, "Again")
	r.write(0.5)
	x.wantProgress(progress, job.PhaseWrite, 60)
	r.verify()
	x.wantProgress(progress, job.PhaseVerify, 95)
	if got := progress(); got.PhaseIndex != 3 || got.Detail != "" {
		t.Errorf("got %+v, want the third phase", got)
	}
	r.stop()
}

func TestAReporterNoticesThatItsAttemptIsLost(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.some()
	a, ok, err := x.records.Claim(t.Context(), s.Run, "worker")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	lost := make(chan struct{})
	r := newReporter(t.Context(), x.records, a, slog.New(slog.DiscardHandler), func() { close(lost) })
	if _, _, err := x.records.Claim(t.Context(), s.Run, "another worker"); err != nil {
		t.Fatal(err)
	}
	receive(t, "the loss", lost) // although nothing is there to be reported
	r.stop()
}
