package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"numbermill/shared/job"
)

// mostMonitors is how many monitors are told apart.
const mostMonitors = 100

// Levels are how the platform has been doing, as seen from outside: the three levels of service.
type Levels struct {
	// From and To are what time they are of.
	From, To time.Time
	// Uptime is by monitor, in the order of their names; empty if nobody watches.
	Uptime []Monitor
	// Availability is nil if there were no requests.
	Availability *Availability
	// Latency is nil if there were no interactive requests.
	Latency *Latency
}

// Monitor is how often one of Heartbeat's monitors found what it looked for.
type Monitor struct {
	ID string
	// Share is from 0 to 1.
	Share  float64
	Checks int64
}

// Availability is of all requests through nginx but probes.
type Availability struct {
	// Share is the part of the requests that did not fail, from 0 to 1.
	Share         float64
	Total, Failed int64
}

// Latency is in milliseconds, of interactive requests through nginx: no long polls, streams or downloads.
type Latency struct{ P50, P95, P99 float64 }

// What the levels are of, in Lucene's syntax. Dashboards have the same.
const (
	checks      = "_exists_:summary"
	requests    = "NOT request.kind:probe AND NOT user_agent.original:Elastic-Heartbeat*"
	interactive = "request.kind:interactive AND NOT user_agent.original:Elastic-Heartbeat*"
)

// Levels computes them over a window that ends now, in one question. What is not there yet, such as an index without a document, counts for
// nothing.
func (h *History) Levels(ctx context.Context, window time.Duration) (Levels, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	l := Levels{To: time.Now().UTC()}
	l.From = l.To.Add(-window)
	questions := []question{
		{h.heartbeat, checks, object{"monitors": object{
			"terms": object{"field": "monitor.id", "size": mostMonitors, "order": object{"_key": "asc"}},
			"aggs":  object{"up": object{"avg": object{"field": "summary.up"}}},
		}}},
		{h.nginx, requests, object{
			"share": object{"avg": object{"field": "slo.failed"}}, "failed": object{"sum": object{"field": "slo.failed"}},
		}},
		{h.nginx, interactive, object{"latency": object{"percentiles": object{"field": "nginx.access.request_time", "percents": []int{50, 95, 99}}}}},
	}
	var body bytes.Buffer
	for _, q := range questions {
		if err := q.write(&body, l); err != nil {
			return Levels{}, err
		}
	}
	var answer struct {
		Responses []struct {
			Status       int             `json:"status"`
			Error        json.RawMessage `json:"error"`
			Hits         hits            `json:"hits"`
			Aggregations aggregations    `json:"aggregations"`
		} `json:"responses"`
	}
	m := h.client.Msearch
	response, err := m(&body, m.WithContext(ctx))
	if err := read("ask for the levels", response, err, &answer); err != nil {
		return Levels{}, err
	}
	if len(answer.Responses) != len(questions) {
		return Levels{}, errors.New("ask for the levels: not every question was answered")
	}
	for _, r := range answer.Responses {
		if r.Error != nil {
			kind, reason := reasonOf(r.Error)
			return Levels{}, job.Errorf(job.Unavailable, "ask for the levels: %w", &StatusError{r.Status, kind, reason})
		}
	}
	up, all, fast := answer.Responses[0].Aggregations, answer.Responses[1], answer.Responses[2].Aggregations
	for _, b := range up.Monitors.Buckets {
		if b.Up.Value != nil {
			l.Uptime = append(l.Uptime, Monitor{b.Key, *b.Up.Value, b.Count})
		}
	}
	if failed := all.Aggregations.Share.Value; failed != nil {
		l.Availability = &Availability{1 - *failed, all.Hits.Total.Value, int64(*all.Aggregations.Failed.Value)}
	}
	if p := fast.Latency.Values; p.P50 != nil && p.P95 != nil && p.P99 != nil {
		const ms = 1000 // nginx writes seconds
		l.Latency = &Latency{*p.P50 * ms, *p.P95 * ms, *p.P99 * ms}
	}
	return l, nil
}

// question is one of several searches that are made at once.
type question struct {
	index, query string
	aggregations object
}

func (q question) write(to *bytes.Buffer, l Levels) error {
	lines := []object{
		{"index": q.index, "ignore_unavailable": true, "allow_no_indices": true},
		{"size": 0, "track_total_hits": true, "aggs": q.aggregations, "query": object{"bool": object{"filter": []object{
			{"query_string": object{"query": q.query}},
			{"range": object{"@timestamp": object{"gte": since(l.From), "lt": since(l.To)}}},
		}}}},
	}
	for _, line := range lines {
		b, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("encode query: %w", err)
		}
		to.Write(b)
		to.WriteByte('\n')
	}
	return nil
}

type hits struct {
	Total struct {
		Value int64 `json:"value"`
	} `json:"total"`
}

type number struct {
	Value *float64 `json:"value"`
}

type aggregations struct {
	Monitors struct {
		Buckets []struct {
			Key   string `json:"key"`
			Count int64  `json:"doc_count"`
			Up    number `json:"up"`
		} `json:"buckets"`
	} `json:"monitors"`
	Share   number `json:"share"`
	Failed  number `json:"failed"`
	Latency struct {
		Values struct {
			P50 *float64 `json:"50.0"`
			P95 *float64 `json:"95.0"`
			P99 *float64 `json:"99.0"`
		} `json:"values"`
	} `json:"latency"`
}
