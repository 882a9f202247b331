package telemetry

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Where the collector is if nothing says so. OpenTelemetry for Go would ask for TLS there, which a local collector has not.
const (
	localHTTP = "http://localhost:4318"
	localGRPC = "http://localhost:4317"
)

// defaultSpanQueue is how many spans wait for export at most if OTEL_BSP_MAX_QUEUE_SIZE does not say: some megabytes.
const defaultSpanQueue = 4096

// spanExporter returns what sends spans. It does not connect yet.
func (e export) spanExporter(ctx context.Context) (trace.SpanExporter, error) {
	if e.protocol == overGRPC {
		var options []otlptracegrpc.Option
		if e.unsaid {
			options = append(options, otlptracegrpc.WithEndpointURL(localGRPC))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	var options []otlptracehttp.Option
	if e.unsaid {
		options = append(options, otlptracehttp.WithEndpointURL(localHTTP+"/v1/traces"))
	}
	return otlptracehttp.New(ctx, options...)
}

// metricExporter returns what sends metrics. It does not connect yet.
func (e export) metricExporter(ctx context.Context) (metric.Exporter, error) {
	if e.protocol == overGRPC {
		var options []otlpmetricgrpc.Option
		if e.unsaid {
			options = append(options, otlpmetricgrpc.WithEndpointURL(localGRPC))
		}
		return otlpmetricgrpc.New(ctx, options...)
	}
	var options []otlpmetrichttp.Option
	if e.unsaid {
		options = append(options, otlpmetrichttp.WithEndpointURL(localHTTP+"/v1/metrics"))
	}
	return otlpmetrichttp.New(ctx, options...)
}

// tracing is how spans leave the process: OpenTelemetry's batches behind a bound that counts what it turns away.
type tracing struct {
	trace.SpanProcessor // the batches

	exporter trace.SpanExporter // what sends them

	most    int64
	held    atomic.Int64 // spans that have ended and are not sent yet
	dropped atomic.Int64 // spans that were turned away, or sent in vain
	// halted ends what is being sent when the process has no more time for it.
	halted context.Context
	halt   context.CancelFunc
}

func newTracing(ctx context.Context, e export) (*tracing, error) {
	exporter, err := e.spanExporter(ctx)
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	t := &tracing{exporter: exporter, most: spanQueue(os.Getenv)}
	t.halted, t.halt = context.WithCancel(context.WithoutCancel(ctx))
	// Its own queue is never full, since ours is first.
	t.SpanProcessor = trace.NewBatchSpanProcessor(sender{t}, trace.WithMaxQueueSize(int(t.most)))
	return t, nil
}

// spanQueue is how many spans may wait.
func spanQueue(env environment) int64 {
	if n, err := strconv.ParseInt(strings.TrimSpace(env("OTEL_BSP_MAX_QUEUE_SIZE")), 10, 32); err == nil && n > 0 {
		return n
	}
	return defaultSpanQueue
}

// OnEnd passes an ended span on, or drops it if too many wait. It never blocks.
func (t *tracing) OnEnd(s trace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	if t.held.Add(1) > t.most {
		t.held.Add(-1)
		t.dropped.Add(1)
		return
	}
	t.SpanProcessor.OnEnd(s)
}

// Shutdown sends what waits. When ctx ends it gives up, also what is under way.
func (t *tracing) Shutdown(ctx context.Context) error {
	defer t.halt()
	return t.SpanProcessor.Shutdown(ctx)
}

// sender is the exporter of a tracing, which counts.
type sender struct{ t *tracing }

// ExportSpans sends a batch.
func (s sender) ExportSpans(ctx context.Context, batch []trace.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.t.halted, cancel)() //nolint:contextcheck // it is the end of another
	err := s.t.exporter.ExportSpans(ctx, batch)
	s.t.held.Add(-int64(len(batch)))
	if err != nil {
		s.t.dropped.Add(int64(len(batch)))
	}
	return err
}

// Shutdown ends the exporter.
func (s sender) Shutdown(ctx context.Context) error { return s.t.exporter.Shutdown(ctx) }
