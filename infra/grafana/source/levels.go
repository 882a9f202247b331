package source

// budget is what may fail of the service level of 99.9 %.
const budget = "0.001"

// levels answers: is the site up (L1), is it available (L2), is it fast (L3), and how much may still fail?
func levels() Dashboard {
	return dashboard("levels", "Service levels",
		"Is the site up (L1), does it answer without failing (L2), and fast enough (L3)? And how much of the error budget of 99.9 % is left?",
		stat(1, "Uptime by monitor (L1)", "Which share of Heartbeat's checks through nginx succeeded, by monitor: `site` asks for the page, "+
			"`ready` for /readyz. "+
			"avg(summary.up), each check once.", "percentunit", 6,
			ask(heartbeat, checks).avg("summary.up").byValue("monitor.id")).
			decimals(3).steps("red", from(0.99, "orange"), from(0.999, "green")),
		stat(2, "Availability (L2)", "Which share of all requests did not fail (5xx), as nginx saw them: 1 - avg(slo.failed), without "+
			"checks and Heartbeat.", "percentunit", 6,
			ask(nginx, people).avg("slo.failed").altogether()).
			complement("Average", "Availability", false).decimals(3).steps("red", from(0.995, "orange"), from(0.999, "green")),
		stat(3, "Error budget left", "How much of the 0.1 % of requests that may fail is left in the time shown; below zero the level is missed. "+
			"1 - avg(slo.failed) / 0.001.", "percentunit", 6,
			ask(nginx, people).avg("slo.failed").altogether()).
			divided("Average", budget, "Burnt", false).complement("Burnt", "Left", false).
			decimals(1).steps("red", from(0, "orange"), from(0.5, "green")),
		stat(4, "Latency of interactive requests (L3)", "How long nginx took for requests that are answered at once (no waits, streams, "+
			"downloads), for half, 95 % and 99 % of them.",
			"s", 6, ask(nginx, interactive).percentiles("nginx.access.request_time", "50", "95", "99").altogether()).
			decimals(3),
		series(5, "Uptime over time (L1)", "When was which monitor down? The share of checks that succeeded.", "percentunit", 12,
			ask(heartbeat, checks).avg("summary.up").byValue("monitor.id").overTime().named("{{term monitor.id}}")),
		series(6, "Availability over time (L2)", "When did requests fail? 1 - avg(slo.failed) of each step of time.", "percentunit", 12,
			ask(nginx, people).avg("slo.failed").overTime()).complement("Value", "Availability", true),
		series(7, "Burn rate", "How many times faster than allowed the error budget is spent. The rule BurnFast fires above 14.4 over 5 "+
			"minutes and an hour, BurnSlow above 6 over 30 minutes and 6 hours.",
			"short", 12,
			ask(nginx, people).avg("slo.failed").each("5m").named("5 minutes"),
			ask(nginx, people).avg("slo.failed").each("1h").named("1 hour").as("B")).
			divided("Value", budget, "burn", true).steps("green", from(6, "orange"), from(14.4, "red")),
		series(8, "Latency over time (L3)", "When were interactive requests slow? Half, 95 % and 99 % of them took no longer than this.", "s", 12,
			ask(nginx, interactive).percentiles("nginx.access.request_time", "50", "95", "99").overTime().named("{{metric}}")),
		table(9, "Failed requests", "Which routes spent the error budget, and with which status?", 24,
			ask(nginx, people+" AND slo.failed:1").count().by("http.route", 20).byValue("http.response.status_code")),
	)
}
