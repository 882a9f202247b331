package observability_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"numbermill/e2e/nginxtest"
)

// beatEvery is how far apart the checks of a monitor are: more often than in production, for a world that lasts a minute.
const beatEvery = time.Second

// monitor is one that infra/heartbeat has.
type monitor struct {
	id, path string
	status   int
	body     *regexp.Regexp // nil if any does
	json     map[string]any // members that the body has to have
}

// monitors reads what Heartbeat is to check.
func monitors(t *testing.T) []monitor {
	t.Helper()
	root, err := nginxtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "infra", "heartbeat", "heartbeat.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Monitors []struct {
			ID       string   `yaml:"id"`
			URLs     []string `yaml:"urls"`
			Response struct {
				Status []int    `yaml:"status"`
				Body   []string `yaml:"body"`
				JSON   []struct {
					Condition struct {
						Equals map[string]any `yaml:"equals"`
					} `yaml:"condition"`
				} `yaml:"json"`
			} `yaml:"check.response"` //nolint:tagliatelle // Heartbeat's name
		} `yaml:"heartbeat.monitors"` //nolint:tagliatelle // Heartbeat's name
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	var all []monitor
	for _, m := range config.Monitors {
		_, path, found := strings.Cut(m.URLs[0], "}") // after ${SITE_URL:…}
		if !found || len(m.Response.Status) != 1 {
			t.Fatalf("monitor %s is not one that this test understands: %+v", m.ID, m)
		}
		one := monitor{id: m.ID, path: path, status: m.Response.Status[0]}
		if len(m.Response.Body) > 0 {
			one.body = regexp.MustCompile(m.Response.Body[0])
		}
		if len(m.Response.JSON) > 0 {
			one.json = m.Response.JSON[0].Condition.Equals
		}
		all = append(all, one)
	}
	return all
}

// beatSeen is a check that was made, with what Heartbeat would say of it.
type beatSeen struct {
	beat

	path   string
	status int
	took   time.Duration
	fault  string
}

// watch makes the checks of Heartbeat through nginx, each monitor's at its own pace, until the returned function is called.
func (p *platform) watch(t *testing.T) (end func()) {
	t.Helper()
	over := make(chan struct{})
	var mu sync.Mutex
	for _, m := range monitors(t) {
		p.watcher.Go(func() {
			tick := time.NewTicker(beatEvery)
			defer tick.Stop()
			for {
				one := p.check(t, m)
				mu.Lock()
				p.beats = append(p.beats, one)
				mu.Unlock()
				select {
				case <-tick.C:
				case <-over:
					return
				}
			}
		})
	}
	return func() {
		close(over)
		p.watcher.Wait()
	}
}

// check makes one check of a monitor.
func (p *platform) check(t *testing.T, m monitor) beatSeen {
	t.Helper()
	one := beatSeen{beat: beat{at: time.Now(), monitor: m.id}, path: m.path}
	c := call{method: http.MethodGet, path: m.path, route: m.path, kind: "probe", heartbeat: true}
	if m.path == "/" {
		c.route = webRoute
	}
	got := p.through.send(t.Context(), c)
	one.took, one.status = time.Since(one.at), got.status
	one.fault = m.fault(got)
	one.up = one.fault == ""
	return one
}

// fault is what is wrong with an answer to a check, in Heartbeat's words; empty if nothing is.
func (m monitor) fault(got answer) string {
	if got.status != m.status {
		return fmt.Sprintf("received status code %d expecting [%d]", got.status, m.status)
	}
	if m.body != nil && !m.body.Match(got.body) {
		return "body did not match any of the patterns"
	}
	if m.json == nil {
		return ""
	}
	var has map[string]any
	err := json.Unmarshal(got.body, &has)
	for key, want := range m.json {
		if err != nil || has[key] != want {
			return "JSON body did not match the condition of the monitor"
		}
	}
	return ""
}

// document is what Heartbeat writes of a check, in its last event.
func (b beatSeen) document(site string) map[string]any {
	status, up, down := "up", 1, 0
	if !b.up {
		status, up, down = "down", 0, 1
	}
	address, _ := url.Parse(site)
	port, _ := strconv.Atoi(address.Port())
	d := map[string]any{
		"@timestamp": stamp(b.at), "ecs": map[string]any{"version": "8.0.0"}, "event": map[string]any{"dataset": "http", "type": "heartbeat/summary"},
		"agent": map[string]any{"name": "heartbeat", "type": "heartbeat", "version": "8.19.21"},
		"monitor": map[string]any{
			"id": b.monitor, "name": b.monitor, "type": "http", "status": status, "ip": address.Hostname(), "duration": map[string]any{"us": b.took.Microseconds()},
			"check_group": b.monitor + "-" + strconv.FormatInt(b.at.UnixMicro(), 36),
			"timespan":    map[string]any{"gte": stamp(b.at), "lt": stamp(b.at.Add(beatEvery))},
		},
		"summary":  map[string]any{"up": up, "down": down, "status": status, "attempt": 1, "max_attempts": 1, "final_attempt": true, "retry_group": b.monitor},
		"state":    map[string]any{"id": "default-" + b.monitor, "status": status, "checks": 1, "up": up, "down": down, "duration_ms": "0"},
		"url":      map[string]any{"full": site + b.path, "domain": address.Hostname(), "scheme": "http", "path": b.path, "port": port},
		"observer": map[string]any{"name": "compose", "geo": map[string]any{"name": "compose"}},
	}
	if b.status != 0 {
		d["http"] = map[string]any{
			"response": map[string]any{"status_code": b.status},
			"rtt":      map[string]any{"total": map[string]any{"us": b.took.Microseconds()}},
		}
	}
	if b.fault != "" {
		d["error"] = map[string]any{"message": b.fault, "type": "validate"}
	}
	return d
}

// stamp is a time as documents have it.
func stamp(t time.Time) string {
	return strings.Replace(t.UTC().Format("2006-01-02T15:04:05.000Z07:00"), "+00:00", "Z", 1)
}
