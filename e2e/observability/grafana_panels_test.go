package observability_test

import (
	"maps"
	"testing"

	"numbermill/e2e/internal/grafana"
)

// What several panels look at.
var (
	byHeartbeat = func(d document) bool {
		return len(d.text("user_agent.original")) >= 17 && d.text("user_agent.original")[:17] == "Elastic-Heartbeat"
	}
	people      = not(is("request.kind", "probe")).and(not(byHeartbeat))
	interactive = is("request.kind", "interactive").and(not(byHeartbeat))
	summaries   = has("summary.up")
	transaction = is("processor.event", "transaction")
	span        = is("processor.event", "span")
)

// indexed are requests as nginx has written them, with its own times; es-nginx are those that the test has sent.
const indexed = "es-nginx as indexed"

// panels says for every panel what it must draw, by the uid of its dashboard and its title.
func panels() map[string]expectation {
	all := map[string]expectation{}
	for _, some := range []map[string]expectation{levelPanels(), trafficPanels(), servicePanels(), queuePanels(), jobPanels(), logPanels(), uptimePanels(), anomalyPanels()} {
		maps.Copy(all, some)
	}
	return all
}

func levelPanels() map[string]expectation {
	availability := func(failed float64) float64 { return 1 - failed }
	percentiles := func(of func(m measure, suffix string) expectation) expectation {
		return both(of(measure{"p50", requestTime}, "p50.0"), of(measure{"p95", requestTime}, "p95.0"), of(measure{"p99", requestTime}, "p99.0"))
	}
	return map[string]expectation{
		"nb-levels / Uptime by monitor (L1)": rows("es-heartbeat", summaries, 50, map[string]measure{"Average": {"avg", "summary.up"}}, "monitor.id"),
		"nb-levels / Availability (L2)":      figure("Availability", "es-nginx", people, measure{"avg", "slo.failed"}, availability),
		"nb-levels / Error budget left":      figure("Left", "es-nginx", people, measure{"avg", "slo.failed"}, func(failed float64) float64 { return 1 - failed/0.001 }),
		"nb-levels / Latency of interactive requests (L3)": both(
			percentiles(func(m measure, column string) expectation {
				return altogether(column+" "+requestTime, indexed, interactive, m)
			}),
			noSlower,
		),
		"nb-levels / Uptime over time (L1)":       series("es-heartbeat", summaries, measure{"avg", "summary.up"}, "monitor.id"),
		"nb-levels / Availability over time (L2)": calculated(indexed, people, measure{"avg", "slo.failed"}, availability),
		"nb-levels / Burn rate":                   calculated(indexed, people, measure{"avg", "slo.failed"}, func(burn float64) float64 { return burn * 0.001 }),
		"nb-levels / Latency over time (L3)": percentiles(func(m measure, name string) expectation {
			return named(indexed, interactive, m, name)
		}),
		"nb-levels / Failed requests": rows("es-nginx", people.and(is("slo.failed", "1")), 1000, map[string]measure{"Count": {"count", ""}}, "http.route", "http.response.status_code"),
	}
}

func trafficPanels() map[string]expectation {
	count := measure{"count", ""}
	return map[string]expectation{
		"nb-traffic / Requests per second": both(calculated(indexed, people, count, perMinute), calculated("es-nginx", people, count, perMinute)),
		"nb-traffic / Response bytes":      both(called("with headers", indexed, people, measure{"sum", "http.response.bytes"}), called("bodies", indexed, people, measure{"sum", "http.response.body.bytes"})),
		"nb-traffic / Upstream time, p95": series(indexed, people.and(has("nginx.access.upstream_response_time")),
			measure{"p95", "nginx.access.upstream_response_time"}, "request.kind"),
		"nb-traffic / Requests by kind": series("es-nginx", people, count, "request.kind"),
		"nb-traffic / Top hit routes": both(
			rows("es-nginx", people, 15, map[string]measure{"Count": count, "Average": {"avg", "slo.failed"}}, "http.route"),
			rows(indexed, people, 15, map[string]measure{"p95.0 " + requestTime: {"p95", requestTime}}, "http.route")),
		"nb-traffic / Count of each status": both(
			rows("es-nginx", anything, 50, map[string]measure{"Count": count}, "http.response.status_code"),
			rows(indexed, anything, 50, map[string]measure{"Sum": {"sum", "http.response.body.bytes"}}, "http.response.status_code")),
		"nb-traffic / Statuses over time":              series("es-nginx", people, count, "http.response.status_code"),
		"nb-traffic / Refused and given up (429, 499)": parts("es-nginx", people, map[string]where{"429": is("http.response.status_code", "429"), "499": is("http.response.status_code", "499")}),
		"nb-traffic / Slowest interactive requests":    slowest(indexed, interactive, requestTime, 15),
	}
}

