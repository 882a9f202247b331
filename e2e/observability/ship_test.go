package observability_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/nginxtest"
	"numbermill/shared/elastictest"
	"numbermill/shared/job"
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
	root, err := nginxtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	es.Apply(os.DirFS(filepath.Join(root, "infra", "elasticsearch")))
	es.ApplyAPM()

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
	w.shipJobs(t, es)
	w.anomalies = anomaliesOf(w)
	bulk(es, anomalyStream, anys(w.anomalies))
	es.Refresh(nginxStream, appStream, heartbeatStream, tracesStream, "metrics-apm.app.*", jobsIndex, anomalyStream)
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

// shipJobs writes the history of the jobs.
func (w *world) shipJobs(t *testing.T, es *elastictest.Node) {
	t.Helper()
	var body strings.Builder
	for _, j := range w.jobs {
		line, err := json.Marshal(jobDocument(j))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&body, "{\"create\":{\"_id\":%q}}\n%s\n", j.ID, line)
	}
	answer := es.Call("POST", "/"+jobsIndex+"/_bulk?refresh=true", body.String())
	if strings.Contains(string(answer), `"errors":true`) {
		t.Errorf("the history refuses a job: %.500s", answer)
	}
}

// jobDocument is a job as the history has it.
func jobDocument(j api.Job) map[string]any {
	number := func(text *string) any {
		if text == nil {
			return nil
		}
		return json.Number(*text)
	}
	d := map[string]any{
		"@timestamp": j.FinishedAt, "job": map[string]any{"id": j.ID}, "trace": map[string]any{"id": j.TraceID}, "owner": j.Owner,
		"function": j.Function, "method": j.Method, "args": j.Args, "labels": j.Labels, "priority": j.Priority, "queue": j.Queue.Name,
		"state": j.State, "created_at": j.CreatedAt, "started_at": j.StartedAt, "finished_at": j.FinishedAt,
		"attempt": j.Attempt, "max_attempts": j.MaxAttempts, "batch": j.Batch, "retry_of": j.RetryOf,
		"cost": map[string]any{"estimated": json.Number(j.Cost.Estimated), "actual": number(j.Cost.Actual)},
	}
	var cost int64
	_, _ = fmt.Sscan(j.Cost.Estimated, &cost)
	d["size_class"] = job.ClassOf(cost)
	timing := map[string]any{"total": millis(j.CreatedAt, j.FinishedAt)}
	if j.StartedAt != nil {
		timing["queue"], timing["run"] = max(0, millis(j.CreatedAt, j.StartedAt)), millis(*j.StartedAt, j.FinishedAt)
	}
	if r := j.Result; r != nil {
		d["cache"], d["digits"], d["bytes"], d["sha256"] = r.Cache, number(r.Digits), json.Number(r.Bytes), r.SHA256
		timing["compute"], timing["write"] = r.TimingMS.Compute, r.TimingMS.Write
	}
	d["timing_ms"] = timing
	if j.Error != nil {
		d["error"] = map[string]any{"code": j.Error.Code, "message": j.Error.Detail}
	}
	return d
}

func millis(from time.Time, to *time.Time) float64 {
	return float64(to.Sub(from).Microseconds()) / 1000
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
