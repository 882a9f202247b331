package server

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// scope names this package to OpenTelemetry.
const scope = "numbermill/api"

// scheduledLater stands for how a job has met its computation as long as it waits for its time.
const scheduledLater = "scheduled"

// submittingRoutes are those that make jobs.
var submittingRoutes = []string{"/v1/jobs", "/v1/batches", "/v1/jobs/{id}/retry"}

// counters count what becomes of submissions. All that they count by has few values.
type counters struct {
	submitted, refused metric.Int64Counter
	options            *sync.Map // of submissionLabels to metric.MeasurementOption
}

// submissionLabels are what submissions that were taken are counted by.
type submissionLabels struct{ function, cache string }

func newCounters(meters metric.MeterProvider) counters {
	meter := meters.Meter(scope)
	counter := func(name, what, unit string) metric.Int64Counter {
		c, err := meter.Int64Counter(name, metric.WithDescription(what), metric.WithUnit(unit))
		if err != nil {
			otel.Handle(err) // the counter counts nothing then
		}
		return c
	}
	return counters{
		options:   new(sync.Map),
		submitted: counter("numbermill.jobs.submitted", "Jobs that were taken, by how they met their computation.", "{job}"),
		refused:   counter("numbermill.jobs.refused", "Requests to submit jobs that were refused, by the name of the problem.", "{request}"),
	}
}

// took counts a job that was taken.
func (c counters) took(ctx context.Context, r job.Request, made store.Submission) {
	how := string(made.Cache)
	if made.Scheduled {
		how = scheduledLater
	}
	c.submitted.Add(ctx, 1, c.option(submissionLabels{r.Spec.Function, how}))
}

// option puts each combination together once.
func (c counters) option(of submissionLabels) metric.MeasurementOption {
	if known, ok := c.options.Load(of); ok {
		if with, ok := known.(metric.MeasurementOption); ok { // it holds nothing else
			return with
		}
	}
	made := metric.WithAttributeSet(attribute.NewSet(attribute.String("function", of.function), attribute.String("cache", of.cache)))
	c.options.Store(of, made)
	return made
}

// refuse counts a request that was refused, if it was one to submit jobs.
func (c counters) refuse(r *http.Request, e *refusal) {
	if r.Method == http.MethodPost && slices.Contains(submittingRoutes, infoOf(r.Context()).route) {
		c.refused.Add(r.Context(), 1, metric.WithAttributes(attribute.String("reason", e.kind.name)))
	}
}