func servicePanels() map[string]expectation {
	us, span95 := "transaction.duration.us", measure{"p95", "span.duration.us"}
	durations := map[string]measure{"Count": {"count", ""}, "p50.0 " + us: {"p50", us}, "p95.0 " + us: {"p95", us}, "p99.0 " + us: {"p99", us}}
	work := is("span.name", "wait in queue", "wait for memory", "claim", "compute", "write", "verify", "publish").and(is("service.name", "numbermill-worker"))
	return map[string]expectation{
		"nb-services / Duration by service": both(
			named("es-traces", transaction, measure{"p50", us}, " p50.0", "service.name"),
			named("es-traces", transaction, measure{"p95", us}, " p95.0", "service.name"),
			named("es-traces", transaction, measure{"p99", us}, " p99.0", "service.name")),
		"nb-services / Transactions per minute":     series("es-traces", transaction, measure{"count", ""}, "service.name"),
		"nb-services / Error share by service":      share("es-traces", transaction, is("event.outcome", "failure"), true, "service.name"),
		"nb-services / Error share by transaction":  share("es-traces", transaction, is("event.outcome", "failure"), false, "service.name", "transaction.name"),
		"nb-services / Transactions":                rows("es-traces", transaction, 1000, durations, "service.name", "transaction.name"),
		"nb-services / Slowest spans":               rows("es-traces", span, 20, map[string]measure{"Count": {"count", ""}, "p95.0 span.duration.us": span95, "Max": {"max", "span.duration.us"}}, "span.name"),
		"nb-services / Where the time of jobs goes": series("es-traces", span.and(work), measure{"sum", "span.duration.us"}, "span.name"),
		"nb-services / Slowest traces":              slowest("es-traces", transaction, us, 15),
		"nb-services / Memory of Go": series("es-metrics", has("go.memory.used"), measure{"max", "go.memory.used"},
			"service.name", "labels.go_memory_type"),
		"nb-services / Goroutines": series("es-metrics", has("go.goroutine.count"), measure{"max", "go.goroutine.count"}, "service.name"),
	}
}

// gauge expects the series of a metric.
func gauge(kind, metric string, by ...string) expectation {
	return series("es-metrics", has(metric), measure{kind, metric}, by...)
}

func queuePanels() map[string]expectation {
	tasks := func(states ...string) where { return has("numbermill.queue.tasks").and(is("labels.state", states...)) }
	depth := measure{"max", "numbermill.queue.tasks"}
	return map[string]expectation{
		"nb-queues / Workers":                           gauge("max", "numbermill.workers"),
		"nb-queues / Redis":                             gauge("min", "numbermill.redis.up"),
		"nb-queues / Dead tasks":                        series("es-metrics", tasks("archived"), depth),
		"nb-queues / Paused queues":                     gauge("max", "numbermill.queue.paused"),
		"nb-queues / History lag":                       gauge("max", "numbermill.history.waiting"),
		"nb-queues / Disk used":                         gauge("max", "numbermill.disk.used"),
		"nb-queues / Depth of queues":                   series("es-metrics", tasks("pending"), depth, "labels.queue"),
		"nb-queues / Oldest waiting task":               gauge("max", "numbermill.queue.oldest_age", "labels.queue"),
		"nb-queues / Wait in queue, p95":                gauge("p95", "numbermill.job.queue_wait", "labels.size_class"),
		"nb-queues / Run time, p95":                     gauge("p95", "numbermill.job.run_time", "labels.function", "labels.size_class"),
		"nb-queues / Attempts by outcome":               gauge("sum", "numbermill.attempts", "labels.outcome"),
		"nb-queues / Submissions":                       gauge("sum", "numbermill.jobs.submitted", "labels.cache"),
		"nb-queues / Refused submissions":               gauge("sum", "numbermill.jobs.refused", "labels.reason"),
		"nb-queues / Wrong results":                     figure("Sum", "es-metrics", has("numbermill.wrong_results"), measure{"sum", "numbermill.wrong_results"}, nil),
		"nb-queues / Running, scheduled, retries, dead": series("es-metrics", tasks("active", "scheduled", "retry", "archived"), depth, "labels.state", "labels.queue"),
	}
}

