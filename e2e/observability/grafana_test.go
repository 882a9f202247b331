package observability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/internal/grafana"
	"numbermill/shared/elastictest"
)

// grafanaFiles are what Grafana reads.
type grafanaFiles struct {
	dashboards   map[string]grafana.Dashboard
	provisioning grafana.Provisioning
}

func readGrafana(t *testing.T) grafanaFiles {
	t.Helper()
	folder := filepath.Join("..", "..", "infra", "grafana")
	dashboards, err := grafana.ReadDashboards(filepath.Join(folder, "dashboards"))
	if err != nil {
		t.Fatal(err)
	}
	provisioning, err := grafana.ReadProvisioning(filepath.Join(folder, "provisioning"))
	if err != nil {
		t.Fatal(err)
	}
	return grafanaFiles{dashboards, provisioning}
}

// quietInTheWorld are the panels that are empty in the world, which has no TLS. In the made-up one they are not.
var quietInTheWorld = map[string]bool{"nb-uptime / Certificate expires": true}

// TestGrafanaPanels runs every query of every panel on what a real platform left behind, and holds the numbers against what really happened.
func TestGrafanaPanels(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	files := readGrafana(t)
	draw(t, files, grafana.Client{URL: w.es, Sources: files.provisioning.SourcesByUID()}, w.truth(t, files), quietInTheWorld)
}

// TestGrafanaPanelsOnEverything does it on made-up documents of everything that panels show, what is rare included.
func TestGrafanaPanelsOnEverything(t *testing.T) {
	t.Parallel()
	files := readGrafana(t)
	node := elastictest.Start(t)
	k := everything()
	client := index(t, node, files, k.by)
	draw(t, files, client, k, nil)
}

// draw draws all panels; one for which nothing is expected, or that is empty without being allowed to, fails.
func draw(t *testing.T, files grafanaFiles, client grafana.Client, k truth, quiet map[string]bool) {
	t.Helper()
	expected := panels()
	for uid, dashboard := range files.dashboards {
		for _, panel := range dashboard.Panels {
			name := uid + " / " + panel.Title
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				judge, known := expected[name]
				if !known {
					t.Fatal("nothing is expected of this panel")
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				frames, err := client.Draw(ctx, dashboard, panel, k.from, k.to, nil)
				if err != nil {
					t.Fatal(err)
				}
				if !drawn(frames) {
					if quiet[name] {
						t.Log("nothing of that sort has happened")
						return
					}
					t.Errorf("the panel is empty: %v", frames)
				}
				judge(t, k, frames)
			})
		}
	}
	for name := range expected {
		uid, title, _ := strings.Cut(name, " / ")
		if !hasPanel(files.dashboards[uid], title) {
			t.Errorf("something is expected of the panel %q, which is not there", name)
		}
	}
}

func hasPanel(dashboard grafana.Dashboard, title string) bool {
	for _, panel := range dashboard.Panels {
		if panel.Title == title {
			return true
		}
	}
	return false
}

// drawn tells whether there is any value to be seen.
func drawn(frames []grafana.Frame) bool {
	for _, frame := range frames {
		if frame.Rows() > 0 && (!frame.Series() || len(frame.Numbers()) > 0) {
			return true
		}
	}
	return false
}

// truth is what happened in the world: requests as the test has sent them, everything else as it was told.
func (w *world) truth(t *testing.T, files grafanaFiles) truth {
	t.Helper()
	k := truth{from: w.from, to: w.to, by: map[string][]document{
		"es-app": flatAll(w.logs), "es-traces": flatAll(w.spans), "es-metrics": flatAll(w.metrics), "es-anomalies": flatAll(w.anomalies),
	}}
	for _, r := range w.requests {
		d := document{
			"fuzzy": true, "@timestamp": r.at.Add(r.took), "http.route": r.route, "request.kind": r.kind, "http.response.status_code": r.status,
			"slo.failed": 0, "http.response.body.bytes": r.bytes, "http.request.method": r.method, requestTime: r.logged.Seconds(), "took": r.took.Seconds(),
		}
		if r.status >= 500 {
			d["slo.failed"] = 1
		}
		if r.traceID != "" {
			d["trace.id"] = r.traceID
		}
		if r.heartbeat {
			d["user_agent.original"] = "Elastic-Heartbeat/8.19.21"
		}
		k.by["es-nginx"] = append(k.by["es-nginx"], d)
	}
	for _, source := range []string{"es-nginx", "es-heartbeat", "es-jobs"} {
		name := source
		if source == "es-nginx" {
			name = indexed
		}
		k.by[name] = stored(t, w.es, files.provisioning.SourcesByUID()[source].JSONData.Index, w.from, w.to)
	}
	w.agrees(t, k)
	for source, documents := range k.by {
		k.by[source] = slices.DeleteFunc(documents, func(d document) bool { return d.when().Before(k.from) || d.when().After(k.to) })
	}
	return k
}

