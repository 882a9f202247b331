package source

import "encoding/json"

// search is a saved search. Its query is Lucene, which Elasticsearch reads as it stands; KQL is translated by Kibana, and could only be tested
// with a translation of our own (docs/decisions/0108).
type search struct {
	id, title, description, view, query string
	columns                             []string
	// byTime is the usual order, newest first; else sortBy falls.
	sortBy string
}

// searches are all of them.
func searches() []search {
	return []search{
		{
			id: "nb-search-job-logs", title: "Job logs", view: "app", query: "_exists_:job.id",
			description: "Every line of the services that belongs to a job. Ask for one by job.id, or for one trace by trace.id.",
			columns:     []string{"log.level", "service.name", "message", "function", "job.id", "trace.id"},
		},
		{
			id: "nb-search-errors", title: "Errors", view: "app", query: "log.level:error",
			description: "Lines of the level error, of every service.",
			columns:     []string{"service.name", "message", "error.message", "job.id", "trace.id"},
		},
		{
			id: "nb-search-slow-requests", title: "Slow requests", view: "nginx",
			query:       "request.kind:interactive AND nginx.access.request_time:>1 AND NOT user_agent.original:Elastic-Heartbeat*",
			description: "Interactive requests that took more than a second.",
			columns:     []string{"nginx.access.request_time", "http.request.method", "http.route", "http.response.status_code", "trace.id"},
			sortBy:      "nginx.access.request_time",
		},
		{
			id: "nb-search-failed-requests", title: "Failed requests", view: "nginx",
			query:       "slo.failed:1 AND NOT request.kind:probe AND NOT user_agent.original:Elastic-Heartbeat*",
			description: "Requests that count against the availability: answered with 500 or above.",
			columns: []string{
				"http.response.status_code", "http.request.method", "http.route", "url.path", "nginx.access.upstream_status", "nginx.access.request_time", "trace.id",
			},
		},
		{
			id: "nb-search-jobs", title: "Finished jobs", view: "jobs", query: "",
			description: "One line a job that has ended, kept for good.",
			columns: []string{
				"state", "function", "method", "size_class", "timing_ms.queue", "timing_ms.run", "digits", "cost.actual", "error.code", "job.id", "trace.id",
			},
		},
		{
			id: "nb-search-transactions", title: "Requests and computations", view: "traces", query: "processor.event:transaction",
			description: "The beginning of each trace in each service. The job leads to its logs, the trace to APM.",
			columns: []string{
				"service.name", "transaction.name", "transaction.duration.us", "event.outcome", "labels.job_id", "trace.id",
			},
		},
	}
}

// sourceRef is the name under which a saved search knows its data view.
const sourceRef = "kibanaSavedObjectMeta.searchSourceJSON.index"

// searchObjects are the saved searches as Kibana imports them.
func searchObjects() ([]Object, error) {
	return made(searches(), func(s search) (Object, error) {
		by := timeField
		if s.sortBy != "" {
			by = s.sortBy
		}
		return object(typeSearch, searchVersion, s.id, Search{
			Title: s.title, Description: s.description, Columns: s.columns, Sort: [][]string{{by, "desc"}},
			Meta: meta(SearchSource{Query: Query{Query: s.query, Language: "lucene"}, IndexRefName: sourceRef}),
		}, Reference{Type: typeDataView, ID: s.view, Name: sourceRef})
	})
}

// meta is a search source as text.
func meta(source SearchSource) Meta {
	if source.Filter == nil {
		source.Filter = []json.RawMessage{} // Kibana wants an empty list written out
	}
	return Meta{SearchSourceJSON: text(source)}
}
