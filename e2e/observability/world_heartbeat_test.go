package observability_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// beatEvery is how far apart the checks of a monitor are: more often than in production, for a world that lasts a minute.
const beatEvery = time.Second

// titled is the pattern that the body of the site has to match.
var titled = regexp.MustCompile(`<div id="root">`)

// beatSeen is a check that was made, with what Heartbeat would say of it.
type beatSeen struct {
	beat

	status int
	took   time.Duration
	fault  string
}

// watch makes the checks of Heartbeat through nginx, each monitor's at its own pace, until the returned function is called.
func (p *platform) watch(t *testing.T) (end func()) {
	t.Helper()
	over := make(chan struct{})
	var mu sync.Mutex
	for monitor, path := range map[string]string{"site": "/", "ready": "/readyz"} {
		p.watcher.Go(func() {
			tick := time.NewTicker(beatEvery)
			defer tick.Stop()
			for {
				one := beatSeen{beat: beat{at: time.Now(), monitor: monitor}}
				c := call{method: http.MethodGet, path: path, route: path, kind: "probe", heartbeat: true}
				if path == "/" {
					c.route = webRoute
				}
				got := p.through.send(t.Context(), c)
				one.took, one.status = time.Since(one.at), got.status
				one.fault = fault(monitor, got)
				one.up = one.fault == ""
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

// fault is what is wrong with an answer to a check, in Heartbeat's words; empty if nothing is.
func fault(monitor string, got answer) string {
	if got.status != http.StatusOK {
		return "received status code " + strconv.Itoa(got.status) + " expecting [200]"
	}
	if monitor == "site" {
		if !titled.Match(got.body) {
			return "body did not match any of the patterns"
		}
		return ""
	}
	var ready struct{ Status string }
	if err := json.Unmarshal(got.body, &ready); err != nil || ready.Status != "ok" {
		return "JSON body did not match 1 expressions or conditions 'ready' for monitor"
	}
	return ""
}

// document is what Heartbeat writes of a check, in its last event.
func (b beatSeen) document(site string) map[string]any {
	status, up, down := "up", 1, 0
	if !b.up {
		status, up, down = "down", 0, 1
	}
	path := map[string]string{"site": "/", "ready": "/readyz"}[b.monitor]
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
		"url":      map[string]any{"full": site + path, "domain": address.Hostname(), "scheme": "http", "path": path, "port": port},
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
