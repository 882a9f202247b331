package source

import (
	"fmt"
	"slices"
	"strconv"
)

// Target is a query of a panel or rule: one to Elasticsearch, or an expression over others.
type Target struct {
	RefID      string    `json:"refId"`
	Datasource Reference `json:"datasource"`
	Hide       bool      `json:"hide,omitempty"`
	Query      string    `json:"query,omitempty"`
	Alias      string    `json:"alias,omitempty"`
	Metrics    []Metric  `json:"metrics,omitempty"`
	BucketAggs []Bucket  `json:"bucketAggs,omitzero"`
	Type       string    `json:"type,omitempty"`
	Expression string    `json:"expression,omitempty"`
}

// Metric is a number a bucket. Its id is digits: Grafana orders by nothing else.
type Metric struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Field    string         `json:"field,omitempty"`
	Settings map[string]any `json:"settings,omitempty"`
}

// Bucket divides documents.
type Bucket struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Field    string         `json:"field,omitempty"`
	Settings map[string]any `json:"settings,omitempty"`
}

// The data sources, as provisioning/datasources names them.
var (
	nginx       = Reference{"elasticsearch", "es-nginx"}
	application = Reference{"elasticsearch", "es-app"}
	heartbeat   = Reference{"elasticsearch", "es-heartbeat"}
	traces      = Reference{"elasticsearch", "es-traces"}
	metrics     = Reference{"elasticsearch", "es-metrics"}
	jobs        = Reference{"elasticsearch", "es-jobs"}
	unusual     = Reference{"elasticsearch", "es-anomalies"}
	expression  = Reference{"__expr__", "__expr__"}
)

// The documents that several panels and rules ask for.
const (
	// people are all requests but those that watch the platform: Heartbeat's, and Docker's and Prometheus' own.
	people = "NOT request.kind:probe AND NOT user_agent.original:Elastic-Heartbeat*"
	// interactive are those that are answered at once, without waits, streams and downloads: what latency is promised for.
	interactive = "request.kind:interactive AND NOT user_agent.original:Elastic-Heartbeat*"
	// checks are one document a check; Heartbeat may write more than one.
	checks = "_exists_:summary"
)

// ask begins a query in Lucene's syntax.
func ask(source Reference, lucene string) Target {
	return Target{RefID: "A", Datasource: source, Query: lucene}
}

// as names the query within its panel.
func (t Target) as(ref string) Target { t.RefID = ref; return t }

// hidden takes part in expressions alone.
func (t Target) hidden() Target { t.Hide = true; return t }

// named says how series are called.
func (t Target) named(alias string) Target { t.Alias = alias; return t }

func (t Target) metric(kind, field string, settings map[string]any) Target {
	id := strconv.Itoa(len(t.Metrics) + 1)
	t.Metrics = append(slices.Clip(t.Metrics), Metric{id, kind, field, settings})
	return t
}

func (t Target) bucket(kind, field string, settings map[string]any) Target {
	id := strconv.Itoa(11 + len(t.BucketAggs))
	t.BucketAggs = append(slices.Clip(t.BucketAggs), Bucket{id, kind, field, settings})
	return t
}

func (t Target) count() Target           { return t.metric("count", "", nil) }
func (t Target) avg(field string) Target { return t.metric("avg", field, nil) }
func (t Target) sum(field string) Target { return t.metric("sum", field, nil) }
func (t Target) max(field string) Target { return t.metric("max", field, nil) }
func (t Target) min(field string) Target { return t.metric("min", field, nil) }

// percentiles asks for some, such as 50, 95 and 99.
func (t Target) percentiles(field string, percents ...string) Target {
	return t.metric("percentiles", field, map[string]any{"percents": percents})
}

// documents lists the newest ones, as a table.
func (t Target) documents(size int) Target {
	t.BucketAggs = []Bucket{} // none, but said so
	return t.metric("raw_data", "", map[string]any{"size": strconv.Itoa(size)})
}

// lines lists the newest ones, as a log.
func (t Target) lines(limit int) Target {
	t.BucketAggs = []Bucket{}
	return t.metric("logs", "", map[string]any{"limit": strconv.Itoa(limit)})
}

// by divides by the values of a field, the most frequent ones. Grafana orders by value if it is not told otherwise.
func (t Target) by(field string, size int) Target { return t.ordered(field, size, "_count", "desc") }

// byValue divides by all values of a field.
func (t Target) byValue(field string) Target { return t.ordered(field, 50, "_key", "asc") }

// ordered divides by the values of a field that come first by something: a metric's id, or with brackets one of its percentiles.
func (t Target) ordered(field string, size int, by, order string) Target {
	return t.bucket("terms", field, map[string]any{"size": strconv.Itoa(size), "order": order, "orderBy": by, "min_doc_count": "1"})
}

// even divides by the values of a field, those included that no document of the query has.
func (t Target) even(field string) Target {
	return t.bucket("terms", field, map[string]any{"size": "50", "order": "asc", "orderBy": "_key", "min_doc_count": "0"})
}

// Filter is one part of a division by queries.
type Filter struct {
	Query string `json:"query"`
	Label string `json:"label"`
}

// split divides by queries.
func (t Target) split(filters ...Filter) Target {
	return t.bucket("filters", "", map[string]any{"filters": filters})
}

// altogether makes one row of the whole time range, by a division that divides nothing: Grafana asks for one.
func (t Target) altogether() Target { return t.split(Filter{"*", "all"}) }

// overTime divides by time, as finely as the panel is wide.
func (t Target) overTime() Target { return t.each("auto") }

// each divides by time, in steps of one length.
func (t Target) each(interval string) Target {
	return t.bucket("date_histogram", "@timestamp", map[string]any{"interval": interval, "min_doc_count": "0"})
}

// compute is an expression over other queries.
func compute(ref, kind, text string) Target {
	return Target{RefID: ref, Datasource: expression, Type: kind, Expression: text}
}

// quotient is what the share of one query in another comes from; both are divided alike.
func quotient(part, whole Target) []Target {
	return []Target{part.as("A").hidden(), whole.as("B").hidden(), compute("C", "math", fmt.Sprintf("$%s / $%s", "A", "B"))}
}
