// Package telemetry sets up what a process tells about itself: traces and metrics over OpenTelemetry, and logs over log/slog
// that carry the ids of the trace, the span and the job they belong to.
//
// Spans are not exported yet. They are made all the same, so that their ids join the log lines of one request across processes. Metrics
// can be read in Prometheus's form where a process asks for that.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Config says who the process is and how it logs.
type Config struct {
	Service string // such as "numbermill-worker"; OTEL_SERVICE_NAME overrides it
	Version string // of the binary
	Log     Log
	// Metrics gets what the process measures; nil if nobody reads it.
	Metrics prometheus.Registerer
}

// Start makes the global tracer, meter, propagator (W3C trace context and baggage) and the default logger from cfg. The caller
// runs stop once, last of all; it flushes what is still held back, within the limits of its context.
func Start(ctx context.Context, cfg Config) (stop func(context.Context) error, err error) {
	who, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			attribute.String("service.name", cfg.Service),
			attribute.String("service.version", cfg.Version),
		),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, fmt.Errorf("describe this process for OpenTelemetry: %w", err)
	}
	tracers := trace.NewTracerProvider(trace.WithResource(who))
	meters, err := measure(who, cfg.Metrics)
	if err != nil {
		return nil, err
	}
	logger := Logger(cfg.Log)

	otel.SetTracerProvider(tracers)
	otel.SetMeterProvider(meters)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		logger.LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "OpenTelemetry reports a problem", slog.Any("error", err))
	}))
	slog.SetDefault(logger)

	return func(ctx context.Context) error {
		return errors.Join(tracers.Shutdown(ctx), meters.Shutdown(ctx))
	}, nil
}

// measure makes what all meters of the process come from.
func measure(who *resource.Resource, to prometheus.Registerer) (*metric.MeterProvider, error) {
	options := []metric.Option{
		metric.WithResource(who), metric.WithView(boundedRequests),
		metric.WithExemplarFilter(exemplar.AlwaysOffFilter), // their labels are too long for Prometheus
	}
	if to != nil {
		reader, err := exporter.New(exporter.WithRegisterer(to), exporter.WithoutScopeInfo())
		if err != nil {
			return nil, fmt.Errorf("measure for Prometheus: %w", err)
		}
		options = append(options, metric.WithReader(reader))
	}
	return metric.NewMeterProvider(options...), nil
}

// boundedRequests leaves those attributes of requests that have few values: not the host, which is whatever a client writes.
var boundedRequests = metric.NewView(metric.Instrument{Name: "http.server.*"}, metric.Stream{
	AttributeFilter: attribute.NewAllowKeysFilter("http.request.method", "http.response.status_code", "http.route"),
})
