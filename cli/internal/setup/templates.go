package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// JobsIndex is the index of the jobs that have ended. It is made once and never again: nothing in it may be lost.
const JobsIndex = "jobs-numbermill"

// steps puts the files of infra in place.
type steps struct {
	e     *elastic
	files fs.FS
	say   func(string)
}

// template is as much of a template as this package asks about.
type template struct {
	Meta struct {
		Streams string `json:"data_streams"`
	} `json:"_meta"` //nolint:tagliatelle // Elasticsearch's
	Patterns   []string         `json:"index_patterns"`
	DataStream *json.RawMessage `json:"data_stream"`
	Template   struct {
		Lifecycle struct {
			Retention string `json:"data_retention"`
		}
	}
}

// file is one JSON document.
type file struct {
	name    string // of what it becomes
	content []byte
}

// folder reads the files of a folder, in the order of their names.
func (s steps) folder(name string) ([]file, error) {
	paths, err := fs.Glob(s.files, name+"/*.json")
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", name, err)
	}
	slices.Sort(paths)
	files := make([]file, 0, len(paths))
	for _, p := range paths {
		content, err := fs.ReadFile(s.files, p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p, err)
		}
		files = append(files, file{strings.TrimSuffix(path.Base(p), ".json"), content})
	}
	return files, nil
}

func (s steps) componentTemplates(ctx context.Context) error {
	return s.put(ctx, "component-templates", "component template", func(ctx context.Context, f file) (*esapi.Response, error) {
		return s.e.Cluster.PutComponentTemplate(f.name, bytes.NewReader(f.content), s.e.Cluster.PutComponentTemplate.WithContext(ctx))
	})
}

func (s steps) indexTemplates(ctx context.Context) error {
	return s.put(ctx, "index-templates", "index template", func(ctx context.Context, f file) (*esapi.Response, error) {
		return s.e.Indices.PutIndexTemplate(f.name, bytes.NewReader(f.content), s.e.Indices.PutIndexTemplate.WithContext(ctx))
	})
}

func (s steps) put(ctx context.Context, folder, kind string, request func(context.Context, file) (*esapi.Response, error)) error {
	files, err := s.folder(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		what := kind + " " + f.name
		if err := s.e.call(ctx, "put "+what, nil, func(ctx context.Context) (*esapi.Response, error) { return request(ctx, f) }); err != nil {
			return err
		}
		s.say(what + " is in place")
	}
	return nil
}

