package grafana_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/grafana"
)

// An hour of 2026, and what is made of it in every search.
var (
	hour   = grafana.Range{From: time.UnixMilli(1_764_000_000_000), To: time.UnixMilli(1_764_003_600_000), Step: 10 * time.Second}
	within = `{"range": {"@timestamp": {"gte": 1764000000000, "lte": 1764003600000, "format": "epoch_millis"}}}`
	bounds = `"format": "epoch_millis", "extended_bounds": {"min": 1764000000000, "max": 1764003600000}`
)

// target reads a target as it stands in a dashboard.
func target(t *testing.T, text string) grafana.Target {
	t.Helper()
	var one grafana.Target
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		t.Fatalf("read target %s: %v", text, err)
	}
	return one
}

// TestSearch compares searches with what the sources of Grafana's data source say that it sends.
func TestSearch(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ target, aggs string }{
		"as finely as the panel is wide": {
			`{"metrics": [{"id": "1", "type": "avg", "field": "up"}], "bucketAggs": [{"id": "11", "type": "date_histogram", "field": "@timestamp", "settings": {"interval": "auto"}}]}`,
			`{"11": {"date_histogram": {"field": "@timestamp", "fixed_interval": "10000ms", "min_doc_count": 0, ` + bounds + `}, "aggs": {"1": {"avg": {"field": "up"}}}}}`,
		},
		"in fixed steps, only where something is": {
			`{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "11", "type": "date_histogram", "settings": {"interval": "5m", "min_doc_count": "1"}}]}`,
			`{"11": {"date_histogram": {"field": "@timestamp", "fixed_interval": "5m", "min_doc_count": 1, ` + bounds + `}}}`,
		},
		"by calendar": {
			`{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "11", "type": "date_histogram", "settings": {"interval": "1w"}}]}`,
			`{"11": {"date_histogram": {"field": "@timestamp", "calendar_interval": "1w", "min_doc_count": 0, ` + bounds + `}}}`,
		},
		"terms, last ones first unless told otherwise": {
			`{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "11", "type": "terms", "field": "route"}]}`,
			`{"11": {"terms": {"field": "route", "size": 500, "order": {"_key": "desc"}}}}`,
		},
		"terms by a metric, which stands there without its settings, and times in them": {
			`{"metrics": [{"id": "1", "type": "percentiles", "field": "s", "settings": {"percents": ["95"]}}], "bucketAggs": [` +
				`{"id": "11", "type": "terms", "field": "span", "settings": {"size": "3", "order": "asc", "orderBy": "1[95.0]", "min_doc_count": "0"}},` +
				`{"id": "12", "type": "date_histogram", "settings": {"interval": "1m"}}]}`,
			`{"11": {"terms": {"field": "span", "size": 3, "min_doc_count": 0, "order": {"1[95.0]": "asc"}}, "aggs": {"1": {"percentiles": {"field": "s"}}, ` +
				`"12": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1m", "min_doc_count": 0, ` + bounds + `}, ` +
				`"aggs": {"1": {"percentiles": {"field": "s", "percents": ["95"]}}}}}}}`,
		},
		"terms by the innermost metric": {
			`{"metrics": [{"id": "1", "type": "percentiles", "field": "s", "settings": {"percents": ["95"]}}], "bucketAggs": [` +
				`{"id": "11", "type": "terms", "field": "span", "settings": {"orderBy": "1[95.0]"}}]}`,
			`{"11": {"terms": {"field": "span", "size": 500, "order": {"1[95.0]": "desc"}}, "aggs": {"1": {"percentiles": {"field": "s", "percents": ["95"]}}}}}`,
		},
		"terms by how many": {
			`{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "11", "type": "terms", "field": "route", "settings": {"orderBy": "1"}}]}`,
			`{"11": {"terms": {"field": "route", "size": 500, "order": {"_count": "desc"}}}}`,
		},
		"filters": {
			`{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "11", "type": "filters", "settings": {"filters": [{"query": "a:1", "label": "one"}, {"query": "b:2"}]}}]}`,
			`{"11": {"filters": {"filters": {"one": {"query_string": {"analyze_wildcard": true, "query": "a:1"}}, "b:2": {"query_string": {"analyze_wildcard": true, "query": "b:2"}}}}}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := grafana.Search(target(t, c.target), hour)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, `{"size": 0, "query": {"bool": {"filter": [`+within+`]}}, "aggs": `+c.aggs+`}`)
		})
	}
}

// Lists of documents are the newest first, of a bounded number; a log has marks, and how many there were over time, besides.
func TestSearchOfDocuments(t *testing.T) {
	t.Parallel()
	query := `{"query_string": {"analyze_wildcard": true, "query": "level:error"}}`
	common := `"query": {"bool": {"filter": [` + within + `, ` + query + `]}}, "script_fields": {}, "docvalue_fields": ["@timestamp"],
		"sort": [{"@timestamp": {"order": "desc", "unmapped_type": "boolean"}}, {"_doc": {"order": "desc"}}],
		"fields": [{"field": "@timestamp", "format": "strict_date_optional_time_nanos"}]`
	got, err := grafana.Search(target(t, `{"query": "level:error", "metrics": [{"id": "1", "type": "raw_data", "settings": {"size": "7"}}]}`), hour)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `{"size": 7, `+common+`}`)
	got, err = grafana.Search(target(t, `{"query": "level:error", "metrics": [{"id": "1", "type": "logs"}]}`), hour)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `{"size": 500, `+common+`, "highlight": {"fields": {"*": {}}, "fragment_size": 2147483647, "pre_tags": ["@HIGHLIGHT@"], "post_tags": ["@/HIGHLIGHT@"]},
		"aggs": {"1": {"date_histogram": {"field": "@timestamp", "fixed_interval": "10000ms", "min_doc_count": 0, `+bounds+`}}}}`)
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no metric":     `{"bucketAggs": [{"id": "11", "type": "terms", "field": "a"}]}`,
		"no division":   `{"metrics": [{"id": "1", "type": "avg", "field": "a"}]}`,
		"unknown parts": `{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "11", "type": "geohash_grid", "field": "a"}]}`,
	} {
		if got, err := grafana.Search(target(t, text), hour); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	got := grafana.Target{Query: "service.name:$service AND a:${a} AND b:$b"}.Choose(map[string]string{"service": "*", "a": "1"}).Query
	if want := "service.name:* AND a:1 AND b:$b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Steps are what Grafana rounds to, and never finer than the panel or the data source says.
func TestStep(t *testing.T) {
	t.Parallel()
	from := hour.From
	for _, c := range []struct {
		long, least, want time.Duration
	}{
		{time.Hour, time.Millisecond, 5 * time.Second},
		{time.Hour, 10 * time.Second, 10 * time.Second},
		{6 * time.Hour, 10 * time.Second, 20 * time.Second},
		{7 * 24 * time.Hour, 10 * time.Second, 10 * time.Minute},
	} {
		if got := grafana.Step(from, from.Add(c.long), 1000, c.least); got != c.want {
			t.Errorf("%v at least %v: got %v, want %v", c.long, c.least, got, c.want)
		}
	}
}

// same compares as JSON.
func same(t *testing.T, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("%v: %s", err, want)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("got other than want (-want +got):\n%s", diff)
	}
}
