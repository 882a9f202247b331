package telemetrytest

import (
	"encoding/hex"
	"strings"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Span is one span as it was exported. Ids are lower-case hexadecimal.
type Span struct {
	TraceID, SpanID string
	ParentID        string // "" if it is a root
	RemoteParent    bool   // the parent is of another process
	Name            string
	Kind            string // internal, server, client, producer or consumer
	Start, End      time.Time
	Attributes      map[string]any // string, bool, int64, float64, or []any of them
	Links           []Link
	Events          []Event
	Status          string // unset, ok or error
	StatusMessage   string
	Scope           string         // the name of the tracer
	Resource        map[string]any // of the process, such as service.name
}

// Link is another span that a span belongs with.
type Link struct {
	TraceID, SpanID string
	Attributes      map[string]any
}

// Event is a moment in a span.
type Event struct {
	Name       string
	At         time.Time
	Attributes map[string]any
}

// Service is the service.name of the process that exported the span.
func (s Span) Service() string { return text(s.Resource["service.name"]) }

// Text is an attribute if it is a string, else "".
func (s Span) Text(key string) string { return text(s.Attributes[key]) }

// Point is one value of a metric: for one set of attributes, in one export.
type Point struct {
	Name, Unit  string
	Type        string // gauge, sum, histogram, exponential_histogram or summary
	Temporality string // delta or cumulative; "" where there is none
	Monotonic   bool   // of sums
	Start, At   time.Time
	Attributes  map[string]any
	Value       float64 // of gauges and sums
	// Count, Sum, Bounds and Buckets are of histograms: Buckets has one more than Bounds.
	Count     uint64
	Sum       float64
	Bounds    []float64
	Buckets   []uint64
	Exemplars []Exemplar
	Scope     string         // the name of the meter
	Resource  map[string]any // of the process
}

// Exemplar is one measurement with the span that it was made in.
type Exemplar struct {
	TraceID, SpanID string
	Value           float64
	Attributes      map[string]any // those that the metric does not keep
}

// Service is the service.name of the process that exported the point.
func (p Point) Service() string { return text(p.Resource["service.name"]) }

// Text is an attribute if it is a string, else "".
func (p Point) Text(key string) string { return text(p.Attributes[key]) }

func text(v any) string {
	s, _ := v.(string)
	return s
}

func spansOf(resources []*traces.ResourceSpans) []Span {
	var all []Span
	for _, r := range resources {
		who := attributes(r.GetResource().GetAttributes())
		for _, scope := range r.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				one := spanOf(s)
				one.Scope, one.Resource = scope.GetScope().GetName(), who
				all = append(all, one)
			}
		}
	}
	return all
}

func spanOf(s *traces.Span) Span {
	one := Span{
		TraceID: hex.EncodeToString(s.GetTraceId()), SpanID: hex.EncodeToString(s.GetSpanId()), ParentID: hex.EncodeToString(s.GetParentSpanId()),
		RemoteParent: s.GetFlags()&uint32(traces.SpanFlags_SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK) != 0,
		Name:         s.GetName(), Kind: enum(s.GetKind().String(), "SPAN_KIND_"),
		Start: moment(s.GetStartTimeUnixNano()), End: moment(s.GetEndTimeUnixNano()), Attributes: attributes(s.GetAttributes()),
		Status: enum(s.GetStatus().GetCode().String(), "STATUS_CODE_"), StatusMessage: s.GetStatus().GetMessage(),
	}
	for _, l := range s.GetLinks() {
		one.Links = append(one.Links, Link{hex.EncodeToString(l.GetTraceId()), hex.EncodeToString(l.GetSpanId()), attributes(l.GetAttributes())})
	}
	for _, e := range s.GetEvents() {
		one.Events = append(one.Events, Event{e.GetName(), moment(e.GetTimeUnixNano()), attributes(e.GetAttributes())})
	}
	return one
}

func pointsOf(resources []*metrics.ResourceMetrics) []Point {
	var all []Point
	for _, r := range resources {
		who := attributes(r.GetResource().GetAttributes())
		for _, scope := range r.GetScopeMetrics() {
			for _, m := range scope.GetMetrics() {
				for _, p := range metricOf(m) {
					p.Name, p.Unit, p.Scope, p.Resource = m.GetName(), m.GetUnit(), scope.GetScope().GetName(), who
					all = append(all, p)
				}
			}
		}
	}
	return all
}

