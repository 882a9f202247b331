package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

const (
	// scope names this package to OpenTelemetry.
	scope = "numbermill/api"
	// readingTimeout is how long Redis may take to answer for one reading of the metrics.
	readingTimeout = 3 * time.Second
)

// metricsHandler answers what the process measures; nil if nobody reads it.
func metricsHandler(c Config) http.Handler {
	if c.Metrics == nil {
		return nil
	}
	return telemetry.MetricsHandler(c.Logger, c.Metrics)
}

// gauges tell how the queues stand. Each API of several on one Redis reports the same numbers: they do not add up.
type gauges struct {
	records *store.Store
	queue   *queue.Client
	logger  *slog.Logger

	tasks, paused, workers, redis metric.Int64ObservableGauge
	age                           metric.Float64ObservableGauge
}

// measureQueues has Redis asked how the queues stand whenever the metrics are read.
func (a *App) measureQueues(c Config, records *store.Store) error {
	g := &gauges{records: records, queue: a.tasks, logger: c.Logger}
	meter := c.Meters.Meter(scope)
	var errs []error
	gauge := func(name, what, unit string) metric.Int64ObservableGauge {
		made, err := meter.Int64ObservableGauge(name, metric.WithDescription(what), metric.WithUnit(unit))
		errs = append(errs, err)
		return made
	}
	g.tasks = gauge("numbermill.queue.tasks", "Runs in a queue, by what they wait for.", "{task}")
	g.paused = gauge("numbermill.queue.paused", "1 while an operator has stopped a queue.", "{queue}")
	g.workers = gauge("numbermill.workers", "Workers that are alive.", "{worker}")
	g.redis = gauge("numbermill.redis.up", "1 while Redis answers.", "{redis}")
	age, err := meter.Float64ObservableGauge("numbermill.queue.oldest_age",
		metric.WithDescription("How long the first waiting run of a queue has waited."), metric.WithUnit("s"))
	g.age = age
	registered, regErr := meter.RegisterCallback(g.observe, g.tasks, g.age, g.paused, g.workers, g.redis)
	if err := errors.Join(append(errs, err, regErr)...); err != nil {
		return fmt.Errorf("measure the queues: %w", err)
	}
	a.onClose("measurements", registered.Unregister)
	return nil
}

// observe reads the gauges. Without Redis all that is known is that it does not answer.
func (g *gauges) observe(ctx context.Context, o metric.Observer) error {
	ctx, cancel := context.WithTimeout(ctx, readingTimeout)
	defer cancel()
	stats, err := g.queue.Stats(ctx)
	workers := 0
	if err == nil {
		workers, err = g.records.Workers(ctx)
	}
	if err != nil {
		g.logger.WarnContext(ctx, "queues not measured", slog.Any("error", err))
		o.ObserveInt64(g.redis, 0)
		return nil
	}
	o.ObserveInt64(g.redis, 1)
	o.ObserveInt64(g.workers, int64(workers))
	for _, s := range stats {
		g.observeQueue(o, s)
	}
	return nil
}

func (g *gauges) observeQueue(o metric.Observer, s queue.Stat) {
	name := attribute.String("queue", s.Name)
	for state, n := range map[string]int64{
		"pending": s.Pending, "active": s.Active, "scheduled": s.Scheduled, "retry": s.Retry, "archived": s.Archived,
	} {
		o.ObserveInt64(g.tasks, n, metric.WithAttributes(name, attribute.String("state", state)))
	}
	o.ObserveFloat64(g.age, s.OldestAge.Seconds(), metric.WithAttributes(name))
	paused := int64(0)
	if s.Paused {
		paused = 1
	}
	o.ObserveInt64(g.paused, paused, metric.WithAttributes(name))
}
