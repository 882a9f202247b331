package source

// The requests that count for the availability and for the latency: neither probes nor Heartbeat's own.
const (
	countedRequests     = "NOT request.kind:probe AND NOT user_agent.original:Elastic-Heartbeat*"
	interactiveRequests = "request.kind:interactive AND NOT user_agent.original:Elastic-Heartbeat*"
)

const noRequests = "No requests in this time."

// objective is the share of requests that must not fail.
const objective = "0.999"

// levelPictures are the three levels of service.
func levelPictures() []picture {
	return []picture{uptime(), availability(), latency(), availabilityOverTime(), latencyOverTime()}
}

func uptime() picture {
	rows := []obj{
		each("monitors.buckets", "row"),
		calculate("name", "datum.row.key"),
		calculate("value", "datum.row.up.value"),
		calculate("label", "format(datum.value, '.2%') + ' of ' + format(datum.row.doc_count, ',') + ' checks'"),
		calculate("colour", "datum.value >= "+objective+" ? '"+green+"' : '"+red+"'"),
	}
	return picture{
		id: "nb-l1-uptime", title: "L1 uptime", index: heartbeatIndex, query: "_exists_:summary",
		description: "The share of Heartbeat's checks through nginx that found the site up, by monitor.",
		aggs:        obj{"monitors": terms("monitor.id", 20, obj{"up": avg("summary.up")})},
		empty:       "No checks in this time: is Heartbeat running?",
		layers:      bars(rows, "monitor", axis{"checks that found it up", wholeShares()}),
	}
}

func availability() picture {
	return picture{
		id: "nb-l2-availability", title: "L2 availability", index: nginxIndex, query: countedRequests,
		description: "The share of requests that did not fail with 500 or above; probes are left out.",
		aggs:        obj{"share": avg("slo.failed"), "failed": sum("slo.failed")},
		empty:       noRequests,
		layers: number([]obj{
			calculate("big", "format(1 - datum.share.value, '.3%')"),
			calculate("small", "format(datum.failed.value, ',d') + ' of ' + format(datum.doc_count, ',d') + ' requests failed (goal: 99.9 %)'"),
			calculate("colour", "1 - datum.share.value >= "+objective+" ? '"+green+"' : '"+red+"'"),
		}),
	}
}

func latency() picture {
	rows := []obj{
		each("took.values", "row"),
		calculate("name", "'p' + datum.row.key"),
		calculate("value", "datum.row.value"),
		keep("isValid(datum.value)"),
		calculate("label", spoken("datum.value")),
		calculate("colour", "datum.value <= 1 ? '"+green+"' : '"+red+"'"),
	}
	return picture{
		id: "nb-l3-latency", title: "L3 latency", index: nginxIndex, query: interactiveRequests,
		description: "How long interactive requests took, as nginx measured them.",
		aggs:        obj{"took": percentiles("nginx.access.request_time", 50, 95, 99)},
		empty:       noRequests,
		layers:      bars(rows, "percentile", axis{"seconds", seconds()}),
	}
}

func availabilityOverTime() picture {
	rows := timeRows(calculate("value", "1 - datum.time.share.value"), keep("isValid(datum.time.share.value)"), calculate("series", "'availability'"))
	return picture{
		id: "nb-l2-over-time", title: "L2 availability over time", index: nginxIndex, query: countedRequests,
		description: "The share of requests that did not fail with 500 or above, by time.",
		aggs:        obj{"times": overTime(obj{"share": avg("slo.failed")})},
		empty:       noRequests,
		layers: lines(rows, axis{"requests that did not fail", shares()}, true,
			series("", []string{"availability"}, []string{green})),
	}
}

func latencyOverTime() picture {
	rows := timeRows(
		each("time.took.values", "point"), calculate("value", "datum.point.value"), keep("isValid(datum.value)"),
		calculate("series", "'p' + datum.point.key"),
	)
	return picture{
		id: "nb-l3-over-time", title: "L3 latency over time", index: nginxIndex, query: interactiveRequests,
		description: "Percentiles of the time of interactive requests, by time.",
		aggs:        obj{"times": overTime(obj{"took": percentiles("nginx.access.request_time", 50, 95, 99)})},
		empty:       noRequests,
		layers: lines(rows, axis{"seconds", seconds()}, false,
			series("percentile", []string{"p50", "p95", "p99"}, []string{blue, amber, red})),
	}
}
