package grafana_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/grafana"
)

// frames reads an answer as the target of a dashboard does.
func frames(t *testing.T, targetText, answerText string) []grafana.Frame {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal([]byte(answerText), &answer); err != nil {
		t.Fatalf("read answer %s: %v", answerText, err)
	}
	got, err := grafana.Frames(target(t, targetText), answer)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func at(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

// Terms, then times: a series a term and number, called as the alias says; a bucket of nothing has no number.
func TestFramesOfSeries(t *testing.T) {
	t.Parallel()
	got := frames(t, `{"alias": "{{term route}}: {{metric}} of {{field}}",
		"metrics": [{"id": "1", "type": "percentiles", "field": "s", "settings": {"percents": ["50", "95"]}}],
		"bucketAggs": [{"id": "11", "type": "terms", "field": "route"}, {"id": "12", "type": "date_histogram"}]}`,
		`{"aggregations": {"11": {"buckets": [{"key": "/a", "12": {"buckets": [
			{"key": 1000, "doc_count": 2, "1": {"values": {"50.0": 1.5, "95.0": 2}}}, {"key": 2000, "doc_count": 0, "1": {"values": {"50.0": null, "95.0": null}}}]}}]}}}`)
	times := []any{at(1000), at(2000)}
	want := []grafana.Frame{
		{Name: "/a: p50.0 of s", Labels: map[string]string{"route": "/a"}, Columns: []grafana.Column{{Name: "Time", Values: times}, {Name: "Value", Values: []any{1.5, nil}}}},
		{Name: "/a: p95.0 of s", Labels: map[string]string{"route": "/a"}, Columns: []grafana.Column{{Name: "Time", Values: times}, {Name: "Value", Values: []any{2.0, nil}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("got other than want (-want +got):\n%s", diff)
	}
}

// Without an alias a series is called by what it was divided by, and by its metric if there is more than one or nothing else.
func TestFramesCallSeries(t *testing.T) {
	t.Parallel()
	answer := `{"aggregations": {"11": {"buckets": {"all": {"12": {"buckets": [{"key": 1000, "doc_count": 3, "2": {"value": 7}}]}}}}}}`
	names := func(metrics string) []string {
		var all []string
		for _, frame := range frames(t, `{"metrics": [`+metrics+`], "bucketAggs": [{"id": "11", "type": "filters"}, {"id": "12", "type": "date_histogram"}]}`, answer) {
			all = append(all, frame.Name)
		}
		return all
	}
	count, sum := `{"id": "1", "type": "count"}`, `{"id": "2", "type": "sum", "field": "n"}`
	if diff := cmp.Diff([]string{"all"}, names(count)); diff != "" {
		t.Errorf("one metric (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"all Count", "all Sum n"}, names(count+","+sum)); diff != "" {
		t.Errorf("two metrics (-want +got):\n%s", diff)
	}
	hidden := `{"id": "2", "type": "sum", "field": "n", "hide": true}`
	if diff := cmp.Diff([]string{"all"}, names(count+","+hidden)); diff != "" {
		t.Errorf("one hidden metric (-want +got):\n%s", diff)
	}
	alone := frames(t, `{"metrics": [`+sum+`], "bucketAggs": [{"id": "12", "type": "date_histogram"}]}`, `{"aggregations": {"12": {"buckets": []}}}`)
	if len(alone) != 1 || alone[0].Name != "Sum n" || alone[0].Rows() != 0 {
		t.Errorf("no bucket: got %v, want an empty series", alone)
	}
}

// Terms in terms: rows of a table, with a column for each number.
func TestFramesOfTables(t *testing.T) {
	t.Parallel()
	got := frames(t, `{"metrics": [{"id": "1", "type": "count"}, {"id": "2", "type": "sum", "field": "a"}, {"id": "3", "type": "sum", "field": "b"}, {"id": "4", "type": "max", "field": "c"}],
		"bucketAggs": [{"id": "11", "type": "terms", "field": "route"}, {"id": "12", "type": "terms", "field": "status"}]}`,
		`{"aggregations": {"11": {"buckets": [
			{"key": "/a", "12": {"buckets": [{"key": 200, "doc_count": 2, "2": {"value": 1}, "3": {"value": 2}, "4": {"value": 3}}, {"key": 500, "doc_count": 1, "2": {"value": 4}, "3": {"value": 5}, "4": {"value": null}}]}},
			{"key": "/b", "12": {"buckets": [{"key": 200, "doc_count": 9, "2": {"value": 6}, "3": {"value": 7}, "4": {"value": 8}}]}}]}}}`)
	want := []grafana.Frame{{Columns: []grafana.Column{
		{Name: "route", Values: []any{"/a", "/a", "/b"}},
		{Name: "status", Values: []any{200.0, 500.0, 200.0}},
		{Name: "Count", Values: []any{2.0, 1.0, 9.0}},
		{Name: "Sum a", Values: []any{1.0, 4.0, 6.0}},
		{Name: "Sum b", Values: []any{2.0, 5.0, 7.0}},
		{Name: "Max", Values: []any{3.0, nil, 8.0}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("got other than want (-want +got):\n%s", diff)
	}
}

// Documents: all their fields by dotted names, the time first.
func TestFramesOfDocuments(t *testing.T) {
	t.Parallel()
	got := frames(t, `{"metrics": [{"id": "1", "type": "raw_data"}]}`, `{"hits": {"hits": [
		{"_id": "x", "_index": "i", "_source": {"@timestamp": "2026-01-02T03:04:05Z", "log": {"level": "error"}, "n": 1}, "fields": {"@timestamp": ["2026-01-02T03:04:05.000Z"]}},
		{"_id": "y", "_index": "i", "_source": {"trace.id": "t"}, "fields": {"@timestamp": ["2026-01-02T03:04:04.000Z"]}}]}}`)
	want := []grafana.Frame{{Columns: []grafana.Column{
		{Name: "@timestamp", Values: []any{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, 1, 2, 3, 4, 4, 0, time.UTC)}},
		{Name: "_id", Values: []any{"x", "y"}},
		{Name: "_index", Values: []any{"i", "i"}},
		{Name: "log.level", Values: []any{"error", nil}},
		{Name: "n", Values: []any{1.0, nil}},
		{Name: "trace.id", Values: []any{nil, "t"}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("got other than want (-want +got):\n%s", diff)
	}
}

// Where there is no index there is no frame: for an alert that is no data.
func TestFramesOfNothing(t *testing.T) {
	t.Parallel()
	got := frames(t, `{"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [{"id": "12", "type": "date_histogram"}]}`, `{"hits": {"hits": []}}`)
	if len(got) != 0 {
		t.Errorf("got %v, want no frame", got)
	}
}
