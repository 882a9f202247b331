package grafana

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Provisioning is all that Grafana finds in its folder of that name. Grafana passes over keys that it does not know; here they are errors.
type Provisioning struct {
	Sources   []Source
	Providers []Provider
	Groups    []RuleGroup
	Contacts  []ContactPoint
	Policies  []Policy
	MuteTimes []MuteTime
	Templates []Template
}

// Source is a data source.
type Source struct {
	Name           string            `yaml:"name"`
	UID            string            `yaml:"uid"`
	Type           string            `yaml:"type"`
	Access         string            `yaml:"access"`
	URL            string            `yaml:"url"`
	BasicAuth      bool              `yaml:"basicAuth"`
	BasicAuthUser  string            `yaml:"basicAuthUser"`
	IsDefault      bool              `yaml:"isDefault"`
	Editable       bool              `yaml:"editable"`
	SecureJSONData map[string]string `yaml:"secureJsonData"`
	JSONData       struct {
		Index                      string `yaml:"index"`
		TimeField                  string `yaml:"timeField"`
		TimeInterval               string `yaml:"timeInterval"`
		MaxConcurrentShardRequests int    `yaml:"maxConcurrentShardRequests"`
		LogMessageField            string `yaml:"logMessageField"`
		LogLevelField              string `yaml:"logLevelField"`
	} `yaml:"jsonData"`
}

// Provider says where dashboards are.
type Provider struct {
	Name                  string            `yaml:"name"`
	OrgID                 int               `yaml:"orgId"`
	Type                  string            `yaml:"type"`
	Folder                string            `yaml:"folder"`
	DisableDeletion       bool              `yaml:"disableDeletion"`
	AllowUIUpdates        bool              `yaml:"allowUiUpdates"`
	UpdateIntervalSeconds int               `yaml:"updateIntervalSeconds"`
	Options               map[string]string `yaml:"options"`
}

// ContactPoint is who is told, by one or more ways.
type ContactPoint struct {
	OrgID     int    `yaml:"orgId"`
	Name      string `yaml:"name"`
	Receivers []struct {
		UID                   string         `yaml:"uid"`
		Type                  string         `yaml:"type"`
		DisableResolveMessage bool           `yaml:"disableResolveMessage"`
		Settings              map[string]any `yaml:"settings"`
	} `yaml:"receivers"`
}

// Policy is the whole tree of an organisation.
type Policy struct {
	OrgID int `yaml:"orgId"`
	Route `yaml:",inline"`
}

// Route sends what matches to a contact point.
type Route struct {
	Receiver          string     `yaml:"receiver"`
	GroupBy           []string   `yaml:"group_by"`
	GroupWait         string     `yaml:"group_wait"`
	GroupInterval     string     `yaml:"group_interval"`
	RepeatInterval    string     `yaml:"repeat_interval"`
	ObjectMatchers    [][]string `yaml:"object_matchers"`
	MuteTimeIntervals []string   `yaml:"mute_time_intervals"`
	Continue          bool       `yaml:"continue"`
	Routes            []Route    `yaml:"routes"`
}

// MuteTime is when a route that names it keeps quiet.
type MuteTime struct {
	OrgID     int    `yaml:"orgId"`
	Name      string `yaml:"name"`
	Intervals []struct {
		Times []struct {
			Start string `yaml:"start_time"`
			End   string `yaml:"end_time"`
		} `yaml:"times"`
		Weekdays []string `yaml:"weekdays"`
		Location string   `yaml:"location"`
	} `yaml:"time_intervals"`
}

// Template is how notifications read.
type Template struct {
	OrgID    int    `yaml:"orgId"`
	Name     string `yaml:"name"`
	Template string `yaml:"template"`
}

type alerting struct {
	APIVersion int            `yaml:"apiVersion"`
	Groups     []RuleGroup    `yaml:"groups"`
	Contacts   []ContactPoint `yaml:"contactPoints"`
	Policies   []Policy       `yaml:"policies"`
	MuteTimes  []MuteTime     `yaml:"muteTimes"`
	Templates  []Template     `yaml:"templates"`
}

// ReadProvisioning reads the folder.
func ReadProvisioning(folder string) (Provisioning, error) {
	var all Provisioning
	err := errors.Join(
		files(filepath.Join(folder, "datasources"), func(one struct {
			APIVersion int      `yaml:"apiVersion"`
			Prune      bool     `yaml:"prune"`
			Sources    []Source `yaml:"datasources"`
		},
		) {
			all.Sources = append(all.Sources, one.Sources...)
		}),
		files(filepath.Join(folder, "dashboards"), func(one struct {
			APIVersion int        `yaml:"apiVersion"`
			Providers  []Provider `yaml:"providers"`
		},
		) {
			all.Providers = append(all.Providers, one.Providers...)
		}),
		files(filepath.Join(folder, "alerting"), func(one alerting) {
			all.Groups = append(all.Groups, one.Groups...)
			all.Contacts = append(all.Contacts, one.Contacts...)
			all.Policies = append(all.Policies, one.Policies...)
			all.MuteTimes = append(all.MuteTimes, one.MuteTimes...)
			all.Templates = append(all.Templates, one.Templates...)
		}),
	)
	return all, err
}

// SourcesByUID are the data sources.
func (p Provisioning) SourcesByUID() map[string]Source {
	sources := map[string]Source{}
	for _, source := range p.Sources {
		sources[source.UID] = source
	}
	return sources
}

// Rules are those of all groups.
func (p Provisioning) Rules() []Rule {
	var rules []Rule
	for _, group := range p.Groups {
		rules = append(rules, group.Rules...)
	}
	return rules
}

// files reads all YAML of a folder, strictly.
func files[T any](folder string, take func(T)) error {
	found, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return fmt.Errorf("find provisioning: %w", err)
	}
	slices.Sort(found)
	for _, file := range found {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read provisioning: %w", err)
		}
		var one T
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&one); err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: there is more than one document", file)
		}
		take(one)
	}
	return nil
}
