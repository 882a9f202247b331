package grafana_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"numbermill/e2e/internal/grafana"
)

// templates are the index templates behind the data sources.
var templates = map[string]string{
	"es-nginx": "infra/elasticsearch/index-templates/logs-nginx.access.json", "es-app": "infra/elasticsearch/index-templates/logs-numbermill.app.json",
	"es-heartbeat": "infra/elasticsearch/index-templates/heartbeat.json", "es-jobs": "infra/elasticsearch/index-templates/jobs-numbermill.json",
	"es-anomalies": "infra/elasticsearch/index-templates/anomalies-numbermill.json",
	"es-traces":    "shared/elastictest/apm/index-templates/traces-apm.json", "es-metrics": "shared/elastictest/apm/index-templates/metrics-apm.app.json",
}

// dynamic are fields that templates map by patterns, or that APM Server makes of the names of attributes.
var dynamic = regexp.MustCompile(`^(labels\.(queue|state|size_class|function|outcome|cache|reason|go_memory_type)|tls\.server\.x509\.not_after|go\.memory\.used|go\.goroutine\.count)$`)

// known are the fields of a data source.
func known(t *testing.T, source string) map[string]bool {
	t.Helper()
	fields := map[string]bool{"*": true}
	var add func(file string)
	add = func(file string) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		var template struct {
			ComposedOf []string `json:"composed_of"`
			Template   struct {
				Mappings struct {
					Properties map[string]any `json:"properties"`
				} `json:"mappings"`
			} `json:"template"`
		}
		if err := json.Unmarshal(text, &template); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		walk(template.Template.Mappings.Properties, "", fields)
		for _, part := range template.ComposedOf {
			for _, folder := range []string{"infra/elasticsearch", "shared/elastictest/apm"} {
				inner := folder + "/component-templates/" + part + ".json"
				if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(inner))); err == nil {
					add(inner)
				}
			}
		}
	}
	add(templates[source])
	return fields
}

func walk(properties map[string]any, prefix string, fields map[string]bool) {
	for name, property := range properties {
		fields[prefix+name] = true
		one, _ := property.(map[string]any)
		if inner, ok := one["properties"].(map[string]any); ok {
			walk(inner, prefix+name+".", fields)
		}
	}
}

var (
	exists = regexp.MustCompile(`_exists_:([\w.@]+)`)
	named  = regexp.MustCompile(`([a-zA-Z@][\w.@]*):`)
)

// fieldsOf are those that a target names.
func fieldsOf(target grafana.Target) []string {
	var all []string
	queries := []string{target.Query}
	for _, bucket := range target.BucketAggs {
		if bucket.Field != "" {
			all = append(all, bucket.Field)
		}
		for _, filter := range bucket.Settings.Filters {
			queries = append(queries, filter.Query)
		}
	}
	for _, metric := range target.Metrics {
		if metric.Field != "" {
			all = append(all, metric.Field)
		}
	}
	for _, query := range queries {
		for _, match := range exists.FindAllStringSubmatch(query, -1) {
			all = append(all, match[1])
		}
		for _, match := range named.FindAllStringSubmatch(exists.ReplaceAllString(query, ""), -1) {
			all = append(all, match[1])
		}
	}
	return all
}

// Every field that a panel, variable, annotation or rule names is in the templates; metrics of ours are in the program's source.
func TestFields(t *testing.T) {
	t.Parallel()
	dashboards, provisioning := read(t)
	all := map[string]map[string]bool{}
	for source := range templates {
		all[source] = known(t, source)
	}
	ours := instruments(t)
	check := func(where, source, field string) {
		t.Helper()
		if strings.HasPrefix(field, "numbermill.") && source == "es-metrics" {
			if !ours[field] {
				t.Errorf("%s: nobody measures %q", where, field)
			}
			return
		}
		patterned := dynamic.MatchString(field) && (source == "es-metrics" || source == "es-heartbeat")
		if !all[source][field] && !patterned {
			t.Errorf("%s: %s has no field %q", where, source, field)
		}
	}
	for uid, dashboard := range dashboards {
		for _, variable := range dashboard.Templating.List {
			if variable.Type == "query" {
				var find struct{ Find, Field string }
				if err := json.Unmarshal([]byte(variable.Query), &find); err != nil || find.Find != "terms" {
					t.Errorf("%s: variable %s asks %s", uid, variable.Name, variable.Query)
				}
				check(uid+", variable "+variable.Name, variable.Datasource.UID, find.Field)
			}
		}
		for _, note := range dashboard.Annotations.List {
			for _, field := range []string{note.TimeField, note.TimeEndField, note.TextField, note.TagsField} {
				check(uid+", annotation "+note.Name, note.Datasource.UID, field)
			}
		}
		for _, panel := range dashboard.Panels {
			for _, target := range panel.Targets {
				for _, field := range fieldsOf(target) {
					check(uid+" / "+panel.Title, target.Datasource.UID, field)
				}
			}
		}
	}
	for _, rule := range provisioning.Rules() {
		for _, part := range rule.Data {
			for _, field := range fieldsOf(part.Model.Target) {
				check(rule.Title, part.DatasourceUID, field)
			}
		}
	}
}

// instruments are the names of metrics that the program's source has, outside of tests.
func instruments(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	metric := regexp.MustCompile(`"(numbermill\.[a-z_.]+)"`)
	for _, module := range []string{"api", "worker", "shared"} {
		err := filepath.WalkDir(filepath.Join(root, module), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, match := range metric.FindAllStringSubmatch(string(text), -1) {
				found[match[1]] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}
