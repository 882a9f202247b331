package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Client asks an Elasticsearch as Grafana's data sources do.
type Client struct {
	// URL is where Elasticsearch listens.
	URL string
	// Sources are the data sources by their uids.
	Sources map[string]Source
}

// Run runs the queries of a panel or rule, those that take part in expressions alone included, and returns the frames by their names.
func (c Client) Run(ctx context.Context, targets []Target, during Range) (map[string][]Frame, error) {
	results := map[string][]Frame{}
	for _, target := range targets {
		if target.Datasource.UID == expressions {
			continue
		}
		frames, err := c.query(ctx, target, during)
		if err != nil {
			return nil, err
		}
		results[target.RefID] = frames
	}
	for _, target := range targets {
		if target.Datasource.UID != expressions {
			continue
		}
		frames, err := target.compute(results)
		if err != nil {
			return nil, fmt.Errorf("expression %s: %w", target.RefID, err)
		}
		results[target.RefID] = frames
	}
	return results, nil
}

// Draw runs a panel and returns what it draws: the frames of what is not hidden, transformed. A variable has the value given for it, or all.
func (c Client) Draw(ctx context.Context, dashboard Dashboard, panel Panel, from, to time.Time, chosen map[string]string) ([]Frame, error) {
	values := map[string]string{}
	for _, variable := range dashboard.Templating.List {
		values[variable.Name] = variable.AllValue
		if variable.Type == "constant" {
			values[variable.Name] = variable.Query
		}
		if value, ok := chosen[variable.Name]; ok {
			values[variable.Name] = value
		}
	}
	during, err := c.stepOf(panel, from, to)
	if err != nil {
		return nil, err
	}
	targets := slices.Clone(panel.Targets)
	for i := range targets {
		targets[i] = targets[i].Choose(values)
	}
	results, err := c.Run(ctx, targets, during)
	if err != nil {
		return nil, fmt.Errorf("panel %q of %s: %w", panel.Title, dashboard.UID, err)
	}
	var frames []Frame
	for _, target := range targets {
		if !target.Hide {
			frames = append(frames, results[target.RefID]...)
		}
	}
	frames, err = transform(frames, panel.Transformations)
	if err != nil {
		return nil, fmt.Errorf("panel %q of %s: %w", panel.Title, dashboard.UID, err)
	}
	return frames, nil
}

// points is how many a panel is wide.
const points = 1000

// stepOf is how finely the panel divides time: no finer than it says or its data source does.
func (c Client) stepOf(panel Panel, from, to time.Time) (Range, error) {
	least := panel.Interval
	if least == "" {
		least = c.Sources[panel.Datasource.UID].JSONData.TimeInterval
	}
	finest := time.Millisecond
	if least != "" {
		var err error
		if finest, err = time.ParseDuration(least); err != nil {
			return Range{}, fmt.Errorf("panel %q: interval: %w", panel.Title, err)
		}
	}
	return Range{from, to, Step(from, to, points, finest)}, nil
}

func (c Client) query(ctx context.Context, target Target, during Range) ([]Frame, error) {
	source, ok := c.Sources[target.Datasource.UID]
	if !ok {
		return nil, fmt.Errorf("target %s: no data source %q is provisioned", target.RefID, target.Datasource.UID)
	}
	body, err := Search(target, during)
	if err != nil {
		return nil, err
	}
	answer, err := c.search(ctx, source.JSONData.Index, body)
	if err != nil {
		return nil, fmt.Errorf("target %s on %s: %w", target.RefID, source.JSONData.Index, err)
	}
	return Frames(target, answer)
}

// search sends it as Grafana does, as a multi-search of one.
func (c Client) search(ctx context.Context, index string, body object) (object, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, line := range []object{{"index": index, "ignore_unavailable": true, "search_type": "query_then_fetch"}, body} {
		if err := encoder.Encode(line); err != nil {
			return nil, fmt.Errorf("write the search: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/_msearch?max_concurrent_shard_requests=5", &lines)
	if err != nil {
		return nil, fmt.Errorf("ask Elasticsearch: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	client := http.Client{Timeout: time.Minute}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask Elasticsearch: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var answer struct {
		Responses []object `json:"responses"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Responses) != 1 {
		return nil, fmt.Errorf("elasticsearch answered %s: %s", response.Status, strings.TrimSpace(string(text)))
	}
	one := answer.Responses[0]
	if problem, failed := one["error"]; failed {
		return nil, fmt.Errorf("elasticsearch refused the search: %v", problem)
	}
	if shards, ok := one["_shards"].(object); ok && float(shards["failed"]) != 0.0 && float(shards["failed"]) != nil {
		return nil, fmt.Errorf("elasticsearch failed on some shards: %v", shards)
	}
	return one, nil
}