// streams brings the data streams that are there already to what the templates say, since a template counts only when a stream is made.
func (s steps) streams(ctx context.Context) error {
	for _, folder := range []string{"component-templates", "index-templates"} {
		files, err := s.folder(folder)
		if err != nil {
			return err
		}
		for _, f := range files {
			var t template
			if err := json.Unmarshal(f.content, &t); err != nil {
				return fmt.Errorf("read template %s: %w", f.name, err)
			}
			if err := s.follow(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow brings the streams of one template to what it says.
func (s steps) follow(ctx context.Context, t template) error {
	patterns, ours := t.Patterns, true
	switch {
	case t.Meta.Streams != "":
		patterns, ours = []string{t.Meta.Streams}, false
	case t.DataStream == nil:
		return nil
	}
	var found struct {
		Streams []struct{ Name string } `json:"data_streams"`
	}
	what := "list the data streams " + strings.Join(patterns, ", ")
	err := s.e.call(ctx, what, &found, func(ctx context.Context) (*esapi.Response, error) {
		return s.e.Indices.ResolveIndex(patterns, s.e.Indices.ResolveIndex.WithContext(ctx))
	})
	if err != nil {
		return err
	}
	for _, stream := range found.Streams {
		if ours {
			err = s.mapStream(ctx, stream.Name)
		} else {
			err = s.preferLifecycle(ctx, stream.Name)
		}
		if err != nil {
			return err
		}
		if err := s.keep(ctx, stream.Name, t.Template.Lifecycle.Retention); err != nil {
			return err
		}
	}
	return nil
}

// keep sets how long a data stream keeps what it holds.
func (s steps) keep(ctx context.Context, stream, retention string) error {
	body, err := json.Marshal(map[string]string{"data_retention": retention})
	if err != nil {
		return err
	}
	what := fmt.Sprintf("let data stream %s keep data for %s", stream, retention)
	err = s.e.call(ctx, what, nil, func(ctx context.Context) (*esapi.Response, error) {
		put := s.e.Indices.PutDataLifecycle
		return put([]string{stream}, put.WithContext(ctx), put.WithBody(bytes.NewReader(body)))
	})
	if r, ok := errors.AsType[*refusalError](err); ok && r.missing() {
		s.say("data stream " + stream + " keeps its lifecycle: this Elasticsearch cannot change one")
		return nil
	}
	if err != nil {
		return err
	}
	s.say("data stream " + stream + " keeps data for " + retention)
	return nil
}

// preferLifecycle lets the lifecycle of a stream decide and not the policy that its indices have by Elasticsearch's own templates.
func (s steps) preferLifecycle(ctx context.Context, stream string) error {
	return s.e.call(ctx, "let data stream "+stream+" follow its lifecycle", nil, func(ctx context.Context) (*esapi.Response, error) {
		put := s.e.Indices.PutSettings
		return put(strings.NewReader(`{"index.lifecycle.prefer_ilm": false}`), put.WithContext(ctx), put.WithIndex(stream))
	})
}

// mapStream gives the newest index of a stream the mapping of its template; where the two cannot be joined it begins a new index.
func (s steps) mapStream(ctx context.Context, stream string) error {
	err := s.remap(ctx, stream, true)
	if r, ok := errors.AsType[*refusalError](err); !ok || r.Status != http.StatusBadRequest {
		return err
	}
	err = s.e.call(ctx, "begin a new index of data stream "+stream, nil, func(ctx context.Context) (*esapi.Response, error) {
		return s.e.Indices.Rollover(stream, s.e.Indices.Rollover.WithContext(ctx))
	})
	if err != nil {
		return err
	}
	s.say("data stream " + stream + " goes on in a new index, with the mapping that has changed")
	return nil
}

// remap puts the mapping that a new index of the name would have onto the one that is there.
func (s steps) remap(ctx context.Context, name string, newestOnly bool) error {
	var simulated struct {
		Template struct{ Mappings map[string]json.RawMessage }
	}
	err := s.e.call(ctx, "ask for the mapping of "+name, &simulated, func(ctx context.Context) (*esapi.Response, error) {
		return s.e.Indices.SimulateIndexTemplate(name, s.e.Indices.SimulateIndexTemplate.WithContext(ctx))
	})
	if err != nil {
		return err
	}
	delete(simulated.Template.Mappings, "_data_stream_timestamp") // it belongs to the stream
	body, err := json.Marshal(simulated.Template.Mappings)
	if err != nil {
		return err
	}
	return s.e.call(ctx, "put the mapping of "+name, nil, func(ctx context.Context) (*esapi.Response, error) {
		put := s.e.Indices.PutMapping
		return put([]string{name}, bytes.NewReader(body), put.WithContext(ctx), put.WithWriteIndexOnly(newestOnly))
	})
}

// jobsIndex makes the index of finished jobs, or brings the one that is there to the mapping of today, as far as that goes.
func (s steps) jobsIndex(ctx context.Context) error {
	err := s.e.call(ctx, "make index "+JobsIndex, nil, func(ctx context.Context) (*esapi.Response, error) {
		return s.e.Indices.Create(JobsIndex, s.e.Indices.Create.WithContext(ctx))
	})
	r, refused := errors.AsType[*refusalError](err)
	switch {
	case err == nil:
		s.say("index " + JobsIndex + " is made")
		return nil
	case !refused || r.Type != "resource_already_exists_exception" && r.Type != "invalid_index_name_exception": // the latter is an alias of that name
		return err
	}
	err = s.remap(ctx, JobsIndex, false)
	if r, ok := errors.AsType[*refusalError](err); ok && r.Status == http.StatusBadRequest {
		s.say(fmt.Sprintf("warning: index %s was there and keeps its mapping, since the one of today does not fit onto it (%s). No job is lost or refused; "+
			"searches may miss some. docs/operations.md says how to bring the jobs over into a new index", JobsIndex, r.Reason))
		return nil
	}
	if err != nil {
		return err
	}
	s.say("index " + JobsIndex + " was there, and has the mapping of today")
	return nil
}