func metricOf(m *metrics.Metric) (points []Point) {
	switch data := m.GetData().(type) {
	case *metrics.Metric_Gauge:
		for _, p := range data.Gauge.GetDataPoints() {
			points = append(points, numberOf(p, Point{Type: "gauge"}))
		}
	case *metrics.Metric_Sum:
		as := Point{Type: "sum", Temporality: temporality(data.Sum.GetAggregationTemporality()), Monotonic: data.Sum.GetIsMonotonic()}
		for _, p := range data.Sum.GetDataPoints() {
			points = append(points, numberOf(p, as))
		}
	case *metrics.Metric_Histogram:
		for _, p := range data.Histogram.GetDataPoints() {
			points = append(points, Point{
				Type: "histogram", Temporality: temporality(data.Histogram.GetAggregationTemporality()),
				Start: moment(p.GetStartTimeUnixNano()), At: moment(p.GetTimeUnixNano()), Attributes: attributes(p.GetAttributes()),
				Count: p.GetCount(), Sum: p.GetSum(), Bounds: p.GetExplicitBounds(), Buckets: p.GetBucketCounts(), Exemplars: exemplars(p.GetExemplars()),
			})
		}
	case *metrics.Metric_ExponentialHistogram:
		for _, p := range data.ExponentialHistogram.GetDataPoints() {
			points = append(points, Point{
				Type: "exponential_histogram", Temporality: temporality(data.ExponentialHistogram.GetAggregationTemporality()),
				Start: moment(p.GetStartTimeUnixNano()), At: moment(p.GetTimeUnixNano()), Attributes: attributes(p.GetAttributes()),
				Count: p.GetCount(), Sum: p.GetSum(), Exemplars: exemplars(p.GetExemplars()),
			})
		}
	case *metrics.Metric_Summary:
		for _, p := range data.Summary.GetDataPoints() {
			points = append(points, Point{
				Type: "summary", Start: moment(p.GetStartTimeUnixNano()), At: moment(p.GetTimeUnixNano()), Attributes: attributes(p.GetAttributes()),
				Count: p.GetCount(), Sum: p.GetSum(),
			})
		}
	}
	return points
}

func numberOf(p *metrics.NumberDataPoint, as Point) Point {
	as.Start, as.At, as.Attributes = moment(p.GetStartTimeUnixNano()), moment(p.GetTimeUnixNano()), attributes(p.GetAttributes())
	as.Exemplars = exemplars(p.GetExemplars())
	switch v := p.GetValue().(type) {
	case *metrics.NumberDataPoint_AsDouble:
		as.Value = v.AsDouble
	case *metrics.NumberDataPoint_AsInt:
		as.Value = float64(v.AsInt)
	}
	return as
}

func exemplars(from []*metrics.Exemplar) (all []Exemplar) {
	for _, e := range from {
		one := Exemplar{
			TraceID: hex.EncodeToString(e.GetTraceId()), SpanID: hex.EncodeToString(e.GetSpanId()),
			Attributes: attributes(e.GetFilteredAttributes()), Value: e.GetAsDouble(),
		}
		if v, ok := e.GetValue().(*metrics.Exemplar_AsInt); ok {
			one.Value = float64(v.AsInt)
		}
		all = append(all, one)
	}
	return all
}

func attributes(from []*common.KeyValue) map[string]any {
	all := make(map[string]any, len(from))
	for _, a := range from {
		all[a.GetKey()] = value(a.GetValue())
	}
	return all
}

func value(v *common.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_BoolValue:
		return v.BoolValue
	case *common.AnyValue_IntValue:
		return v.IntValue
	case *common.AnyValue_DoubleValue:
		return v.DoubleValue
	case *common.AnyValue_BytesValue:
		return v.BytesValue
	case *common.AnyValue_KvlistValue:
		return attributes(v.KvlistValue.GetValues())
	case *common.AnyValue_ArrayValue:
		var all []any
		for _, one := range v.ArrayValue.GetValues() {
			all = append(all, value(one))
		}
		return all
	}
	return nil
}

func temporality(t metrics.AggregationTemporality) string {
	return enum(t.String(), "AGGREGATION_TEMPORALITY_")
}

// enum is the name of a value of an enumeration of protobuf as people write it.
func enum(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }

func moment(nanos uint64) time.Time { return time.Unix(0, int64(nanos)).UTC() }
