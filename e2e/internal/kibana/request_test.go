package kibana_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/kibana"
)

const export = `
{"type":"index-pattern","id":"app","attributes":{"title":"logs-*","timeFieldName":"@timestamp"},"references":[]}
{"type":"visualization","id":"v","attributes":{"title":"V","visState":"{\"type\":\"vega\",\"params\":{\"spec\":\"{\\\"data\\\":{\\\"url\\\":` +
	`{\\\"index\\\":\\\"logs-*\\\",\\\"%context%\\\":true,\\\"%timefield%\\\":\\\"@timestamp\\\",\\\"body\\\":{\\\"size\\\":0,\\\"aggs\\\":{\\\"t\\\":` +
	`{\\\"date_histogram\\\":{\\\"field\\\":\\\"@timestamp\\\",\\\"interval\\\":{\\\"%autointerval%\\\":true},\\\"extended_bounds\\\":` +
	`{\\\"min\\\":{\\\"%timefilter%\\\":\\\"min\\\"},\\\"max\\\":{\\\"%timefilter%\\\":\\\"max\\\"}}}}}}}}}\"}}"},"references":[]}
{"type":"search","id":"s","attributes":{"title":"S","columns":["a"],"kibanaSavedObjectMeta":{"searchSourceJSON":` +
	`"{\"query\":{\"query\":\"level:error\",\"language\":\"lucene\"},\"filter\":[],\"indexRefName\":\"r\"}"}},"references":[{"type":"index-pattern","id":"app","name":"r"}]}`

func times() kibana.Times {
	from := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	return kibana.Times{From: from, To: from.Add(time.Hour)}
}

func read(t *testing.T) kibana.Export {
	t.Helper()
	e, err := kibana.Read([]byte(export[1:]))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A picture is asked over the time of its dashboard, in as many steps as Kibana takes, under the dashboard's query.
func TestPictureRequest(t *testing.T) {
	t.Parallel()
	got, err := read(t).Pictures[0].Request(times(), kibana.Phrase("trace.id", "x"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, got, `{
		"size": 0,
		"query": {"bool": {
			"must": [{"range": {"@timestamp": {
				"gte": "2026-01-02T03:04:05.006Z", "lte": "2026-01-02T04:04:05.006Z", "format": "strict_date_optional_time"}}}],
			"filter": [{"bool": {"should": [{"match_phrase": {"trace.id": "x"}}], "minimum_should_match": 1}}], "should": [], "must_not": []}},
		"aggs": {"t": {"date_histogram": {
			"field": "@timestamp", "calendar_interval": "1m", "extended_bounds": {"min": 1767323045006, "max": 1767326645006}}}}
	}`)
}

// A saved search is asked with its own query, in Lucene, over the time.
func TestSearchRequest(t *testing.T) {
	t.Parallel()
	s := read(t).Searches[0]
	if s.Index != "logs-*" {
		t.Errorf("asks %s, want the pattern of its data view", s.Index)
	}
	diff(t, s.Request(times(), 10), `{
		"size": 10, "track_total_hits": true,
		"query": {"bool": {
			"must": [
				{"query_string": {"query": "level:error", "analyze_wildcard": true, "time_zone": "UTC"}},
				{"range": {"@timestamp": {
					"gte": "2026-01-02T03:04:05.006Z", "lte": "2026-01-02T04:04:05.006Z", "format": "strict_date_optional_time"}}}],
			"filter": [], "should": [], "must_not": []}},
		"sort": [{"@timestamp": {"order": "desc"}}]
	}`)
}

func TestRound(t *testing.T) {
	t.Parallel()
	for about, want := range map[time.Duration]string{
		time.Second: "1s", 6 * time.Second: "5s", 18 * time.Second: "30s", 72 * time.Second: "1m", 30 * time.Minute: "30m", 3 * time.Hour: "3h",
		5 * 24 * time.Hour: "24h", 400 * 24 * time.Hour: "1y",
	} {
		if got := kibana.Round(about); got != want {
			t.Errorf("Round(%v) = %s, want %s", about, got, want)
		}
	}
}

func diff(t *testing.T, got any, want string) {
	t.Helper()
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("the request differs (-want +got):\n%s", d)
	}
}
