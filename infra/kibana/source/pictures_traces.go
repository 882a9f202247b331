package source

const (
	noTraces     = "No traces in this time: is sending them switched on?"
	transactions = "processor.event:transaction"
)

// tracePictures are the performance of the services, by their traces.
func tracePictures() []picture {
	return []picture{traceRate(), traceOverTime(), traceDurations(), traceErrors(), traceSteps()}
}

func traceRate() picture {
	rows := timeRows(each("time.services.buckets", "row"), calculate("series", "datum.row.key"), calculate("value", "datum.row.doc_count"))
	return picture{
		id: "nb-trace-rate", title: "Requests and computations by service", index: tracesIndex, query: transactions,
		description: "How many transactions each service began, by time.",
		aggs:        obj{"times": overTime(obj{"services": terms("service.name", 10, nil)})},
		empty:       noTraces,
		layers:      stacked(rows, axis{"transactions per bar", counts()}, series("service", nil, palette())),
	}
}

func traceOverTime() picture {
	rows := timeRows(
		each("time.services.buckets", "service"), each("service.took.values", "point"), calculate("value", "datum.point.value / 1e6"),
		keep("isValid(datum.point.value)"), calculate("series", "datum.service.key"),
	)
	return picture{
		id: "nb-trace-over-time", title: "Duration by service, p95", index: tracesIndex, query: transactions,
		description: "How long transactions took, by service and time: 95 of 100 were shorter.",
		aggs:        obj{"times": overTime(obj{"services": terms("service.name", 10, obj{"took": percentiles("transaction.duration.us", 95)})})},
		empty:       noTraces,
		layers:      lines(rows, axis{"seconds", seconds()}, false, series("service", nil, palette())),
	}
}

// byTransaction groups by service and the name of the transaction.
func byTransaction(inner obj) obj {
	return obj{"services": terms("service.name", 3, obj{"names": terms("transaction.name", 7, inner)})}
}

// transactionRows is a row for each transaction of each service.
func transactionRows(more ...obj) []obj {
	return append([]obj{
		each("services.buckets", "service"), each("service.names.buckets", "row"),
		calculate("name", "datum.row.key + ' · ' + replace(datum.service.key, 'numbermill-', '')"),
	}, more...)
}

func traceDurations() picture {
	rows := transactionRows(
		calculate("p50", "datum.row.took.values[0].value / 1e6"),
		calculate("value", "datum.row.took.values[1].value / 1e6"),
		calculate("p99", "datum.row.took.values[2].value / 1e6"),
		calculate("label", spoken("datum.value")+" + ' (p50 ' + "+spoken("datum.p50")+" + ', p99 ' + "+spoken("datum.p99")+" + ')'"),
		calculate("colour", "'"+blue+"'"),
	)
	return picture{
		id: "nb-trace-durations", title: "Duration by transaction, p95", index: tracesIndex, query: transactions,
		description: "How long each kind of request and computation took: p95 as a bar, p50 and p99 beside it.",
		aggs:        byTransaction(obj{"took": percentiles("transaction.duration.us", 50, 95, 99)}),
		empty:       noTraces,
		layers:      bars(rows, "transaction and service", axis{"seconds", seconds()}),
	}
}

func traceErrors() picture {
	rows := transactionRows(
		calculate("value", "datum.row.failed.doc_count / datum.row.doc_count"),
		calculate("label", "format(datum.value, '.1%') + ' of ' + format(datum.row.doc_count, ',d')"),
		calculate("colour", "datum.value > 0 ? '"+red+"' : '"+green+"'"),
	)
	return picture{
		id: "nb-trace-errors", title: "Share of errors by transaction", index: tracesIndex, query: transactions,
		description: "The share of transactions whose outcome was a failure.",
		aggs:        byTransaction(obj{"failed": obj{"filter": lucene("event.outcome:failure")}}),
		empty:       noTraces,
		layers:      bars(rows, "transaction and service", axis{"failed", wholeShares()}),
	}
}

func traceSteps() picture {
	rows := []obj{
		each("steps.buckets", "row"),
		calculate("name", "datum.row.key"),
		calculate("value", "datum.row.took.value / 1e6"),
		calculate("label", spoken("datum.value")+" + ' · ' + format(datum.row.doc_count, ',d') + ' times'"),
		calculate("colour", "'"+purple+"'"),
	}
	return picture{
		id: "nb-trace-steps", title: "Where the time goes", index: tracesIndex, query: "processor.event:span AND NOT span.type:db",
		description: "How long the steps inside of requests and computations took on average, but for single commands to Redis.",
		aggs: obj{"steps": obj{
			"terms": obj{"field": "span.name", "size": 15, "order": obj{"took": "desc"}}, "aggs": obj{"took": avg("span.duration.us")},
		}},
		empty:  noTraces,
		layers: bars(rows, "step", axis{"seconds on average", seconds()}),
	}
}
