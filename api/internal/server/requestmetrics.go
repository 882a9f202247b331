package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
)

// requestMetrics measure requests as the semantic conventions of OpenTelemetry for HTTP servers want it. All that they count by has few values, so
// that each combination is put together once.
type requestMetrics struct {
	duration          metric.Float64Histogram
	received, written metric.Int64Histogram
	options           sync.Map // of requestLabels to metric.MeasurementOption
}

// requestLabels are what requests are counted by.
type requestLabels struct {
	method, route string
	status        int
}

func newRequestMetrics(meters metric.MeterProvider) *requestMetrics {
	meter := meters.Meter(scope)
	duration, err := httpconv.NewServerRequestDuration(meter)
	if err != nil {
		otel.Handle(err) // it measures nothing then
	}
	received, err := httpconv.NewServerRequestBodySize(meter)
	if err != nil {
		otel.Handle(err)
	}
	written, err := httpconv.NewServerResponseBodySize(meter)
	if err != nil {
		otel.Handle(err)
	}
	return &requestMetrics{duration: duration.Inst(), received: received.Inst(), written: written.Inst()}
}

// add measures a request that was answered, in the context of its span.
func (m *requestMetrics) add(ctx context.Context, of requestLabels, received, written int64, took time.Duration) {
	with := m.option(of)
	m.received.Record(ctx, received, with)
	m.written.Record(ctx, written, with)
	m.duration.Record(ctx, took.Seconds(), with)
}

func (m *requestMetrics) option(of requestLabels) metric.MeasurementOption {
	of.method = standardMethod(of.method)
	if known, ok := m.options.Load(of); ok {
		if with, ok := known.(metric.MeasurementOption); ok { // it holds nothing else
			return with
		}
	}
	labels := []attribute.KeyValue{
		attribute.String("http.request.method", of.method), attribute.Int("http.response.status_code", of.status),
	}
	if strings.HasPrefix(of.route, "/") { // else it stands for several, or for none
		labels = append(labels, attribute.String("http.route", of.route))
	}
	made := metric.WithAttributeSet(attribute.NewSet(labels...))
	m.options.Store(of, made)
	return made
}

// standardMethod stands one word for all methods that a client has made up.
func standardMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
		http.MethodConnect, http.MethodTrace:
		return method
	}
	return "_OTHER"
}
