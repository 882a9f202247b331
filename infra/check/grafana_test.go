package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// grafana is what Grafana is provisioned with.
type grafana struct {
	sources    []dataSource
	providers  []provider
	dashboards map[string]string // text by name of the file
	alerting   map[string]string // likewise
}

type dataSource struct {
	Name      string            `yaml:"name"`
	UID       string            `yaml:"uid"`
	Type      string            `yaml:"type"`
	Access    string            `yaml:"access"`
	URL       string            `yaml:"url"`
	Basic     bool              `yaml:"basicAuth"`
	User      string            `yaml:"basicAuthUser"`
	Secret    map[string]string `yaml:"secureJsonData"`
	Default   bool              `yaml:"isDefault"`
	Editable  bool              `yaml:"editable"`
	JSON      sourceSettings    `yaml:"jsonData"`
	OrgID     int               `yaml:"orgId"`
	Version   int               `yaml:"version"`
	ReadOnly  bool              `yaml:"readOnly"`
	Temporary bool              `yaml:"-"`
}

type sourceSettings struct {
	Index      string           `yaml:"index"`
	Time       string           `yaml:"timeField"`
	Interval   string           `yaml:"timeInterval"`
	Concurrent int              `yaml:"maxConcurrentShardRequests"`
	Message    string           `yaml:"logMessageField"`
	Level      string           `yaml:"logLevelField"`
	Links      []map[string]any `yaml:"dataLinks"`
}

type provider struct {
	Name     string `yaml:"name"`
	OrgID    int    `yaml:"orgId"`
	Type     string `yaml:"type"`
	Folder   string `yaml:"folder"`
	UID      string `yaml:"folderUid"`
	Fixed    bool   `yaml:"disableDeletion"`
	UI       bool   `yaml:"allowUiUpdates"`
	Interval int    `yaml:"updateIntervalSeconds"`
	Options  struct {
		Path    string `yaml:"path"`
		Folders bool   `yaml:"foldersFromFilesStructure"`
	} `yaml:"options"`
}

func readGrafana(tb testing.TB) grafana {
	tb.Helper()
	var g grafana
	var sources struct {
		API     int          `yaml:"apiVersion"`
		Prune   bool         `yaml:"prune"`
		Sources []dataSource `yaml:"datasources"`
	}
	strictly(tb, "infra/grafana/provisioning/datasources/elasticsearch.yaml", &sources)
	var providers struct {
		API       int        `yaml:"apiVersion"`
		Providers []provider `yaml:"providers"`
	}
	strictly(tb, "infra/grafana/provisioning/dashboards/numbermill.yaml", &providers)
	g.sources, g.providers = sources.Sources, providers.Providers
	g.dashboards = texts(tb, "infra/grafana/dashboards")
	g.alerting = texts(tb, "infra/grafana/provisioning/alerting")
	return g
}

var (
	sourceInDashboard = regexp.MustCompile(`"uid": "(es-[a-z]+)"`)
	sourceInRule      = regexp.MustCompile(`(?:datasourceUid|uid): "?(es-[a-z]+)`)
)

// grafanaReads says that every data source reads what somebody writes, and that dashboards and rules name data sources that there are.
func grafanaReads(s *stack) (p problems) {
	ours, apm := s.written()
	var uids []string
	defaults := 0
	for _, d := range s.grafana.sources {
		uids = append(uids, d.UID)
		if !slices.ContainsFunc(append(ours, apm...), func(index string) bool { return matches(d.JSON.Index, index) }) {
			p.add("%s reads %s, which nobody writes", d.UID, d.JSON.Index)
		}
		if d.Type != "elasticsearch" || d.Access != "proxy" || d.JSON.Time != "@timestamp" || !d.Basic || d.Editable {
			p.add("%s is no Elasticsearch by @timestamp that only we change", d.UID)
		}
		if got := resolved(s, "grafana", d.URL); got != "http://elasticsearch:9200" {
			p.add("%s is at %q", d.UID, got)
		}
		if d.Default {
			defaults++
		}
	}
	want := []string{"es-nginx", "es-app", "es-heartbeat", "es-traces", "es-metrics", "es-jobs", "es-anomalies"}
	if !slices.Equal(uids, want) || defaults != 1 {
		p.add("the data sources are %v with %d defaults, want %v with one", uids, defaults, want)
	}
	for name, text := range s.grafana.dashboards {
		for _, m := range sourceInDashboard.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(uids, m[1]) {
				p.add("%s asks %s, which is no data source", name, m[1])
			}
		}
	}
	for name, text := range s.grafana.alerting {
		var file map[string]any
		if err := yaml.Unmarshal([]byte(text), &file); err != nil {
			p.add("%s: %v", name, err)
		}
		for _, m := range sourceInRule.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(uids, m[1]) {
				p.add("a rule asks %s, which is no data source", m[1])
			}
		}
	}
	return append(p, grafanaFiles(s)...)
}

// grafanaFiles says that Grafana finds its dashboards, and that there are enough of them.
func grafanaFiles(s *stack) (p problems) {
	panels := 0
	for name, text := range s.grafana.dashboards {
		var dashboard struct {
			UID    string            `json:"uid"`
			Panels []json.RawMessage `json:"panels"`
		}
		if err := json.Unmarshal([]byte(text), &dashboard); err != nil || dashboard.UID == "" || len(dashboard.Panels) == 0 {
			p.add("%s is no dashboard with panels at its top: %v", name, err)
		}
		panels += len(dashboard.Panels)
	}
	if panels < 25 {
		p.add("there are %d panels, want 25 or more", panels)
	}
	at := map[string]string{}
	for _, v := range s.compose.Services["grafana"].Volumes {
		at[v.Target] = v.Source
	}
	for _, d := range s.grafana.providers {
		if at[d.Options.Path] == "" || d.UI {
			p.add("dashboards are looked for in %s, which is not mounted, or can be changed in the browser", d.Options.Path)
		}
	}
	home := value(s.compose, "grafana", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
	if _, err := os.Stat(filepath.Join(at[filepath.Dir(home)], filepath.Base(home))); err != nil || !strings.HasSuffix(home, ".json") {
		p.add("the first dashboard: %s is not there", home)
	}
	if value(s.compose, "grafana", "GF_PLUGINS_PREINSTALL_DISABLED") != "true" || value(s.compose, "grafana", "GF_PLUGINS_PREINSTALL_AUTO_UPDATE") != "false" {
		p.add("it replaces its plug-ins at each start, and loses them on a file system that is read-only")
	}
	return p
}
