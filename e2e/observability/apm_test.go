package observability_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"numbermill/shared/elastictest"
	"numbermill/shared/telemetry/telemetrytest"
)

// shipAPM writes what APM Server would have made of the OTLP that was sent.
func (w *world) shipAPM(t *testing.T, es *elastictest.Node, p *platform) {
	t.Helper()
	for _, s := range p.sink.Spans() {
		w.spans = append(w.spans, spanDocument(s))
	}
	bulk(es, tracesStream, anys(w.spans))
	streams := map[string][]any{}
	for _, d := range metricDocuments(p.sink.Metrics()) {
		w.metrics = append(w.metrics, d.document)
		streams[d.stream] = append(streams[d.stream], d.document)
	}
	for _, stream := range slices.Sorted(maps.Keys(streams)) {
		bulk(es, stream, streams[stream])
	}
}

// spanDocument is a span as APM Server writes it: a transaction if it is a root or of kind server or consumer, else a span.
func spanDocument(s telemetrytest.Span) map[string]any {
	d := common(s.Resource, s.Start)
	labels(d, s.Attributes, "http.request.method", "http.response.status_code", "url.path", "url.scheme", "url.query")
	d["trace"] = map[string]any{"id": s.TraceID}
	if s.ParentID != "" {
		d["parent"] = map[string]any{"id": s.ParentID}
	}
	d["event"] = map[string]any{"outcome": outcome(s)}
	duration := map[string]any{"us": s.End.Sub(s.Start).Microseconds()}
	span := map[string]any{"id": s.SpanID}
	if len(s.Links) > 0 {
		var links []any
		for _, l := range s.Links {
			links = append(links, map[string]any{"trace": map[string]any{"id": l.TraceID}, "span": map[string]any{"id": l.SpanID}})
		}
		span["links"] = links
	}
	if method := s.Text("http.request.method"); method != "" {
		d["http"] = map[string]any{"request": map[string]any{"method": method}}
		if status, ok := s.Attributes["http.response.status_code"].(int64); ok {
			d["http"] = map[string]any{"request": map[string]any{"method": method}, "response": map[string]any{"status_code": status}}
		}
	}
	if s.ParentID == "" || s.Kind == "server" || s.Kind == "consumer" {
		d["processor"] = map[string]any{"event": "transaction"}
		d["transaction"] = map[string]any{
			"id": s.SpanID, "name": s.Name, "type": transactionType(s), "result": result(s), "sampled": true, "duration": duration,
		}
		d["span"] = span
		return d
	}
	d["processor"] = map[string]any{"event": "span"}
	span["name"], span["duration"], span["kind"] = s.Name, duration, strings.ToUpper(s.Kind)
	span["type"], span["subtype"] = spanType(s)
	d["span"] = span
	return d
}

// common is what every document has.
func common(resource map[string]any, at time.Time) map[string]any {
	service := map[string]any{"name": text(resource["service.name"]), "version": text(resource["service.version"])}
	if node := text(resource["service.instance.id"]); node != "" {
		service["node"] = map[string]any{"name": node}
	}
	return map[string]any{
		"@timestamp": stamp(at), "timestamp": map[string]any{"us": at.UnixMicro()}, "service": service,
		"agent": map[string]any{"name": "opentelemetry/go"},
	}
}