// agrees holds what was indexed of requests, checks and jobs against what the test knows of them, so that it may be compared with in detail.
func (w *world) agrees(t *testing.T, k truth) {
	t.Helper()
	if got, want := len(k.by[indexed]), len(w.requests); got != want {
		t.Errorf("got %d requests indexed, want %d", got, want)
	}
	beats := groups(k.of("es-heartbeat", summaries), "monitor.id", "summary.up")
	want := map[string]int{}
	for _, b := range w.beats {
		up := "0"
		if b.up {
			up = "1"
		}
		want[b.monitor+" "+up]++
	}
	for group, n := range want {
		if len(beats[group]) != n {
			t.Errorf("got %d checks %q indexed, want %d", len(beats[group]), group, n)
		}
	}
	states := groups(k.by["es-jobs"], "state")
	ended := map[string]int{}
	for i := range w.jobs {
		ended[fmt.Sprint(w.jobs[i].State)]++
	}
	for state, n := range ended {
		if len(states[state]) != n {
			t.Errorf("got %d jobs %s in the history, want %d", len(states[state]), state, n)
		}
	}
}

// stored reads all documents of an index between two times.
func stored(t *testing.T, url, index string, from, to time.Time) []document {
	t.Helper()
	source := grafana.Source{}
	source.JSONData.Index = index
	target := grafana.Target{RefID: "A", Datasource: grafana.Reference{UID: "x"}, Metrics: []grafana.Metric{{ID: "1", Type: "raw_data"}}}
	target.Metrics[0].Settings.Size = "10000"
	client := grafana.Client{URL: url, Sources: map[string]grafana.Source{"x": source}}
	results, err := client.Run(t.Context(), []grafana.Target{target}, grafana.Range{From: from, To: to, Step: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var all []document
	for _, frame := range results["A"] {
		if frame.Rows() == 10_000 {
			t.Fatalf("there are more documents in %s than can be read at once", index)
		}
		for i := range frame.Rows() {
			d := document(frame.Row(i))
			for field, value := range d {
				if value == nil {
					delete(d, field)
				}
			}
			all = append(all, d)
		}
	}
	return all
}

// index puts documents into Elasticsearch under the platform's own templates, each data source's under names of its own, and returns a client
// that looks at them alone.
func index(t *testing.T, node *elastictest.Node, files grafanaFiles, documents map[string][]document) grafana.Client {
	t.Helper()
	applyTemplates(t, node)
	client := grafana.Client{URL: node.URL(), Sources: files.provisioning.SourcesByUID()}
	for uid, source := range client.Sources {
		own := elastictest.Name()
		name := strings.TrimSuffix(strings.TrimSuffix(source.JSONData.Index, "*"), ".") + own
		switch uid {
		case "es-metrics":
			name = "metrics-apm.app.numbermill-" + own
		case "es-jobs":
			name = "jobs-numbermill-" + own
		}
		source.JSONData.Index = name
		client.Sources[uid] = source
		bodies := make([]any, 0, len(documents[uid]))
		for _, d := range documents[uid] {
			bodies = append(bodies, d.stored())
		}
		node.Bulk(name, bodies...)
	}
	return client
}

// stored is the document as it is written: without what only the test knows.
func (d document) stored() json.RawMessage {
	copied := map[string]any{}
	for field, value := range d {
		if field != "not_after_ms" {
			copied[field] = value
		}
	}
	text, err := json.Marshal(copied)
	if err != nil {
		panic(fmt.Sprintf("write %v: %v", d, err))
	}
	return text
}
