package check

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// filebeat is filebeat.yml with the names that Filebeat 8.19 knows, as far as we use them.
type filebeat struct {
	Inputs     []filestream        `yaml:"filebeat.inputs"`
	Processors []map[string]fields `yaml:"processors"`
	Queue      struct {
		Events int           `yaml:"events"`
		Flush  time.Duration `yaml:"flush.timeout"`
	} `yaml:"queue.mem"`
	Output elasticOutput `yaml:"output.elasticsearch"`
	beat   `yaml:",inline"`
}

type filestream struct {
	Type     string           `yaml:"type"`
	ID       string           `yaml:"id"`
	Paths    []string         `yaml:"paths"`
	Index    string           `yaml:"index"`
	Identity map[string]*bool `yaml:"file_identity"`
	Prospect struct {
		Scanner struct {
			Interval    time.Duration `yaml:"check_interval"`
			Exclude     []string      `yaml:"exclude_files"`
			Fingerprint struct {
				Enabled bool `yaml:"enabled"`
				Length  int  `yaml:"length"`
			} `yaml:"fingerprint"`
		} `yaml:"scanner"`
	} `yaml:"prospector"`
	Backoff struct {
		Init time.Duration `yaml:"init"`
		Max  time.Duration `yaml:"max"`
	} `yaml:"backoff"`
	Close struct {
		OnChange struct {
			Removed bool `yaml:"removed"`
		} `yaml:"on_state_change"`
	} `yaml:"close"`
	Parsers []map[string]ndjson `yaml:"parsers"`
}

type ndjson struct {
	Target    *string `yaml:"target"`
	Overwrite bool    `yaml:"overwrite_keys"`
	Expand    bool    `yaml:"expand_keys"`
	Errors    bool    `yaml:"add_error_key"`
}

type fields struct {
	Names         []string `yaml:"fields"`
	IgnoreMissing bool     `yaml:"ignore_missing"`
}

type elasticOutput struct {
	Hosts    []string `yaml:"hosts"`
	User     string   `yaml:"username"`
	Password string   `yaml:"password"`
	Index    string   `yaml:"index"`
}

// beat is what the two have in common.
type beat struct {
	Template struct {
		Enabled *bool  `yaml:"enabled"`
		Name    string `yaml:"name"`
		Pattern string `yaml:"pattern"`
	} `yaml:"setup.template"`
	ILM  *bool `yaml:"setup.ilm.enabled"`
	HTTP struct {
		Enabled bool   `yaml:"enabled"`
		Host    string `yaml:"host"`
		Port    int    `yaml:"port"`
	} `yaml:"http"`
	Logging struct {
		ToStderr bool   `yaml:"to_stderr"`
		Level    string `yaml:"level"`
		Metrics  *bool  `yaml:"metrics.enabled"`
	} `yaml:"logging"`
}

// heartbeat is heartbeat.yml likewise.
type heartbeat struct {
	RunFrom struct {
		ID  string            `yaml:"id"`
		Geo map[string]string `yaml:"geo"`
	} `yaml:"heartbeat.run_from"`
	Monitors   []monitor           `yaml:"heartbeat.monitors"`
	Processors []map[string]fields `yaml:"processors"`
	Output     elasticOutput       `yaml:"output.elasticsearch"`
	beat       `yaml:",inline"`
}

type monitor struct {
	Type        string        `yaml:"type"`
	ID          string        `yaml:"id"`
	Name        string        `yaml:"name"`
	URLs        []string      `yaml:"urls"`
	Schedule    string        `yaml:"schedule"`
	Timeout     time.Duration `yaml:"timeout"`
	MaxAttempts int           `yaml:"max_attempts"`
	IPv6        *bool         `yaml:"ipv6"`
	Request     struct {
		Method  string            `yaml:"method"`
		Headers map[string]string `yaml:"headers"`
	} `yaml:"check.request"`
	Response struct {
		Status []int    `yaml:"status"`
		Body   []string `yaml:"body"`
		JSON   []struct {
			Description string                       `yaml:"description"`
			Condition   map[string]map[string]string `yaml:"condition"`
		} `yaml:"json"`
	} `yaml:"check.response"`
	Include string            `yaml:"response.include_body"`
	SSL     map[string]string `yaml:"ssl"`
}

