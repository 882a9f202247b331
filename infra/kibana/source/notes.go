package source

// note is a panel of words.
type note struct{ id, title, markdown string }

// notes are all of them. Addresses that begin with /app/ are Kibana's own.
func notes() []note {
	return []note{
		{id: "nb-note-overview", title: "Where to look", markdown: `**Service levels** (L1, L2, L3) and traffic are below; goal: 99.9 % of requests.

- **Uptime** of each monitor, with its history and certificates: [Uptime](/app/uptime)
- **Services**, their latency, errors and traces: [APM](/app/apm/services) · [Traces](/app/dashboards#/view/nb-traces)
- **Jobs** and what was logged about them: [Job logs](/app/dashboards#/view/nb-job-logs)
- **Every line**: [errors](/app/discover#/view/nb-search-errors) · [slow requests](/app/discover#/view/nb-search-slow-requests) · [failed requests](/app/discover#/view/nb-search-failed-requests) · [finished jobs](/app/discover#/view/nb-search-jobs)
- **Alerts, queues and workers**: [Grafana](` + grafana + `/dashboards)
- **The product itself**: [Numbermill](` + webApp + `/)
`},
		{id: "nb-note-job-logs", title: "How to use this page", markdown: `Write into the search bar above: ` +
			"`job.id : \"…\"`" + ` for all that was logged about one job, ` + "`trace.id : \"…\"`" + ` for one request from the browser to the worker,
` + "`service.name : \"numbermill-worker\"`" + ` or ` + "`log.level : error`" + ` for a part of the lines. Every panel follows.

In the tables a **job** leads to its page and its digits, a **trace** to APM. Back to the [Overview](/app/dashboards#/view/nb-overview) · on to the [Traces](/app/dashboards#/view/nb-traces).
`},
		{id: "nb-note-traces", title: "How to use this page", markdown: `One trace reaches from the browser through the API and the queue to the worker's verification.

- **From a trace to its logs**: open the trace in APM and choose *Logs*; or follow the **job** in the first table; or write ` + "`trace.id : \"…\"`" + ` into the search bar: the tables below then show the requests, the lines and the steps of that trace alone.
- **From a line to its trace**: follow the **trace** in the second table.
- All services: [APM](/app/apm/services) · [map of services and their traces](/app/apm/traces) · [Overview](/app/dashboards#/view/nb-overview)
`},
	}
}

// noteObjects are the notes as Kibana imports them.
func noteObjects() ([]Object, error) {
	return made(notes(), func(n note) (Object, error) {
		return visualization(n.id, n.title, "", VisState{
			Title: n.title, Type: "markdown", Aggs: []string{}, Params: VisParams{Markdown: n.markdown, FontSize: 12},
		})
	})
}
