package check

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// apmServer is apm-server.yml with the names that APM Server 8.19 knows, as far as we use them.
type apmServer struct {
	Server struct {
		Host string `yaml:"host"`
		Auth struct {
			Token     string `yaml:"secret_token"`
			Anonymous struct {
				Enabled bool `yaml:"enabled"`
			} `yaml:"anonymous"`
		} `yaml:"auth"`
		RUM struct {
			Enabled bool `yaml:"enabled"`
		} `yaml:"rum"`
		Streams struct {
			Namespace string `yaml:"namespace"`
		} `yaml:"data_streams"`
	} `yaml:"apm-server"`
	Output  elasticOutput `yaml:"output.elasticsearch"`
	Logging struct {
		ToStderr bool   `yaml:"to_stderr"`
		Level    string `yaml:"level"`
		Metrics  *bool  `yaml:"metrics.enabled"`
	} `yaml:"logging"`
}

func (a apmServer) port() string {
	_, port := splitAddress(a.Server.Host)
	return port
}

// apmServes says that APM Server lets in the Collector alone.
func apmServes(s *stack) (p problems) {
	a := s.apm
	if a.Server.Auth.Anonymous.Enabled || a.Server.RUM.Enabled || a.Server.Auth.Token == "" {
		p.add("it lets others in than the Collector")
	}
	if got, want := resolved(s, "apm-server", a.Server.Auth.Token), value(s.compose, "otel-collector", "APM_SECRET_TOKEN"); got != want {
		p.add("its token is %q, and the Collector comes with %q", got, want)
	}
	if host, _ := splitAddress(a.Server.Host); host != "0.0.0.0" {
		p.add("nobody reaches it on %s", a.Server.Host)
	}
	if a.Server.Streams.Namespace != "default" || !slices.Equal(a.Output.Hosts, []string{"http://elasticsearch:9200"}) || !a.Logging.ToStderr {
		p.add("it writes to %v, namespace %q", a.Output.Hosts, a.Server.Streams.Namespace)
	}
	return p
}

// indexTemplate is one of those that setup puts in place.
type indexTemplate struct {
	name     string
	Patterns []string  `json:"index_patterns"`
	Stream   *struct{} `json:"data_stream"`
	Priority int       `json:"priority"`
	Template struct {
		Lifecycle struct {
			Retention string `json:"data_retention"`
		} `json:"lifecycle"`
	} `json:"template"`
}

func readTemplates(tb testing.TB) (all []indexTemplate) {
	tb.Helper()
	for name, text := range texts(tb, "infra/elasticsearch/index-templates") {
		t := indexTemplate{name: name}
		if err := json.Unmarshal([]byte(text), &t); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		all = append(all, t)
	}
	return all
}

// written are all data streams and indices that something writes: those with a template of ours, and those of Elasticsearch's APM plug-in.
func (s *stack) written() (ours, apm []string) {
	_, version, _ := strings.Cut(s.compose.Services["heartbeat"].Image, ":")
	ours = []string{"heartbeat-" + version, "jobs-numbermill", "anomalies-numbermill-default"}
	for _, input := range s.filebeat.Inputs {
		ours = append(ours, input.Index)
	}
	return ours, []string{"traces-apm-default", "metrics-apm.app.numbermill_api-default", "metrics-apm.app.numbermill_worker-default"}
}

// templates says that each data stream of ours has one template, which wins over Elasticsearch's own, and an end to how long data is kept.
func templates(s *stack) (p problems) {
	ours, _ := s.written()
	for _, index := range ours {
		var found []indexTemplate
		for _, t := range s.elastic {
			if slices.ContainsFunc(t.Patterns, func(pattern string) bool { return matches(pattern, index) }) {
				found = append(found, t)
			}
		}
		if len(found) != 1 {
			p.add("%s has %d templates", index, len(found))
			continue
		}
		t := found[0]
		if t.Priority < 200 {
			p.add("the template of %s has priority %d, and logs-*-* of Elasticsearch has 100, Beats' own 150", index, t.Priority)
		}
		if index == "jobs-numbermill" {
			if t.Stream != nil || t.Template.Lifecycle.Retention != "" {
				p.add("finished jobs would not be kept for good, once each")
			}
		} else if t.Stream == nil || t.Template.Lifecycle.Retention == "" {
			p.add("%s is no data stream, or is kept for ever", index)
		}
	}
	return p
}

// matches tells whether an index pattern has an index. Only * is special in it, and in path.Match it stops at no dot.
func matches(pattern, index string) bool {
	match, err := path.Match(pattern, index)
	return err == nil && match
}

var kibanaKeys = regexp.MustCompile(`encryptionKey$`)

// kibanaSettings are names that Kibana knows: it does not start with another.
func kibanaSettings(s *stack) (p problems) {
	known := []string{
		"server.name", "server.host", "server.publicBaseUrl", "elasticsearch.hosts", "elasticsearch.username", "elasticsearch.password",
		"xpack.encryptedSavedObjects.encryptionKey", "xpack.security.encryptionKey", "xpack.reporting.encryptionKey",
		"telemetry.optIn", "newsfeed.enabled", "xpack.fleet.isAirGapped", "uiSettings.overrides",
	}
	keys := map[string]bool{}
	for name, v := range s.kibana {
		if !slices.Contains(known, name) {
			p.add("nobody knows whether Kibana has %s", name)
		}
		if kibanaKeys.MatchString(name) {
			key := resolved(s, "kibana", text(v))
			if len(key) < 32 || keys[key] {
				p.add("%s is too short, or one that is used twice", name)
			}
			keys[key] = true
		}
	}
	if len(keys) != 3 {
		p.add("%d of Kibana's keys outlive a restart", len(keys))
	}
	if o, _ := s.kibana["uiSettings.overrides"].(map[string]any); o["observability:enableLegacyUptimeApp"] != true {
		p.add("the Uptime app is hidden")
	}
	if got, want := resolved(s, "kibana", text(s.kibana["server.publicBaseUrl"])), value(s.compose, "api", "NUMBERMILL_KIBANA"); got != want {
		p.add("Kibana says that it is at %q, and links go to %q", got, want)
	}
	return p
}
