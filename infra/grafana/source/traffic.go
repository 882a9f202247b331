package source

// traffic answers: what is asked for, how often, how much goes out, with which status?
func traffic() Dashboard {
	return dashboard("traffic", "Traffic",
		"What goes through nginx: requests, bytes, routes, statuses. Checks and Heartbeat's requests are left out except where the panel "+
			"says otherwise.",
		series(1, "Requests per second", "How busy is the platform? The mean of each minute.", "reqps", 12,
			ask(nginx, people).count().each("1m")).divided("Value", "60", "Requests", true).byMinute(),
		series(2, "Response bytes", "How much goes out, with headers and without?", "bytes", 12,
			ask(nginx, people).sum("http.response.bytes").overTime().named("with headers"),
			ask(nginx, people).sum("http.response.body.bytes").overTime().named("bodies").as("B")),
		series(3, "Upstream time, p95", "How long the APIs took behind nginx, by kind of request; streams and waits last as long as they "+
			"are asked to.", "s", 12,
			ask(nginx, people+" AND _exists_:nginx.access.upstream_response_time").percentiles("nginx.access.upstream_response_time", "95").
				by("request.kind", 10).overTime().named("{{term request.kind}}")),
		stacked(4, "Requests by kind", "What sort of requests come: answered at once, waits, event streams, downloads; `-` if no API "+
			"answered.", "short",
			ask(nginx, people).count().by("request.kind", 10).overTime().named("{{term request.kind}}")),
		table(5, "Top hit routes", "Which routes are asked for most, which share of them fails, how long do 95 % take at most?", 12,
			ask(nginx, people).count().avg("slo.failed").percentiles("nginx.access.request_time", "95").by("http.route", 15)).
			set("Average", "unit", "percentunit").set("Average", "displayName", "Failed").
			set("p95.0 nginx.access.request_time", "unit", "s").set("p95.0 nginx.access.request_time", "displayName", "p95"),
		table(6, "Count of each status", "How many answers of each HTTP status, everything counted, checks too?", 12,
			ask(nginx, "*").count().sum("http.response.body.bytes").by("http.response.status_code", 50)).
			set("Sum", "unit", "bytes").set("Sum", "displayName", "Bytes of bodies"),
		stacked(7, "Statuses over time", "When did which HTTP status come?", "short",
			ask(nginx, people).count().by("http.response.status_code", 50).overTime().named("{{term http.response.status_code}}")),
		stacked(8, "Refused and given up (429, 499)", "How many requests were over a limit (429), and how often did the client go away "+
			"first (499)?", "short",
			ask(nginx, people).count().split(Filter{"http.response.status_code:429", "429"}, Filter{"http.response.status_code:499", "499"}).
				overTime().named("{{filter}}")),
		table(9, "Slowest interactive requests", "Which single requests took longest? Their traces are in Kibana.", 24,
			ask(nginx, interactive+" AND _exists_:trace.id").max("nginx.access.request_time").
				ordered("trace.id", 15, "1", "desc").by("http.route", 1).by("http.request.method", 1)).
			columns("trace.id", "http.request.method", "http.route", "Max").set("Max", "unit", "s").set("Max", "displayName", "Time").toTrace(),
	)
}
