// Package telemetry sets up what a process tells about itself: traces and metrics over OpenTelemetry, and logs over log/slog
// that carry the ids of the trace, the span and the job they belong to.
//
// Traces and metrics are exported over OTLP where OpenTelemetry's standard variables ask for it, by OTEL_EXPORTER_OTLP_ENDPOINT above all,
// and else not at all. Spans are made all the same, so that their ids join the log lines of one request across processes. Nothing here
// blocks or fails what is told about: what finds no place in a queue is dropped and counted.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// Config says who the process is and how it logs.
type Config struct {
	Service string // such as "numbermill-worker"; OTEL_SERVICE_NAME overrides it
	Version string // of the binary
	Log     Log
	// Metrics gets what the process measures; nil if nobody reads it.
	Metrics prometheus.Registerer
}

// Start makes the global tracer, meter, propagator (W3C trace context and baggage) and the default logger from cfg and the environment. What
// the environment says wrongly is a *config.Error. The caller runs stop once, last of all: it hands over what is still held back, and
// gives up when its context ends.
func Start(ctx context.Context, cfg Config) (stop func(context.Context) error, err error) {
	spans, points, err := readExports(os.Getenv)
	if err != nil {
		return nil, err
	}
	who, err := describe(ctx, cfg)
	if err != nil {
		return nil, err
	}
	meters, err := measure(ctx, who, cfg.Metrics, points)
	if err != nil {
		return nil, err
	}
	log, err := logging(cfg.Log, identity(who))
	if err != nil {
		return nil, errors.Join(err, meters.Shutdown(ctx))
	}
	trouble := &problems{logger: log.all}
	otel.SetErrorHandler(trouble)
	otel.SetLogger(inner(log.all))
	tracers, lost, err := tracersFor(ctx, who, spans)
	if err != nil {
		return nil, errors.Join(err, meters.Shutdown(ctx), log.close(ctx))
	}
	if err := countLosses(meters, log.dropped, lost); err != nil {
		return nil, errors.Join(err, tracers.Shutdown(ctx), meters.Shutdown(ctx), log.close(ctx))
	}
	otel.SetTracerProvider(tracers)
	otel.SetMeterProvider(meters)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	slog.SetDefault(log.all)
	return func(ctx context.Context) error {
		// Side by side, so that a collector that hangs takes the time of one; and it leaves some for the log.
		handing, cancel := most(ctx)
		defer cancel()
		return errors.Join(errors.Join(atOnce(handing, tracers.Shutdown, meters.Shutdown)...), log.close(ctx))
	}, nil
}

// tracersFor makes what all spans of the process come from, and what tells how many were lost. Without an export they are ids and no more.
func tracersFor(ctx context.Context, who *resource.Resource, e export) (*sdk.TracerProvider, func() int64, error) {
	if !e.on {
		return sdk.NewTracerProvider(sdk.WithResource(who), sdk.WithSampler(sdk.NeverSample())), func() int64 { return 0 }, nil
	}
	t, err := newTracing(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	options := append(samplerFor(os.Getenv), sdk.WithResource(who), sdk.WithSpanProcessor(t))
	return sdk.NewTracerProvider(options...), t.dropped.Load, nil
}

// most is three quarters of the time that ctx has.
func most(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)*3/4)
}

// atOnce does several things side by side and waits for them until ctx ends.
func atOnce(ctx context.Context, things ...func(context.Context) error) []error {
	done := make(chan error, len(things))
	for _, do := range things {
		go func() { done <- do(ctx) }()
	}
	var errs []error
	for range things {
		select {
		case err := <-done:
			errs = append(errs, err)
		case <-ctx.Done():
			return append(errs, fmt.Errorf("hand telemetry over: %w", ctx.Err()))
		}
	}
	return errs
}
