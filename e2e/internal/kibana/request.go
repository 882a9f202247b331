package kibana

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Times is what stands in the time picker, both ends included.
type Times struct{ From, To time.Time }

// Query is a condition of a dashboard, in the query language of Elasticsearch.
type Query map[string]any

// Phrase is what Kibana makes of `field : "value"` in its own language.
func Phrase(field, value string) Query {
	return Query{"bool": map[string]any{
		"should": []any{map[string]any{"match_phrase": map[string]any{field: value}}}, "minimum_should_match": 1,
	}}
}

// lucene is what Kibana makes of a query in the language lucene.
func lucene(query string) []any {
	if query == "" {
		return []any{}
	}
	return []any{map[string]any{"query_string": map[string]any{"query": query, "analyze_wildcard": true, "time_zone": "UTC"}}}
}

// Request is the body of the search that Kibana would send for the picture on a dashboard.
func (p Picture) Request(times Times, dashboard ...Query) (map[string]any, error) {
	body, err := clone(p.Body)
	if err != nil {
		return nil, err
	}
	body["query"] = within(p.TimeField, times, nil, dashboard)
	resolved, err := inject(body["aggs"], "", times)
	if err != nil {
		return nil, fmt.Errorf("resolve the query of %s: %w", p.ID, err)
	}
	body["aggs"] = resolved
	return body, nil
}

// Request is the body of the search that Kibana would send for the newest documents of the saved search, at most size of them.
func (s Search) Request(times Times, size int, dashboard ...Query) map[string]any {
	return map[string]any{
		"size": size, "track_total_hits": true, "query": within(s.TimeField, times, lucene(s.Query), dashboard),
		"sort": []any{map[string]any{s.TimeField: map[string]any{"order": "desc"}}},
	}
}

// within is a search's conditions: its own, the time's and the dashboard's.
func within(field string, times Times, must []any, dashboard []Query) map[string]any {
	filter := []any{}
	for _, q := range dashboard {
		filter = append(filter, q)
	}
	must = append(must, map[string]any{"range": map[string]any{field: map[string]any{
		"gte": iso(times.From), "lte": iso(times.To), "format": "strict_date_optional_time",
	}}})
	return map[string]any{"bool": map[string]any{"must": must, "filter": filter, "should": []any{}, "must_not": []any{}}}
}

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// inject replaces %autointerval% and %timefilter% in aggregations.
func inject(value any, key string, times Times) (any, error) {
	switch v := value.(type) {
	case []any:
		for i := range v {
			var err error
			if v[i], err = inject(v[i], "", times); err != nil {
				return nil, err
			}
		}
		return v, nil
	case map[string]any:
		return injectObject(v, key, times)
	default:
		return value, nil
	}
}

func injectObject(o map[string]any, key string, times Times) (any, error) {
	if bound, ok := o["%timefilter%"]; ok {
		switch {
		case len(o) != 1:
			return nil, fmt.Errorf("only a %%timefilter%% alone is understood here, and not %v", o)
		case bound == "min":
			return times.From.UnixMilli(), nil
		case bound == "max":
			return times.To.UnixMilli(), nil
		}
		return nil, fmt.Errorf("%%timefilter%% is %v", bound)
	}
	resolved := map[string]any{}
	for name, inner := range o {
		if auto, ok := inner.(map[string]any); ok && name == "interval" && key == "date_histogram" {
			name, text, err := interval(auto, times)
			if err != nil {
				return nil, err
			}
			resolved[name] = text
			continue
		}
		var err error
		if resolved[name], err = inject(inner, name, times); err != nil {
			return nil, err
		}
	}
	return resolved, nil
}

// interval is what Kibana makes of {"%autointerval%": true}: about 50 buckets.
func interval(auto map[string]any, times Times) (name, text string, err error) {
	if len(auto) != 1 || auto["%autointerval%"] != true {
		return "", "", fmt.Errorf("the interval %v is not understood here", auto)
	}
	text = Round(times.To.Sub(times.From) / 50)
	switch text {
	case "1s", "1m", "1h", "1w", "1y": // one of a unit that calendars know
		return "calendar_interval", text, nil
	default:
		return "fixed_interval", text, nil
	}
}

// Round is the interval that Kibana takes for one of about this length.
func Round(about time.Duration) string {
	const day = 24 * time.Hour
	for _, step := range []struct {
		most time.Duration
		text string
	}{
		{500 * time.Millisecond, "100ms"},
		{5 * time.Second, "1s"},
		{7500 * time.Millisecond, "5s"},
		{15 * time.Second, "10s"},
		{45 * time.Second, "30s"},
		{3 * time.Minute, "1m"},
		{450 * time.Second, "5m"},
		{20 * time.Minute, "10m"},
		{45 * time.Minute, "30m"},
		{2 * time.Hour, "1h"},
		{6 * time.Hour, "3h"},
		{day, "12h"},
		{7 * day, "24h"},
		{21 * day, "1w"},
		{42*day - time.Millisecond, "30d"},
	} {
		if about <= step.most {
			return step.text
		}
	}
	return "1y"
}

func clone(body map[string]any) (map[string]any, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var copied map[string]any
	err = decoder.Decode(&copied)
	return copied, err
}
