package source

import "fmt"

// Ids of the dashboards, which links carry.
const (
	overviewDashboard = "nb-overview"
	jobLogsDashboard  = "nb-job-logs"
	tracesDashboard   = "nb-traces"
)

// columns is how wide a dashboard is.
const columns = 48

// row is a row of panels of one height (one is about 20 pixels); they share the width in the given parts, or equally.
type row struct {
	height int
	parts  []int
	ids    []string
}

// dashboard is one page of panels.
type dashboard struct {
	id, title, description, from string
	rows                         []row
}

// dashboards are all of them.
func dashboards() []dashboard {
	return []dashboard{
		{
			id: overviewDashboard, title: "Numbermill: Overview", from: "now-1h",
			description: "Service levels, traffic, jobs, errors, and the ways to all the rest.",
			rows: []row{
				{height: 10, ids: []string{"nb-l1-uptime", "nb-l2-availability", "nb-l3-latency", "nb-note-overview"}},
				{height: 12, ids: []string{"nb-l2-over-time", "nb-l3-over-time"}},
				{height: 14, ids: []string{"nb-status-codes", "nb-status-over-time", "nb-top-routes"}},
				{height: 12, ids: []string{"nb-bytes", "nb-upstream", "nb-log-errors"}},
				{height: 14, ids: []string{"nb-job-outcomes", "nb-queue-wait", "nb-run-time"}},
				{height: 10, parts: []int{16, 32}, ids: []string{"nb-anomalies", "nb-search-failed-requests"}},
				{height: 14, ids: []string{"nb-search-slow-requests"}},
			},
		},
		{
			id: jobLogsDashboard, title: "Numbermill: Job logs", from: "now-24h",
			description: "What the services logged about jobs, and the jobs that have finished.",
			rows: []row{
				{height: 7, ids: []string{"nb-note-job-logs"}},
				{height: 12, ids: []string{"nb-log-levels", "nb-log-services", "nb-jobs-by-function"}},
				{height: 22, ids: []string{"nb-search-job-logs"}},
				{height: 14, ids: []string{"nb-search-errors"}},
				{height: 18, ids: []string{"nb-search-jobs"}},
			},
		},
		{
			id: tracesDashboard, title: "Numbermill: Traces", from: "now-1h",
			description: "How the services perform by their traces, and the way from a trace to its logs and back.",
			rows: []row{
				{height: 9, ids: []string{"nb-note-traces"}},
				{height: 12, ids: []string{"nb-trace-rate", "nb-trace-over-time"}},
				{height: 16, ids: []string{"nb-trace-durations", "nb-trace-errors", "nb-trace-steps"}},
				{height: 16, ids: []string{"nb-search-transactions"}},
				{height: 18, ids: []string{"nb-search-job-logs"}},
			},
		},
	}
}

// dashboardObjects are the dashboards as Kibana imports them.
func dashboardObjects() ([]Object, error) {
	kinds := map[string]string{}
	for _, s := range searches() {
		kinds[s.id] = typeSearch
	}
	for _, p := range pictures() {
		kinds[p.id] = typeVisualization
	}
	for _, n := range notes() {
		kinds[n.id] = typeVisualization
	}
	return made(dashboards(), func(d dashboard) (Object, error) {
		panels, references, err := d.panels(kinds)
		if err != nil {
			return Object{}, err
		}
		return object(typeDashboard, dashboardVersion, d.id, Dashboard{
			Title: d.title, Description: d.description, Version: 1, TimeRestore: true, TimeFrom: d.from, TimeTo: "now",
			RefreshInterval: RefreshInterval{Value: 30_000},
			OptionsJSON:     text(Options{UseMargins: true, SyncCursor: true}),
			PanelsJSON:      text(panels),
			Meta:            meta(SearchSource{Query: Query{Language: "kuery"}}),
		}, references...)
	})
}

// panels lays the rows out, one below the other.
func (d dashboard) panels(kinds map[string]string) ([]Panel, []Reference, error) {
	panels := []Panel{}
	references := []Reference{}
	y := 0
	for _, r := range d.rows {
		x := 0
		for i, id := range r.ids {
			kind, known := kinds[id]
			if !known {
				return nil, nil, fmt.Errorf("the dashboard %s shows %s, which is nothing that we have", d.id, id)
			}
			index := fmt.Sprintf("p%d", len(panels)+1)
			width := columns / len(r.ids)
			if r.parts != nil {
				width = r.parts[i]
			}
			panels = append(panels, Panel{
				Type: kind, GridData: Grid{X: x, Y: y, W: width, H: r.height, I: index}, PanelIndex: index, PanelRefName: "panel_" + index,
			})
			references = append(references, Reference{Type: kind, ID: id, Name: index + ":panel_" + index})
			x += width
		}
		y += r.height
	}
	return panels, references, nil
}
