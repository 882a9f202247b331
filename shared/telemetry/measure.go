package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	api "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
)

// scope is the meter of what telemetry tells of itself.
const scope = "numbermill/telemetry"

// maxReadings is how many may read /metrics at the same time.
const maxReadings = 4

// measure makes what all meters of the process come from. They go to a Prometheus registry if there is one, and to a collector if that is
// wanted.
func measure(ctx context.Context, who *resource.Resource, to prometheus.Registerer, e export) (*metric.MeterProvider, error) {
	options := []metric.Option{metric.WithResource(who), metric.WithView(view), metric.WithExemplarFilter(exemplar.TraceBasedFilter)}
	if to != nil {
		reader, err := exporter.New(exporter.WithRegisterer(to), exporter.WithoutScopeInfo())
		if err != nil {
			return nil, fmt.Errorf("measure for Prometheus: %w", err)
		}
		options = append(options, metric.WithReader(reader))
	}
	if e.on {
		sent, err := e.metricExporter(ctx)
		if err != nil {
			return nil, fmt.Errorf("export metrics: %w", err)
		}
		options = append(options, metric.WithReader(metric.NewPeriodicReader(sent)))
	}
	meters := metric.NewMeterProvider(options...)
	if err := runtime.Start(runtime.WithMeterProvider(meters), runtime.WithMinimumReadMemStatsInterval(time.Second)); err != nil {
		return nil, fmt.Errorf("measure the Go runtime: %w", err)
	}
	return meters, nil
}

// countLosses measures what telemetry itself has lost.
func countLosses(meters *metric.MeterProvider, lines, spans func() int64) error {
	meter := meters.Meter(scope)
	for name, about := range map[string]struct {
		count       func() int64
		unit, usage string
	}{
		"numbermill.telemetry.dropped_log_lines": {lines, "{line}", "Log lines that the log file has lost."},
		"numbermill.telemetry.dropped_spans":     {spans, "{span}", "Spans that no collector got."},
	} {
		_, err := meter.Int64ObservableCounter(name, api.WithUnit(about.unit), api.WithDescription(about.usage),
			api.WithInt64Callback(func(_ context.Context, o api.Int64Observer) error {
				o.Observe(about.count())
				return nil
			}))
		if err != nil {
			return fmt.Errorf("measure %s: %w", name, err)
		}
	}
	return nil
}

// view leaves those attributes of requests that have few values: not the host, which is whatever a client writes. What an exemplar keeps of
// the others would be too long for Prometheus.
func view(i metric.Instrument) (metric.Stream, bool) {
	if !strings.HasPrefix(i.Name, "http.server.") {
		return metric.Stream{}, false
	}
	return metric.Stream{
		Name: i.Name, Description: i.Description, Unit: i.Unit,
		AttributeFilter: attribute.NewAllowKeysFilter("http.request.method", "http.response.status_code", "http.route"),
		ExemplarReservoirProviderSelector: func(a metric.Aggregation) exemplar.ReservoirProvider {
			provide := metric.DefaultExemplarReservoirProviderSelector(a)
			return func(set attribute.Set) exemplar.Reservoir { return idsOnly{provide(set)} }
		},
	}, true
}

// idsOnly keeps exemplars with nothing but their trace and span.
type idsOnly struct{ exemplar.Reservoir }

// Offer is one measurement that may become an exemplar.
func (r idsOnly) Offer(ctx context.Context, t time.Time, v exemplar.Value, _ []attribute.KeyValue) {
	r.Reservoir.Offer(ctx, t, v, nil)
}

// MetricsHandler answers with what registries have gathered, as text for Prometheus or, to those who ask for it, as OpenMetrics, which shows
// exemplars. What cannot be gathered is logged and left out.
func MetricsHandler(logger *slog.Logger, from ...prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers(from), promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxReadings,
		EnableOpenMetrics: true,
	})
}
