package server

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"numbermill/api"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

const (
	defaultPageSize = 50
	largestPage     = 1000
	mostFilters     = 20 // of one kind
	longestName     = 100
)

var listParameters = []string{"page_size", "page_token", "state", "function", "label", "batch", "created_after", "created_before"}

func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) error {
	query, err := readQuery(r.URL.RawQuery, listParameters)
	if err != nil {
		return err
	}
	filter, err := readFilter(query)
	if err != nil {
		return err
	}
	size, err := readPageSize(query.Get("page_size"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	records, next, state, err := s.list(ctx, owner(r), filter, size, query.Get("page_token"))
	if err != nil {
		return err
	}
	page := api.JobList{Jobs: []api.Job{}, NextPageToken: next, History: state}
	for _, rec := range records {
		page.Jobs = append(page.Jobs, s.document(rec))
	}
	return s.answer(w, r, http.StatusOK, page)
}

// readQuery refuses what a list does not know, since a misspelt filter would otherwise pass everything.
// A parameter without a value is refused too, but for page_token, which the first page has no value of.
func readQuery(raw string, known []string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(malformed, "The query cannot be read. Percent-encode its values.")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(known, name) {
			return nil, refuse(malformed, "There is no parameter %q here. There are %s.", shorten(name), strings.Join(known, ", "))
		}
		if most := mostOf(name); len(query[name]) > most {
			return nil, refuse(malformed, "%s is given %d times. Give it %d at most.", name, len(query[name]), most)
		}
		if name != "page_token" && slices.Contains(query[name], "") {
			return nil, refuse(malformed, "%s is given without a value. Give it one, or leave it out.", name)
		}
	}
	return query, nil
}

func mostOf(parameter string) int {
	if parameter == "state" || parameter == "label" {
		return mostFilters
	}
	return 1
}

func readFilter(query url.Values) (f store.Filter, err error) {
	for _, text := range query["state"] {
		if !slices.Contains(job.States(), job.State(text)) {
			return f, refuse(malformed, "There is no state %q. Give one of %s, or state several times.", shorten(text), stateNames())
		}
		f.States = append(f.States, job.State(text))
	}
	for _, text := range query["label"] {
		name, value, exact := strings.Cut(text, ":")
		if !labelName.MatchString(name) || utf8.RuneCountInString(value) > longestLabel {
			return f, refuse(malformed, "The label %q cannot be. Write name:value, or name for any value.", shorten(text))
		}
		f.Labels = append(f.Labels, store.LabelFilter{Name: name, Value: value, AnyValue: !exact})
	}
	if f.Function = query.Get("function"); utf8.RuneCountInString(f.Function) > longestName {
		return f, refuse(malformed, "No function has a name of more than %d characters.", longestName)
	}
	if text := query.Get("batch"); text != "" {
		id, ok := job.ParseBatchID(text)
		if !ok {
			return f, refuse(malformed, "%q cannot be the id of a batch. One looks like batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b.", shorten(text))
		}
		f.Batch = id
	}
	if f.CreatedAfter, err = readTime(query, "created_after"); err != nil {
		return f, err
	}
	f.CreatedBefore, err = readTime(query, "created_before")
	return f, err
}

func stateNames() string {
	var names []string
	for _, s := range job.States() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func readTime(query url.Values, name string) (time.Time, error) {
	text := query.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, refuse(malformed, "%s is not a time: %q. Write it like 2026-01-31T12:00:00Z.", name, shorten(text))
	}
	return t.UTC(), nil
}

func readPageSize(text string) (int, error) {
	if text == "" {
		return defaultPageSize, nil
	}
	n, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) && text[0] != '-' {
		return largestPage, nil
	}
	switch {
	case err != nil || n < 0:
		return 0, refuse(malformed, "page_size is not a whole number from 0 up: %q. Up to %d jobs fit on a page.", shorten(text), largestPage)
	case n == 0:
		return defaultPageSize, nil
	}
	return min(n, largestPage), nil
}
