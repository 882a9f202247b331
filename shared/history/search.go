package history

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esutil"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// object is a part of a query.
type object = map[string]any

// Search returns the owner's jobs that the filter chooses, newest first as store.List has them, at most size of them (1 to 10,000), from after
// a position on; nil is the start.
func (h *History) Search(ctx context.Context, o job.Owner, f store.Filter, after *store.Position, size int) ([]job.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	query := object{
		"size": size, "track_total_hits": false, "_source": []string{"record"},
		"query": object{"bool": object{"filter": conditions(o, f)}},
		"sort":  []object{{"created_at": object{"order": "desc", "format": "epoch_millis"}}, {"job.id": object{"order": "desc"}}},
	}
	if after != nil {
		query["search_after"] = []any{after.CreatedMillis, after.ID}
	}
	var answer struct {
		TimedOut bool `json:"timed_out"`
		Hits     struct {
			Hits []hit `json:"hits"`
		} `json:"hits"`
	}
	s := h.client.Search
	response, err := s(s.WithContext(ctx), s.WithIndex(h.index), s.WithBody(esutil.NewJSONReader(query)), s.WithAllowPartialSearchResults(false))
	if err := read("search the history", response, err, &answer); err != nil {
		return nil, err
	}
	if answer.TimedOut {
		return nil, job.Errorf(job.Unavailable, "search the history: Elasticsearch has not finished in time")
	}
	jobs := make([]job.Job, len(answer.Hits.Hits))
	for i, found := range answer.Hits.Hits {
		if jobs[i], err = found.Source.Record.job(); err != nil {
			return nil, fmt.Errorf("search the history: %w", err)
		}
	}
	return jobs, nil
}

// hit is a document that was found.
type hit struct {
	Source struct {
		Record record `json:"record"`
	} `json:"_source"` //nolint:tagliatelle // Elasticsearch's name
}

// conditions are what a job must fulfil.
func conditions(o job.Owner, f store.Filter) []object {
	term := func(field, value string) object { return object{"term": object{field: object{"value": value}}} }
	all := []object{term("owner", string(o))}
	if len(f.States) > 0 {
		all = append(all, object{"terms": object{"state": f.States}})
	}
	if f.Function != "" {
		all = append(all, term("function", f.Function))
	}
	if f.Batch != "" {
		all = append(all, term("batch", string(f.Batch)))
	}
	for _, l := range f.Labels {
		if l.AnyValue {
			all = append(all, object{"exists": object{"field": "labels." + l.Name}})
		} else {
			all = append(all, term("labels."+l.Name, l.Value))
		}
	}
	created := object{"format": "epoch_millis"}
	if !f.CreatedAfter.IsZero() {
		created["gte"] = f.CreatedAfter.UnixMilli()
	}
	if !f.CreatedBefore.IsZero() {
		created["lt"] = f.CreatedBefore.UnixMilli()
	}
	if len(created) > 1 {
		all = append(all, object{"range": object{"created_at": created}})
	}
	return all
}

// Get reads the owner's job. It fails with job.NotFound if the history has none, or if it is somebody else's.
func (h *History) Get(ctx context.Context, o job.Owner, id job.ID) (job.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var found hit
	g := h.client.Get
	response, err := g(h.index, string(id), g.WithContext(ctx), g.WithSource("record"))
	missing := job.Errorf(job.NotFound, "There is no job %s.", id)
	if err == nil && response.StatusCode == http.StatusNotFound {
		body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
		_ = response.Body.Close() // it was only read
		if err == nil && json.Unmarshal(body, &struct{ Found bool }{}) == nil && !strings.Contains(string(body), `"error"`) {
			return job.Job{}, missing
		}
		return job.Job{}, refused("read from the history", http.StatusNotFound, strings.NewReader(string(body)))
	}
	if err := read("read from the history", response, err, &found); err != nil {
		return job.Job{}, err
	}
	j, err := found.Source.Record.job()
	if err != nil {
		return job.Job{}, fmt.Errorf("read from the history: %w", err)
	}
	if j.Owner != o {
		return job.Job{}, missing
	}
	return j, nil
}

// since is a time that began a while ago, as queries write it.
func since(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