func jobPanels() map[string]expectation {
	return map[string]expectation{
		"nb-queues / Finished jobs by outcome": series("es-jobs", anything, measure{"count", ""}, "state"),
		"nb-queues / Jobs by function":         rows("es-jobs", anything, 1000, map[string]measure{"Count": {"count", ""}, "p95.0 timing_ms.total": {"p95", "timing_ms.total"}}, "function", "state"),
		"nb-queues / Latest failed jobs":       latest("es-jobs", is("state", "failed"), 50, "job.id", "function", "error.code", "error.message", "trace.id"),
	}
}

func logPanels() map[string]expectation {
	count := measure{"count", ""}
	bad := is("log.level", "error", "warn")
	lost := "numbermill.telemetry.dropped_log_lines"
	return map[string]expectation{
		"nb-logs / Errors over time":               series("es-app", is("log.level", "error"), count, "service.name"),
		"nb-logs / Lines by level":                 series("es-app", has("service.name"), count, "log.level"),
		"nb-logs / Lines by service and level":     rows("es-app", anything, 1000, map[string]measure{"Count": count}, "service.name", "log.level"),
		"nb-logs / Lost lines":                     figure("Sum", "es-metrics", has(lost), measure{"sum", lost}, nil),
		"nb-logs / Errors and warnings":            parts("es-app", has("service.name"), map[string]where{"errors": is("log.level", "error"), "warnings": is("log.level", "warn")}),
		"nb-logs / Latest errors and their traces": latest("es-app", bad, 100, "service.name", "log.level", "message", "error.message", "job.id", "trace.id"),
		"nb-logs / Latest failed requests":         latest(indexed, is("slo.failed", "1"), 100, "http.request.method", "url.path", "http.route", "http.response.status_code", requestTime, "trace.id"),
		"nb-logs / Log":                            latest("es-app", has("service.name"), 500, "service.name", "log.level", "message", "trace.id"),
	}
}

func uptimePanels() map[string]expectation {
	return map[string]expectation{
		"nb-uptime / Up or down": series("es-heartbeat", summaries, measure{"min", "summary.up"}, "monitor.id"),
		"nb-uptime / Checks": rows("es-heartbeat", summaries, 50, map[string]measure{
			"Count": {"count", ""}, "Sum summary.up": {"sum", "summary.up"}, "Sum summary.down": {"sum", "summary.down"}, "Average": {"avg", "summary.up"},
		}, "monitor.id"),
		"nb-uptime / Duration of checks":   series("es-heartbeat", summaries, measure{"p95", "monitor.duration.us"}, "monitor.id"),
		"nb-uptime / Certificate expires":  certificates,
		"nb-uptime / Latest failed checks": latest("es-heartbeat", summaries.and(is("monitor.status", "down")), 50, "monitor.id", "url.full", "error.message"),
	}
}

func anomalyPanels() map[string]expectation {
	point, event := is("kind", "point"), is("kind", "event")
	band := func(field string) expectation { return called(field, "es-anomalies", point, measure{"avg", field}) }
	return map[string]expectation{
		"nb-anomalies / Value and expected band": both(band("value"), band("expected"), band("lower"), band("upper")),
		"nb-anomalies / Score by series":         series("es-anomalies", point, measure{"max", "score"}, "series"),
		"nb-anomalies / Series":                  rows("es-anomalies", point, 1000, map[string]measure{"Count": {"count", ""}, "Max": {"max", "score"}}, "series", "status"),
		"nb-anomalies / Events":                  parts("es-anomalies", event, map[string]where{"opened": is("status", "open"), "closed": is("status", "closed")}),
		"nb-anomalies / Latest events":           latest("es-anomalies", event, 50, "series", "status", "message"),
	}
}

// requestTime is how long nginx took, in seconds.
const requestTime = "nginx.access.request_time"

// perMinute is how many a minute there were of so many a second.
func perMinute(perSecond float64) float64 { return 60 * perSecond }

// certificates expects the time when each monitor's ends, in milliseconds as Elasticsearch counts.
func certificates(t *testing.T, k truth, frames []grafana.Frame) {
	t.Helper()
	rows("es-heartbeat", has("tls.server.x509.not_after"), 50, map[string]measure{"Min": {"min", "not_after_ms"}}, "monitor.id")(t, k, frames)
}