// labels adds attributes under labels, and numbers under numeric_labels, but those that have fields of their own.
func labels(d, attributes map[string]any, but ...string) {
	words, numbers := map[string]any{}, map[string]any{}
	dots := strings.NewReplacer(".", "_", "*", "_", `"`, "_")
	for key, value := range attributes {
		if slices.Contains(but, key) {
			continue
		}
		key = dots.Replace(key)
		switch v := value.(type) {
		case string:
			words[key] = v
		case bool:
			words[key] = strconv.FormatBool(v)
		case int64:
			numbers[key] = float64(v)
		case float64:
			numbers[key] = v
		case []any:
			words[key] = v
		}
	}
	if len(words) > 0 {
		d["labels"] = words
	}
	if len(numbers) > 0 {
		d["numeric_labels"] = numbers
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// outcome is by the status, else by the code of HTTP, else success.
func outcome(s telemetrytest.Span) string {
	code, hasCode := s.Attributes["http.response.status_code"].(int64)
	switch {
	case s.Status == "ok":
		return "success"
	case s.Status == "error":
		return "failure"
	case hasCode && (s.Kind == "server" && code >= 500 || s.Kind != "server" && code >= 400):
		return "failure"
	}
	return "success"
}

func transactionType(s telemetrytest.Span) string {
	for key := range s.Attributes {
		if strings.HasPrefix(key, "messaging.") {
			return "messaging"
		}
	}
	if s.Kind == "consumer" {
		return "messaging"
	}
	if s.Text("http.request.method") != "" {
		return "request"
	}
	return "unknown"
}

// result is the class of the code of HTTP, else whether it went well.
func result(s telemetrytest.Span) string {
	if code, ok := s.Attributes["http.response.status_code"].(int64); ok {
		return fmt.Sprintf("HTTP %dxx", code/100)
	}
	if s.Status == "error" {
		return "Error"
	}
	return "Success"
}

func spanType(s telemetrytest.Span) (kind, subtype string) {
	for _, key := range []string{"db.system", "db.system.name"} {
		if system := s.Text(key); system != "" {
			return "db", system
		}
	}
	switch s.Kind {
	case "client":
		return "external", "http"
	case "producer":
		return "messaging", s.Text("messaging.system")
	}
	return "app", "internal"
}

// streamed is a document with where it goes.
type streamed struct {
	stream   string
	document map[string]any
}

// metricDocuments are the points of metrics as APM Server writes them: one document for all metrics of a process that have the same time and the
// same attributes. Exponential histograms are dropped, as there.
func metricDocuments(points []telemetrytest.Point) []streamed {
	found := map[string]*streamed{}
	var order []string
	for _, p := range points {
		if p.Type == "exponential_histogram" || p.Type == "summary" {
			continue
		}
		key := fmt.Sprintf("%d %s %v %s", p.At.UnixNano(), p.Service(), p.Resource["service.instance.id"], attributeKey(p.Attributes))
		d := found[key]
		if d == nil {
			d = &streamed{"metrics-apm.app." + strings.ReplaceAll(p.Service(), "-", "_") + "-default", common(p.Resource, p.At)}
			d.document["processor"] = map[string]any{"event": "metric"}
			d.document["metricset"] = map[string]any{"name": "app"}
			labels(d.document, p.Attributes)
			found[key], order = d, append(order, key)
		}
		if p.Type == "histogram" {
			if seen := observations(p); len(seen) > 0 {
				d.document[p.Name] = seen
			}
			continue
		}
		d.document[p.Name] = p.Value
	}
	all := make([]streamed, len(order))
	for i, key := range order {
		all[i] = *found[key]
	}
	return all
}

func attributeKey(attributes map[string]any) string {
	var b strings.Builder
	for _, key := range slices.SortedFunc(maps.Keys(attributes), cmp.Compare[string]) {
		fmt.Fprintf(&b, "%s=%v ", key, attributes[key])
	}
	return b.String()
}

// observations are what is left of a histogram: the middle of its bucket for each observation. APM Server writes the middles and how often each
// was seen, as a field of type histogram, which the Elasticsearch of the tests does not have: there the middles are repeated.
func observations(p telemetrytest.Point) []float64 {
	var all []float64
	for i, count := range p.Buckets {
		for range count {
			all = append(all, middle(p.Bounds, i))
		}
	}
	return all
}

// middle is what stands for bucket i: half of the first bound below it, the last bound above all, else halfway.
func middle(bounds []float64, i int) float64 {
	switch {
	case len(bounds) == 0:
		return 0
	case i == 0 && bounds[0] > 0:
		return bounds[0] / 2
	case i == 0:
		return bounds[0]
	case i == len(bounds):
		return bounds[i-1]
	}
	return bounds[i-1] + (bounds[i]-bounds[i-1])/2
}
