package runner

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"numbermill/shared/store"
)

// ending is how a delivery has ended.
type ending string

const (
	// succeeded: its result is published.
	succeeded ending = "succeeded"
	// failed: it was the last attempt, and every job that waited has failed.
	failed ending = "failed"
	// retried: it has failed, and the run comes back after a delay.
	retried ending = "retried"
	// stopped: nobody waits for it any more.
	stopped ending = "stopped"
	// stale: another attempt has taken over.
	stale ending = "stale"
	// released: it was given back, at no cost.
	released ending = "released"

	// declined and unwanted deliveries have begun no attempt: there was no place for the run, or nobody wanted it.
	declined ending = "declined"
	unwanted ending = "unwanted"
)

// seconds are the bounds of what is measured in time: from what small numbers take to a long afternoon.
var seconds = []float64{
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400,
}

// meters measure what becomes of runs. All that they tell apart has few values.
type meters struct {
	wrong, finished, attempts metric.Int64Counter
	wait, run                 metric.Float64Histogram
	labels                    *sync.Map // label to metric.MeasurementOption: a set takes longer to make than to count by
}

// label is what a measurement is told apart by; what is empty is left out.
type label struct{ function, class, outcome string }

// by returns the set of attributes of a label.
func (m meters) by(l label) metric.MeasurementOption {
	if known, ok := m.labels.Load(l); ok {
		if set, ok := known.(metric.MeasurementOption); ok {
			return set
		}
	}
	var attrs []attribute.KeyValue
	for key, value := range map[string]string{"function": l.function, "size_class": l.class, "outcome": l.outcome} {
		if value != "" {
			attrs = append(attrs, attribute.String(key, value))
		}
	}
	set := metric.WithAttributeSet(attribute.NewSet(attrs...))
	m.labels.Store(l, set)
	return set
}

func newMeters(from metric.MeterProvider) meters {
	meter := from.Meter(scope)
	counter := func(name, what, unit string) metric.Int64Counter {
		c, err := meter.Int64Counter(name, metric.WithDescription(what), metric.WithUnit(unit))
		orTell(err)
		return c
	}
	histogram := func(name, what string) metric.Float64Histogram {
		h, err := meter.Float64Histogram(name, metric.WithDescription(what), metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(seconds...))
		orTell(err)
		return h
	}
	return meters{
		wrong:    counter("numbermill.wrong_results", "Results that did not pass their check; none of them was published.", "{result}"),
		finished: counter("numbermill.jobs.finished", "Computations that have ended, for all jobs that waited for them.", "{computation}"),
		attempts: counter("numbermill.attempts", "Attempts that have ended, by how.", "{attempt}"),
		wait:     histogram("numbermill.job.queue_wait", "How long runs have waited until an attempt began."),
		run:      histogram("numbermill.job.run_time", "How long attempts took that were carried to their end."),
		labels:   new(sync.Map),
	}
}

// orTell tells of an instrument that cannot be made: it measures nothing then.
func orTell(err error) {
	if err != nil {
		otel.Handle(err)
	}
}

// waited measures the wait of a run whose attempt begins.
func (m meters) waited(ctx context.Context, run store.Run, d time.Duration) {
	m.wait.Record(ctx, max(d, 0).Seconds(), m.by(label{class: string(classOf(queueOf(run)))}))
}

// ended counts an attempt. took is 0 for one that never came to compute.
func (m meters) ended(ctx context.Context, run store.Run, how ending, took time.Duration) {
	m.attempts.Add(ctx, 1, m.by(label{outcome: string(how)}))
	if how == succeeded || how == failed {
		m.finished.Add(ctx, 1, m.by(label{function: run.Spec.Function, outcome: string(how)}))
	}
	if how == retried {
		how = failed
	}
	if took > 0 && (how == succeeded || how == failed) {
		m.run.Record(ctx, took.Seconds(), m.by(label{run.Spec.Function, string(classOf(queueOf(run))), string(how)}))
	}
}
