package source

// logs answers: what do the services complain about, and in which trace?
func logs() Dashboard {
	return dashboard("logs", "Logs", "What the services have written: errors over time, the latest of them, and where to look for their traces.",
		stacked(1, "Errors over time", "When did which service write errors?", "short",
			ask(application, "log.level:error AND service.name:$service").count().byValue("service.name").overTime().named("{{term service.name}}")),
		stacked(2, "Lines by level", "How much is written of each level?", "short",
			ask(application, "service.name:$service").count().byValue("log.level").overTime().named("{{term log.level}}")),
		table(3, "Lines by service and level", "Which service writes how much of what?", 12,
			ask(application, "service.name:$service").count().byValue("service.name").byValue("log.level")),
		stat(4, "Lost lines", "How many lines could not be written to a log file, since its disk was full or slow?", "short", 6,
			ask(metrics, "_exists_:numbermill.telemetry.dropped_log_lines").sum("numbermill.telemetry.dropped_log_lines").altogether()).
			steps("green", from(1, "red")).empty("0"),
		stat(5, "Errors and warnings", "How many of each are there in the time shown?", "short", 6,
			ask(application, "service.name:$service").count().split(Filter{"log.level:error", "errors"}, Filter{"log.level:warn", "warnings"})),
		table(6, "Latest errors and their traces", "What went wrong last, for which job? Each leads to its trace in Kibana.", 24,
			ask(application, "log.level:(error OR warn) AND service.name:$service").documents(100)).
			columns("@timestamp", "service.name", "log.level", "message", "error.message", "job.id", "trace.id").toTrace(),
		table(7, "Latest failed requests", "Which requests were answered with 5xx? Each leads to its trace in Kibana.", 24,
			ask(nginx, "slo.failed:1").documents(100)).
			columns("@timestamp", "http.request.method", "url.path", "http.route", "http.response.status_code", "nginx.access.request_time", "trace.id").
			set("nginx.access.request_time", "unit", "s").toTrace(),
		lines(8, "Log", "Everything that the chosen services have written, newest first.", 24,
			ask(application, "service.name:$service").lines(500)).toTrace(),
	).choose("service", "Service", application, "service.name")
}

// lines shows a log.
func lines(id int, title, answers string, width int, target Target) Panel {
	return panel(id, "logs", title, answers, width, 12, []Target{target}, map[string]any{
		"showTime": true, "showLabels": false, "showCommonLabels": false, "wrapLogMessage": true, "prettifyLogMessage": false,
		"enableLogDetails": true, "showLogContextToggle": false, "dedupStrategy": "none", "sortOrder": "Descending",
	})
}
