package runner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"numbermill/shared/job"
	"numbermill/worker/internal/workertest"
)

// measured makes the runner one whose measurements can be read, as name{labels} and how many there were.
func (x *fixture) measured() (read func() map[string]int64) {
	reader := metric.NewManualReader()
	x.runner.meters = newMeters(metric.NewMeterProvider(metric.WithReader(reader)))
	return func() map[string]int64 {
		x.T.Helper()
		var all metricdata.ResourceMetrics
		x.Must(reader.Collect(x.T.Context(), &all))
		counts := map[string]int64{}
		for _, scope := range all.ScopeMetrics {
			for _, m := range scope.Metrics {
				switch data := m.Data.(type) {
				case metricdata.Sum[int64]:
					for _, p := range data.DataPoints {
						counts[m.Name+labels(p.Attributes)] = p.Value
					}
				case metricdata.Histogram[float64]:
					for _, p := range data.DataPoints {
						counts[m.Name+labels(p.Attributes)] = int64(p.Count)
						if p.Sum < 0 || len(p.Bounds) != len(seconds) {
							x.T.Errorf("%s has the sum %v and %d bounds, want %d", m.Name, p.Sum, len(p.Bounds), len(seconds))
						}
					}
				}
			}
		}
		return counts
	}
}

func labels(set attribute.Set) string {
	var all []string
	for _, a := range set.ToSlice() {
		all = append(all, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
	}
	slices.SortFunc(all, cmp.Compare)
	return "{" + strings.Join(all, " ") + "}"
}

func TestWhatIsMeasuredOfRuns(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	read := x.measured()
	done, again := x.small("12"), x.Submit("factorial", "n=30", "fast")
	for _, s := range []func() error{
		func() error { _, err := x.runner.Handle(t.Context(), done.Run); return err },
		func() error { _, err := x.runner.Handle(t.Context(), again.Run); return err },
		func() error { _, err := x.runner.Handle(t.Context(), again.Run); return err }, // nobody wants it any more
		func() error {
			s := x.SubmitSpec(job.Spec{Function: "tetration", Args: map[string]string{"n": "5"}, Method: "fast"}, job.Fingerprint(strings.Repeat("a", 40)))
			_, err := x.runner.Handle(t.Context(), s.Run)
			return err
		},
	} {
		x.Must(s())
	}
	endless := x.Endless()
	handled, cancel := x.handle(endless)
	defer cancel()
	x.runner.Stop(endless.Run.Fingerprint, endless.Run.ID)
	workertest.Receive(t, "the end", handled)
	want := map[string]int64{
		"numbermill.attempts{outcome=succeeded}": 2, "numbermill.attempts{outcome=failed}": 1, "numbermill.attempts{outcome=stopped}": 1,
		"numbermill.jobs.finished{function=fibonacci outcome=succeeded}": 1, "numbermill.jobs.finished{function=factorial outcome=succeeded}": 1,
		"numbermill.jobs.finished{function=tetration outcome=failed}":                    1,
		"numbermill.job.queue_wait{size_class=small}":                                    4,
		"numbermill.job.run_time{function=fibonacci outcome=succeeded size_class=small}": 1,
		"numbermill.job.run_time{function=factorial outcome=succeeded size_class=small}": 1,
		"numbermill.job.run_time{function=tetration outcome=failed size_class=small}":    1,
	}
	if d := diff.Diff(want, read()); d != "" {
		t.Errorf("the measurements differ (-want +got):\n%s", d)
	}
}
