package source

import "cmp"

// Where a person's browser reaches the two that are not Kibana. Kibana itself is published on the loopback interface alone, so whoever
// reads these links sits at the same machine, or has forwarded its ports.
const (
	webApp  = "http://localhost:8080"
	grafana = "http://localhost:3000"
)

// Patterns of the indices, each in one data view.
const (
	nginxIndex     = "logs-nginx.access-*"
	appIndex       = "logs-numbermill.app-*"
	heartbeatIndex = "heartbeat-*"
	tracesIndex    = "traces-apm-*"
	jobsIndex      = "jobs-numbermill"
	anomaliesIndex = "anomalies-numbermill-*"
)

const timeField = "@timestamp"

// dataView is one data view.
type dataView struct {
	id, pattern, name string
	formats           map[string]Format
	labels            map[string]string
}

// dataViews are all of them. Their ids are short, since links to Discover carry them.
func dataViews() []dataView {
	return []dataView{
		{id: "nginx", pattern: nginxIndex, name: "Requests (nginx)", formats: map[string]Format{
			"trace.id":                            traceLink(),
			"nginx.access.request_time":           duration("seconds"),
			"nginx.access.upstream_response_time": duration("seconds"),
			"http.response.bytes":                 bytesFormat(),
			"http.response.body.bytes":            bytesFormat(),
			"http.request.bytes":                  bytesFormat(),
		}, labels: map[string]string{"http.route": "Route", "http.response.status_code": "Status", "nginx.access.request_time": "Time"}},
		{id: "app", pattern: appIndex, name: "Logs of the services", formats: map[string]Format{
			"trace.id":                 traceLink(),
			"job.id":                   jobPage(),
			"event.duration":           duration("nanoseconds"),
			"http.response.body.bytes": bytesFormat(),
		}, labels: map[string]string{"log.level": "Level", "service.name": "Service", "job.id": "Job", "trace.id": "Trace"}},
		{id: "heartbeat", pattern: heartbeatIndex, name: "Uptime (Heartbeat)", formats: map[string]Format{
			"monitor.duration.us": duration("microseconds"),
			"url.full":            {ID: "url"},
		}},
		{id: "traces", pattern: tracesIndex, name: "Traces (APM)", formats: map[string]Format{
			"trace.id":                traceLink(),
			"transaction.id":          link("apm/link-to/transaction/{{value}}", "{{value}}"),
			"labels.job_id":           logsOfJob(),
			"transaction.duration.us": duration("microseconds"),
			"span.duration.us":        duration("microseconds"),
		}, labels: map[string]string{"labels.job_id": "Job (its logs)"}},
		{id: "jobs", pattern: jobsIndex, name: "Finished jobs", formats: map[string]Format{
			"trace.id":          traceLink(),
			"job.id":            jobPage(),
			"bytes":             bytesFormat(),
			"timing_ms.queue":   duration("milliseconds"),
			"timing_ms.compute": duration("milliseconds"),
			"timing_ms.write":   duration("milliseconds"),
			"timing_ms.run":     duration("milliseconds"),
			"timing_ms.total":   duration("milliseconds"),
			"cost.estimated":    duration("milliseconds"),
			"cost.actual":       duration("milliseconds"),
		}, labels: map[string]string{
			"timing_ms.queue": "Waited", "timing_ms.run": "Ran", "timing_ms.total": "In all", "cost.actual": "CPU", "cost.estimated": "CPU as estimated",
		}},
		{id: "anomalies", pattern: anomaliesIndex, name: "Anomalies", formats: map[string]Format{
			"score": {ID: "number", Params: &FormatParams{Pattern: "0,0.[0]"}},
		}},
	}
}

// dataViewObjects are the data views as Kibana imports them.
func dataViewObjects() ([]Object, error) {
	return made(dataViews(), func(v dataView) (Object, error) {
		return object(typeDataView, dataViewVersion, v.id, DataView{
			Title: v.pattern, Name: v.name, TimeFieldName: timeField, FieldFormatMap: text(orEmpty(v.formats)), FieldAttrs: text(attrs(v.labels)),
			RuntimeFieldMap: "{}", SourceFilters: "[]", Fields: "[]",
		})
	})
}

func orEmpty(formats map[string]Format) map[string]Format {
	if formats == nil {
		return map[string]Format{}
	}
	return formats
}

// Attr is what a data view says about a field besides its format.
type Attr struct {
	CustomLabel string `json:"customLabel"` //nolint:tagliatelle // the name is Kibana's
}

func attrs(labels map[string]string) map[string]Attr {
	all := map[string]Attr{}
	for field, label := range labels {
		all[field] = Attr{CustomLabel: label}
	}
	return all
}

// link shows a field as a link. An address without a scheme is one of Kibana's own, below /app/.
func link(address, label string) Format {
	return Format{ID: "url", Params: &FormatParams{URLTemplate: address, LabelTemplate: cmp.Or(label, "{{value}}")}}
}

// traceLink leads from a trace id to the trace in APM, where its logs stand beside it.
func traceLink() Format { return link("apm/link-to/trace/{{value}}", "") }

// jobPage leads from a job id to the page of the job, with its digits.
func jobPage() Format { return link(webApp+"/jobs/{{value}}", "") }

// logsOfJob leads from the job id of a span to all that was logged about the job.
func logsOfJob() Format {
	return link("dashboards#/view/"+jobLogsDashboard+
		"?_g=(time:(from:now-30d,to:now))&_a=(query:(language:kuery,query:'job.id:%22{{value}}%22'))", "")
}

// duration shows a number of the unit as a person reads it, such as 1.25 s.
func duration(unit string) Format {
	return Format{ID: "duration", Params: &FormatParams{
		InputFormat: unit, OutputFormat: "humanizePrecise", OutputPrecision: new(2), UseShortSuffix: true,
	}}
}

func bytesFormat() Format { return Format{ID: "bytes"} }
