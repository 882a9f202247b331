package detector

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
)

const (
	// Stream is where what is found is written.
	Stream = "anomalies-numbermill-default"
	// mostResponse bounds what is read of an answer, in bytes.
	mostResponse = 4 << 20
	// mostFlagged is how many flagged minutes are read of a series.
	mostFlagged = 1000
)

type object = map[string]any

// elastic asks Elasticsearch.
type elastic struct {
	client *elasticsearch.Client
	stream string // of what is found
}

// measured is the value of a minute, and how many documents stand behind it.
type measured struct{ value, volume float64 }

// values are those of the minutes within the spans that have documents.
func (e elastic) values(ctx context.Context, s Series, spans []span) (map[time.Time]measured, error) {
	minute := object{"date_histogram": object{"field": "@timestamp", "fixed_interval": "1m", "min_doc_count": 1}}
	switch {
	case s.Field != "":
		minute["aggs"] = object{"tail": object{"percentiles": object{"field": s.Field, "percents": []float64{95}, "keyed": false}}}
	case s.Filter != "":
		minute["aggs"] = object{"part": object{"filter": object{"query_string": object{"query": s.Filter}}}}
	}
	var answer struct {
		Aggregations struct {
			Minutes struct {
				Buckets []struct {
					Key   int64   `json:"key"`
					Count float64 `json:"doc_count"`
					Part  struct {
						Count float64 `json:"doc_count"`
					} `json:"part"`
					Tail struct {
						Values []struct {
							Value *float64 `json:"value"`
						} `json:"values"`
					} `json:"tail"`
				} `json:"buckets"`
			} `json:"minutes"`
		} `json:"aggregations"`
	}
	err := e.search(ctx, s.Index, object{
		"size": 0, "aggs": object{"minutes": minute},
		"query": object{"bool": object{"filter": []object{{"query_string": object{"query": s.Query}}, within(spans)}}},
	}, &answer)
	if err != nil {
		return nil, err
	}
	values := make(map[time.Time]measured, len(answer.Aggregations.Minutes.Buckets))
	for _, b := range answer.Aggregations.Minutes.Buckets {
		m := measured{volume: b.Count}
		switch {
		case s.Field != "":
			if len(b.Tail.Values) == 0 || b.Tail.Values[0].Value == nil {
				continue
			}
			m.value = *b.Tail.Values[0].Value * s.Factor
		case s.Filter != "":
			m.value = b.Part.Count / b.Count * s.Factor
		default:
			m.value = b.Count * s.Factor
		}
		if m.volume >= s.Least {
			values[time.UnixMilli(b.Key).UTC()] = m
		}
	}
	return values, nil
}

// since is when the documents of an index begin, no further back than from; ok is false if there are none.
func (e elastic) since(ctx context.Context, index string, from time.Time) (first time.Time, ok bool, err error) {
	var answer struct {
		Aggregations struct {
			First struct {
				Value *float64 `json:"value"`
			} `json:"first"`
		} `json:"aggregations"`
	}
	err = e.search(ctx, index, object{
		"size": 0, "query": object{"range": object{"@timestamp": object{"gte": stamp(from)}}},
		"aggs": object{"first": object{"min": object{"field": "@timestamp"}}},
	}, &answer)
	if err != nil || answer.Aggregations.First.Value == nil {
		return first, false, err
	}
	return time.UnixMilli(int64(*answer.Aggregations.First.Value)).UTC(), true, nil
}

// found is what was written before.
type found struct {
	At       time.Time `json:"@timestamp"`
	Flagged  bool      `json:"flagged"`
	Status   string    `json:"status"`
	OpenedAt time.Time `json:"opened_at"`
}

// past are the documents of a kind about a series, newest first.
func (e elastic) past(ctx context.Context, series, query string, spans []span, limit int) ([]found, error) {
	var answer struct {
		Hits struct {
			Hits []struct {
				Source found `json:"_source"` //nolint:tagliatelle // so Elasticsearch calls it
			} `json:"hits"`
		} `json:"hits"`
	}
	err := e.search(ctx, e.stream, object{
		"size": limit, "sort": []object{{"@timestamp": object{"order": "desc", "unmapped_type": "date"}}},
		"query": object{"bool": object{"filter": []object{
			{"term": object{"series": series}}, {"query_string": object{"query": query}}, within(spans),
		}}},
	}, &answer)
	if err != nil {
		return nil, err
	}
	all := make([]found, 0, len(answer.Hits.Hits))
	for _, h := range answer.Hits.Hits {
		all = append(all, h.Source)
	}
	return all, nil
}

// write adds documents by id. One that is there already stays as it is.
func (e elastic) write(ctx context.Context, documents map[string]object) error {
	var body bytes.Buffer
	lines := json.NewEncoder(&body)
	for id, d := range documents {
		if err := lines.Encode(object{"create": object{"_id": id}}); err != nil {
			return fmt.Errorf("encode anomaly: %w", err)
		}
		if err := lines.Encode(d); err != nil {
			return fmt.Errorf("encode anomaly: %w", err)
		}
	}
	answer, err := e.client.Bulk(&body, e.client.Bulk.WithContext(ctx), e.client.Bulk.WithIndex(e.stream), e.client.Bulk.WithRefresh("true"),
		e.client.Bulk.WithRequireDataStream(true))
	if err != nil {
		return fmt.Errorf("write anomalies: %w", err)
	}
	var result struct {
		Items []map[string]struct {
			Status int             `json:"status"`
			Error  json.RawMessage `json:"error"`
		} `json:"items"`
	}
	if err := read(answer.StatusCode, answer.Body, &result); err != nil {
		return fmt.Errorf("write anomalies: %w", err)
	}
	for _, item := range result.Items {
		if r := item["create"]; r.Status >= http.StatusBadRequest && r.Status != http.StatusConflict {
			return fmt.Errorf("write anomalies: %d %.300s", r.Status, r.Error)
		}
	}
	return nil
}

func (e elastic) search(ctx context.Context, index string, body object, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode search: %w", err)
	}
	answer, err := e.client.Search(e.client.Search.WithContext(ctx), e.client.Search.WithIndex(index), e.client.Search.WithBody(bytes.NewReader(text)),
		e.client.Search.WithIgnoreUnavailable(true), e.client.Search.WithAllowNoIndices(true))
	if err != nil {
		return fmt.Errorf("search %s: %w", index, err)
	}
	if err := read(answer.StatusCode, answer.Body, into); err != nil {
		return fmt.Errorf("search %s: %w", index, err)
	}
	return nil
}

// read decodes an answer and closes it.
func read(status int, body io.ReadCloser, into any) error {
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(io.LimitReader(body, mostResponse))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if status >= http.StatusBadRequest {
		return fmt.Errorf("it answers %d: %.300s", status, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

// within is the query for documents of the spans.
func within(spans []span) object {
	ranges := make([]object, 0, len(spans))
	for _, s := range spans {
		ranges = append(ranges, object{"range": object{"@timestamp": object{"gte": stamp(s.from), "lt": stamp(s.to)}}})
	}
	return object{"bool": object{"should": ranges, "minimum_should_match": 1}}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
