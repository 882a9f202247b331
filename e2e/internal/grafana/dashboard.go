// Package grafana does what Grafana does with the files in infra/grafana, as far as numbers go: it turns the queries of panels and rules into the
// searches that Grafana's Elasticsearch data source sends, reads the answers into frames, applies transformations and expressions, and follows
// rules through their states. It is written after the sources of Grafana 13.2 and of its data source, version 12.8, so that tests can hold what
// people will see against what really happened, without Grafana.
package grafana

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Dashboard is a dashboard's file, as far as it decides numbers.
type Dashboard struct {
	UID        string  `json:"uid"`
	Title      string  `json:"title"`
	Panels     []Panel `json:"panels"`
	Templating struct {
		List []Variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []Annotation `json:"list"`
	} `json:"annotations"`
	Links []struct {
		URL string `json:"url"`
	} `json:"links"`
}

// Panel is one of a dashboard.
type Panel struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      Reference        `json:"datasource"`
	Interval        string           `json:"interval"`
	Targets         []Target         `json:"targets"`
	Transformations []Transformation `json:"transformations"`
	FieldConfig     struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options string `json:"options"`
			} `json:"matcher"`
			Properties []struct {
				ID    string          `json:"id"`
				Value json.RawMessage `json:"value"`
			} `json:"properties"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
}

// Reference names a data source.
type Reference struct {
	Type string `json:"type" yaml:"type"`
	UID  string `json:"uid" yaml:"uid"`
}

// Variable can be chosen above a dashboard.
type Variable struct {
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Query      string    `json:"query"`
	AllValue   string    `json:"allValue"`
	IncludeAll bool      `json:"includeAll"`
	Datasource Reference `json:"datasource"`
}

// Annotation is drawn over panels.
type Annotation struct {
	Name       string    `json:"name"`
	Datasource Reference `json:"datasource"`
	Target     struct {
		Query string `json:"query"`
	} `json:"target"`
	TimeField    string `json:"timeField"`
	TimeEndField string `json:"timeEndField"`
	TextField    string `json:"textField"`
	TagsField    string `json:"tagsField"`
}

// Target is a query, or with a type and an expression something over other queries.
type Target struct {
	RefID      string    `json:"refId" yaml:"refId"`
	Datasource Reference `json:"datasource" yaml:"datasource"`
	Hide       bool      `json:"hide" yaml:"hide"`
	Query      string    `json:"query" yaml:"query"`
	Alias      string    `json:"alias" yaml:"alias"`
	Metrics    []Metric  `json:"metrics" yaml:"metrics"`
	BucketAggs []Bucket  `json:"bucketAggs" yaml:"bucketAggs"`
	Expression `yaml:",inline"`
}

// Metric is a number a bucket.
type Metric struct {
	ID       string         `json:"id" yaml:"id"`
	Type     string         `json:"type" yaml:"type"`
	Field    string         `json:"field" yaml:"field"`
	Hide     bool           `json:"hide" yaml:"hide"`
	Settings MetricSettings `json:"settings" yaml:"settings"`
}

// MetricSettings are those of all kinds of metrics.
type MetricSettings struct {
	Percents []string `json:"percents" yaml:"percents"`
	Size     string   `json:"size" yaml:"size"`
	Limit    string   `json:"limit" yaml:"limit"`
}

// Bucket divides documents.
type Bucket struct {
	ID       string         `json:"id" yaml:"id"`
	Type     string         `json:"type" yaml:"type"`
	Field    string         `json:"field" yaml:"field"`
	Settings BucketSettings `json:"settings" yaml:"settings"`
}

// BucketSettings are those of all kinds of buckets. Grafana stores numbers as text.
type BucketSettings struct {
	Interval    string `json:"interval" yaml:"interval"`
	MinDocCount string `json:"min_doc_count" yaml:"min_doc_count"`
	Size        string `json:"size" yaml:"size"`
	Order       string `json:"order" yaml:"order"`
	OrderBy     string `json:"orderBy" yaml:"orderBy"`
	Filters     []struct {
		Query string `json:"query" yaml:"query"`
		Label string `json:"label" yaml:"label"`
	} `json:"filters" yaml:"filters"`
}

// ReadDashboards reads all in a folder, by their uids.
func ReadDashboards(folder string) (map[string]Dashboard, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("find dashboards: %w", err)
	}
	all := map[string]Dashboard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a dashboard: %w", err)
		}
		var dashboard Dashboard
		if err := json.Unmarshal(text, &dashboard); err != nil {
			return nil, fmt.Errorf("read dashboard %s: %w", file, err)
		}
		if _, double := all[dashboard.UID]; double {
			return nil, fmt.Errorf("read dashboard %s: its uid %s is another's", file, dashboard.UID)
		}
		all[dashboard.UID] = dashboard
	}
	return all, nil
}
