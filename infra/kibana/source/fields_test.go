package source_test

import (
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"numbermill/infra/kibana/source"
)

const templates = "../../elasticsearch"

// asking is a picture's question.
type asking struct {
	id, index string
	body      any
	// spec is all of the picture, as text.
	spec string
}

func pictures(t *testing.T, objects []source.Object) []asking {
	t.Helper()
	found := []asking{}
	for _, o := range objects {
		if o.Type != "visualization" {
			continue
		}
		state := strictly[source.VisState](t, strictly[source.Visualization](t, string(o.Attributes)).VisState)
		if state.Type != "vega" {
			continue
		}
		var spec struct {
			Data struct {
				URL struct {
					Index string
					Body  any
				}
			}
		}
		if err := json.Unmarshal([]byte(state.Params.Spec), &spec); err != nil {
			t.Fatalf("%s: %v", o.ID, err)
		}
		found = append(found, asking{o.ID, spec.Data.URL.Index, spec.Data.URL.Body, state.Params.Spec})
	}
	return found
}

// apmFields are those of traces that we ask for; APM Server and Elasticsearch bring the templates of these themselves.
func apmFields() map[string]string {
	return map[string]string{
		"@timestamp": "date", "processor.event": "keyword", "service.name": "keyword", "event.outcome": "keyword", "trace.id": "keyword",
		"transaction.id": "keyword", "transaction.name": "keyword", "transaction.duration.us": "long", "span.name": "keyword", "span.type": "keyword",
		"span.duration.us": "long", "labels.job_id": "keyword",
	}
}

// fieldsOf are the fields of a pattern's indices, with their types.
func fieldsOf(t *testing.T, pattern string) map[string]string {
	t.Helper()
	if pattern == "traces-apm-*" {
		return apmFields()
	}
	files, err := filepath.Glob(templates + "/index-templates/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var template struct {
			Patterns   []string       `json:"index_patterns"`
			ComposedOf []string       `json:"composed_of"`
			Template   map[string]any `json:"template"`
		}
		readJSON(t, file, &template)
		if !slices.Contains(template.Patterns, pattern) {
			continue
		}
		fields := map[string]string{}
		for _, part := range template.ComposedOf {
			var component struct {
				Template map[string]any `json:"template"`
			}
			readJSON(t, path.Join(templates, "component-templates", part+".json"), &component)
			addFields(fields, "", component.Template["mappings"])
		}
		addFields(fields, "", template.Template["mappings"])
		return fields
	}
	t.Errorf("no template of infra/elasticsearch is for %s", pattern)
	return nil
}

func addFields(fields map[string]string, prefix string, mapping any) {
	m, _ := mapping.(map[string]any)
	properties, _ := m["properties"].(map[string]any)
	for name, inner := range properties {
		o, _ := inner.(map[string]any)
		if kind, ok := o["type"].(string); ok && o["properties"] == nil {
			fields[prefix+name] = kind
		}
		addFields(fields, prefix+name+".", inner)
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// Every field that a picture asks for is in the template of its indices, with a type that can be asked so.
func TestPicturesAskForFields(t *testing.T) {
	t.Parallel()
	for _, p := range pictures(t, export(t)) {
		fields := fieldsOf(t, p.index)
		walk(p.body, "", func(key, parent string, value any) {
			text, ok := value.(string)
			switch {
			case key == "field" && ok:
				checkAggregated(t, p.id, parent, text, fields)
			case key == "query" && ok:
				checkQuery(t, p.id, text, fields)
			}
		})
	}
}

// checkAggregated holds an aggregation's name against the type of its field.
func checkAggregated(t *testing.T, id, aggregation, field string, fields map[string]string) {
	t.Helper()
	kind := fields[field]
	number := slices.Contains([]string{"long", "integer", "short", "double"}, kind)
	switch {
	case kind == "":
		t.Errorf("%s asks for %s, which no template has", id, field)
	case aggregation == "date_histogram" && kind != "date",
		aggregation == "terms" && kind != "keyword" && !number,
		(aggregation == "percentiles" || aggregation == "avg" || aggregation == "sum" || aggregation == "max" || aggregation == "range") && !number:
		t.Errorf("%s makes %s of %s, which is %s", id, aggregation, field, kind)
	}
}

// named finds the fields of a Lucene query.
var named = regexp.MustCompile(`_exists_:([\w.@]+)|([@A-Za-z_][\w.@]*):`)

func checkQuery(t *testing.T, id, query string, fields map[string]string) {
	t.Helper()
	for _, match := range named.FindAllStringSubmatch(query, -1) {
		field := match[1] + match[2]
		if fields[field] == "" && (match[1] == "" || !isObject(fields, field)) {
			t.Errorf("%s asks in %q for %s, which no template has", id, query, field)
		}
	}
}

// isObject is whether a name is of an object with fields, which one can ask to exist.
func isObject(fields map[string]string, name string) bool {
	for field := range maps.Keys(fields) {
		if strings.HasPrefix(field, name+".") {
			return true
		}
	}
	return false
}

// Every field of a saved search and every format of a data view is in the template of its indices.
func TestSearchesAndViewsAskForFields(t *testing.T) {
	t.Parallel()
	objects := export(t)
	views := map[string]source.DataView{}
	for _, o := range objects {
		if o.Type == "index-pattern" {
			views[o.ID] = strictly[source.DataView](t, string(o.Attributes))
		}
	}
	for id, v := range views {
		fields := fieldsOf(t, v.Title)
		asked := []string{v.TimeFieldName}
		for field := range strictly[map[string]source.Format](t, v.FieldFormatMap) {
			asked = append(asked, field)
		}
		for field := range strictly[map[string]source.Attr](t, v.FieldAttrs) {
			asked = append(asked, field)
		}
		for _, field := range asked {
			if fields[field] == "" {
				t.Errorf("the data view %s shows %s, which no template has", id, field)
			}
		}
	}
	for _, o := range objects {
		if o.Type != "search" {
			continue
		}
		s := strictly[source.Search](t, string(o.Attributes))
		fields := fieldsOf(t, views[o.References[0].ID].Title)
		checkQuery(t, o.ID, strictly[source.SearchSource](t, s.Meta.SearchSourceJSON).Query.Query, fields)
		for _, column := range append(s.Columns, s.Sort[0][0]) {
			if fields[column] == "" {
				t.Errorf("%s shows the column %s, which no template has", o.ID, column)
			}
		}
	}
}

// walk calls back for every value of an object with its key and the key of the object that it stands in.
func walk(value any, parent string, call func(key, parent string, value any)) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			call(key, parent, inner)
			walk(inner, key, call)
		}
	case []any:
		for _, inner := range v {
			walk(inner, parent, call)
		}
	}
}