// filebeatReads says that Filebeat reads what nginx and the services write, where they write it.
func filebeatReads(s *stack) (p problems) {
	ids := map[string]bool{}
	for _, input := range s.filebeat.Inputs {
		if input.Type != "filestream" || ids[input.ID] || input.ID == "" {
			p.add("the input %q is no filestream with an id of its own", input.ID)
		}
		ids[input.ID] = true
		_, byFingerprint := input.Identity["fingerprint"]
		scanner := input.Prospect.Scanner
		if !byFingerprint || !scanner.Fingerprint.Enabled || scanner.Fingerprint.Length < 128 {
			p.add("%s does not tell files apart by enough of their beginning", input.ID)
		}
		if input.Backoff.Init > input.Backoff.Max || input.Backoff.Max > scanner.Interval {
			p.add("%s: backoff.init ≤ backoff.max ≤ check_interval does not hold", input.ID)
		}
		if len(input.Parsers) != 1 || input.Parsers[0]["ndjson"].Target == nil || *input.Parsers[0]["ndjson"].Target != "" ||
			!input.Parsers[0]["ndjson"].Overwrite || !input.Parsers[0]["ndjson"].Expand {
			p.add("%s does not put the members of a line at the root", input.ID)
		}
	}
	p = append(p, beatSettings("filebeat", s.filebeat.beat, s.filebeat.Output)...)

	written := map[string]string{ // what a writer calls its file, and where the lines belong
		nginxLog(s): "logs-nginx.access-default",
		strings.ReplaceAll(value(s.compose, "api", "NUMBERMILL_LOG_FILE"), "{host}", "0123456789ab"):    "logs-numbermill.app-default",
		strings.ReplaceAll(value(s.compose, "worker", "NUMBERMILL_LOG_FILE"), "{host}", "0123456789ab"): "logs-numbermill.app-default",
	}
	for file, index := range written {
		rotated := strings.TrimSuffix(file, ".json") + "-2026-11-23T15-04-05.000.json" // as lumberjack names it
		for _, file := range []string{file, rotated} {
			if got := readBy(s.filebeat.Inputs, file); !slices.Equal(got, []string{index}) {
				p.add("lines of %s go to %v, want %s", file, got, index)
			}
		}
	}
	for _, name := range []string{"nginx", "api", "worker", "filebeat"} {
		if mountsOf(s.compose, name)["/logs"] != "logs" {
			p.add("%s does not have the volume logs at /logs", name)
		}
	}
	return p
}

// readBy are the indices that the lines of a file go to.
func readBy(inputs []filestream, file string) (indices []string) {
	for _, input := range inputs {
		for _, pattern := range input.Paths {
			if match, err := path.Match(pattern, file); err == nil && match {
				indices = append(indices, input.Index)
			}
		}
	}
	return indices
}

// beatSettings are those without which data goes astray.
func beatSettings(name string, b beat, output elasticOutput) (p problems) {
	if b.Template.Enabled == nil || *b.Template.Enabled || b.ILM == nil || *b.ILM {
		p.add("%s brings templates or a lifecycle of its own", name)
	}
	if !b.HTTP.Enabled || b.HTTP.Host != "localhost" || b.HTTP.Port != 5066 {
		p.add("%s does not tell how it is on localhost:5066", name)
	}
	if !b.Logging.ToStderr {
		p.add("%s writes its log to a file", name)
	}
	if !slices.Equal(output.Hosts, []string{"http://elasticsearch:9200"}) {
		p.add("%s ships to %v", name, output.Hosts)
	}
	return p
}

// heartbeatAsks says that both monitors ask nginx what it answers, by a name that the API serves, and that their answer is as expected.
func heartbeatAsks(s *stack) (p problems) {
	p = beatSettings("heartbeat", s.heartbeat.beat, s.heartbeat.Output)
	site := value(s.compose, "heartbeat", "SITE_URL")
	var ids []string
	for _, m := range s.heartbeat.Monitors {
		ids = append(ids, m.ID)
		every, err := time.ParseDuration(strings.TrimPrefix(m.Schedule, "@every "))
		if err != nil || m.Timeout >= every || m.Type != "http" || m.MaxAttempts != 1 {
			p.add("%s is not asked once each time, with an end before the next time", m.ID)
		}
		if len(m.URLs) != 1 || !strings.HasPrefix(m.URLs[0], "${SITE_URL:"+site+"}/") {
			p.add("%s asks %v, and the site is %s", m.ID, m.URLs, site)
		}
		if !slices.Equal(m.Response.Status, []int{200}) {
			p.add("%s is up whatever the status", m.ID)
		}
	}
	if !slices.Equal(ids, []string{"site", "ready"}) {
		p.add("the monitors are %v", ids)
	}
	if u, err := url.Parse(site); err != nil || !slices.Contains(strings.Split(value(s.compose, "api", "NUMBERMILL_ALLOWED_HOST"), ","), u.Hostname()) {
		p.add("the API does not serve the name in %s", site)
	}
	page := textOf("frontend/index.html")
	for _, m := range s.heartbeat.Monitors {
		for _, body := range m.Response.Body {
			if match, err := regexp.MatchString(body, page); err != nil || !match {
				p.add("%s looks for %s, which is not in the page", m.ID, body)
			}
		}
	}
	return p
}
