package observability_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/elastictest"
)

// Where things land.
const (
	nginxStream     = "logs-nginx.access-default"
	appStream       = "logs-numbermill.app-default"
	heartbeatStream = "heartbeat-8.19.21"
	tracesStream    = "traces-apm-default"
	jobsIndex       = "jobs-numbermill"
	anomalyStream   = "anomalies-numbermill-default"
)

// record gathers what was seen: requests as the test made them, with the time that nginx has logged.
func (p *platform) record(t *testing.T, w *world) {
	t.Helper()
	logged := map[string]float64{}
	for _, l := range p.nginx.Lines(t) {
		seconds, ok := l.Fields["nginx.access.request_time"].(float64)
		if !ok {
			t.Fatalf("a line of nginx has no time: %s", l.Raw)
		}
		logged[l.Text("http.request.id")] = seconds
	}
	for i, r := range p.through.requests {
		seconds, ok := logged[p.through.ids[i]]
		if !ok {
			t.Errorf("nginx has not logged %s %s (%s), answered with %d", r.method, r.route, p.through.ids[i], r.status)
		}
		r.logged = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
		w.requests = append(w.requests, r)
	}
	slices.SortFunc(p.beats, func(a, b beatSeen) int { return a.at.Compare(b.at) })
	for _, b := range p.beats {
		w.beats = append(w.beats, b.beat)
	}
	w.jobs = p.ended
}

// ship puts everything where production has it.
func (w *world) ship(t *testing.T, es *elastictest.Node, p *platform) {
	t.Helper()
	var lines []any
	for _, l := range p.nginx.Lines(t) {
		lines = append(lines, filebeat(l.Fields, p.nginx.LogDir))
	}
	bulk(es, nginxStream, lines)
	w.logs = p.logLines(t)
	bulk(es, appStream, anys(w.logs))
	var beats []any
	for _, b := range p.beats {
		beats = append(beats, b.document(p.nginx.URL))
	}
	bulk(es, heartbeatStream, beats)
	w.shipAPM(t, es, p)
	bulk(es, anomalyStream, anys(anomaliesOf(w)))
	es.Refresh(nginxStream, appStream, heartbeatStream, tracesStream, "metrics-apm.app.*", jobsIndex, anomalyStream)
	w.anomalies = sources(t, es, anomalyStream) // the workers' own detector may have written some
}

// sources are all documents of a data stream.
func sources(t *testing.T, es *elastictest.Node, name string) []map[string]any {
	t.Helper()
	var answer struct {
		Hits struct {
			Hits []struct {
				Source map[string]any `json:"_source"` //nolint:tagliatelle // Elasticsearch's name
			}
		}
	}
	es.Search(name, map[string]any{"size": 10_000}, &answer)
	var all []map[string]any
	for _, hit := range answer.Hits.Hits {
		all = append(all, hit.Source)
	}
	return all
}

// logLines are all lines in the log files of the services, as indexed.
func (p *platform) logLines(t *testing.T) []map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.logs, "*.json"))
	if err != nil || len(files) != len(p.all) {
		t.Fatalf("%d log files of %d processes (%v)", len(files), len(p.all), err)
	}
	var lines []map[string]any
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for raw := range bytes.Lines(content) {
			var line map[string]any
			if err := json.Unmarshal(raw, &line); err != nil {
				t.Errorf("a line of %s is no JSON: %v\n%q", file, err, raw)
				continue
			}
			lines = append(lines, filebeat(line, file))
		}
	}
	return lines
}

// bulk adds documents, a few thousand at a time.
func bulk(es *elastictest.Node, name string, documents []any) {
	for part := range slices.Chunk(documents, 2000) {
		es.Bulk(name, part...)
	}
}

func anys(documents []map[string]any) []any {
	all := make([]any, len(documents))
	for i, d := range documents {
		all[i] = d
	}
	return all
}

// filebeat is what Filebeat makes of a line by its ndjson parser, with expand_keys and overwrite_keys: nested objects, no nulls, and what it
// adds itself.
func filebeat(line map[string]any, file string) map[string]any {
	d := map[string]any{
		"agent": map[string]any{"name": "filebeat", "type": "filebeat", "version": "8.19.21"},
		"ecs":   map[string]any{"version": "8.0.0"}, "host": map[string]any{"name": "filebeat"},
		"log": map[string]any{"file": map[string]any{"path": file}},
	}
	for key, value := range line {
		put(d, strings.Split(key, "."), value)
	}
	return d
}

// put puts a value where its key says, and leaves nulls out.
func put(into map[string]any, path []string, value any) {
	if value == nil {
		return
	}
	if len(path) == 1 {
		into[path[0]] = value
		return
	}
	next, ok := into[path[0]].(map[string]any)
	if !ok {
		next = map[string]any{}
		into[path[0]] = next
	}
	put(next, path[1:], value)
}

// awaitHistory waits until the workers have entered every job that has ended into the history, and erased those that were deleted.
func (p *platform) awaitHistory(t *testing.T) {
	t.Helper()
	want := map[string]bool{}
	for _, j := range p.ended {
		want[string(j.ID)] = true
	}
	for deadline := time.Now().Add(2 * platformtest.Patience); ; p.pause(t, 250*time.Millisecond) {
		p.es.Refresh(jobsIndex)
		missing, strange := len(want), 0
		for _, d := range sources(t, p.es, jobsIndex) {
			if id, _ := field(d, "job.id").(string); want[id] {
				missing--
			} else {
				strange++
			}
		}
		if missing == 0 && strange == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the history lacks %d of %d jobs, and has %d others", missing, len(want), strange)
		}
	}
}

// anomaliesOf are what the detector would have written of the worst minute: points of one series, and the event that they make.
func anomaliesOf(w *world) []map[string]any {
	failed := slices.MaxFunc(w.requests, func(a, b request) int { return cmp.Compare(a.status, b.status) }).at.Truncate(time.Minute)
	var all []map[string]any
	point := func(at time.Time, series string, value, expected, score float64, status string) {
		all = append(all, map[string]any{
			"@timestamp": stamp(at), "kind": "point", "series": series, "status": status, "flagged": score >= 4, "value": value, "expected": expected,
			"lower": expected * 0.5, "upper": expected*1.5 + 0.01, "score": score, "volume": 100, "method": "season",
			"dedup_key": "anomaly|numbermill|" + series,
		})
	}
	for i := range 3 {
		point(failed.Add(time.Duration(i-2)*time.Minute), "requests_per_second", 10+float64(i), 11, 0.5, "quiet")
		point(failed.Add(time.Duration(i-2)*time.Minute), "error_share", 0.1*float64(i+1), 0.01, 3+float64(i), "open")
	}
	return append(all, map[string]any{
		"@timestamp": stamp(failed), "kind": "event", "series": "error_share", "status": "open", "value": 0.3, "expected": 0.01, "lower": 0.005, "upper": 0.025,
		"score": 5, "opened_at": stamp(failed), "dedup_key": "anomaly|numbermill|error_share", "tags": []string{"error_share"},
		"message": "The share of failed requests is 30 %, where 1 % is usual.",
	})
}
