package source

const noJobs = "No job has finished in this time."

// jobPictures are the jobs of the history, and the anomalies.
func jobPictures() []picture {
	return []picture{jobOutcomes(), jobsByFunction(), queueWait(), runTime(), anomalies()}
}

// sizeClasses is how computations are sorted by their cost.
func sizeClasses() []string { return []string{"small", "large", "huge"} }

// states is how a job may end, and the colour of each.
func states() (names, colours []string) {
	return []string{"succeeded", "failed", "cancelled", "expired"}, []string{green, red, grey, amber}
}

func jobOutcomes() picture {
	rows := timeRows(each("time.states.buckets", "row"), calculate("series", "datum.row.key"), calculate("value", "datum.row.doc_count"))
	names, colours := states()
	return picture{
		id: "nb-job-outcomes", title: "Jobs by outcome", index: jobsIndex,
		description: "How many jobs ended, and how, by time.",
		aggs:        obj{"times": overTime(obj{"states": terms("state", 10, nil)})},
		empty:       noJobs,
		layers:      stacked(rows, axis{"jobs per bar", counts()}, series("outcome", names, colours)),
	}
}

func jobsByFunction() picture {
	rows := []obj{
		each("functions.buckets", "function"), each("function.states.buckets", "row"),
		calculate("name", "datum.function.key + ' · ' + datum.row.key"),
		calculate("value", "datum.row.doc_count"),
		calculate("label", "format(datum.value, ',d')"),
		calculate("colour", "datum.row.key === 'succeeded' ? '"+green+"' : datum.row.key === 'failed' ? '"+red+"' : '"+grey+"'"),
	}
	return picture{
		id: "nb-jobs-by-function", title: "Jobs by function and outcome", index: jobsIndex,
		description: "How many jobs of each function ended, and how.",
		aggs:        obj{"functions": terms("function", 10, obj{"states": terms("state", 10, nil)})},
		empty:       noJobs,
		layers:      bars(rows, "function and outcome", axis{"jobs", counts()}),
	}
}

func queueWait() picture {
	rows := timeRows(
		each("time.sizes.buckets", "size"), each("size.waited.values", "point"), calculate("value", "datum.point.value / 1000"),
		keep("isValid(datum.point.value)"), calculate("series", "datum.size.key"),
	)
	return picture{
		id: "nb-queue-wait", title: "Wait in the queue, p95", index: jobsIndex,
		description: "How long jobs waited until a worker began, by size class: 95 of 100 waited less. Jobs that joined another computation or were answered from the cache are left out.",
		query:       "cache:miss",
		aggs:        obj{"times": overTime(obj{"sizes": terms("size_class", 5, obj{"waited": percentiles("timing_ms.queue", 95)})})},
		empty:       noJobs,
		layers: lines(rows, axis{"seconds", seconds()}, false,
			series("size class", sizeClasses(), []string{blue, amber, purple})),
	}
}

func runTime() picture {
	rows := []obj{
		each("functions.buckets", "function"), each("function.sizes.buckets", "row"),
		calculate("name", "datum.function.key + ' · ' + datum.row.key"),
		calculate("value", "datum.row.ran.values[0].value / 1000"),
		keep("isValid(datum.row.ran.values[0].value)"),
		calculate("label", spoken("datum.value")+" + ' · ' + format(datum.row.doc_count, ',d') + (datum.row.doc_count === 1 ? ' job' : ' jobs')"),
		calculate("colour", "'"+blue+"'"),
	}
	return picture{
		id: "nb-run-time", title: "Time of computing, p95", index: jobsIndex,
		description: "How long computations ran, by function and size class: 95 of 100 ran shorter. Jobs that joined one or were answered from the cache are left out.",
		query:       "cache:miss AND state:succeeded",
		aggs:        obj{"functions": terms("function", 10, obj{"sizes": terms("size_class", 5, obj{"ran": percentiles("timing_ms.run", 95)})})},
		empty:       noJobs,
		layers:      bars(rows, "function and size class", axis{"seconds", seconds()}),
	}
}

func anomalies() picture {
	rows := []obj{
		each("series.buckets", "row"),
		calculate("name", "datum.row.key"),
		calculate("value", "datum.row.doc_count"),
		calculate("label", "format(datum.value, ',d') + ' · score up to ' + format(datum.row.worst.value, '.1f')"),
		calculate("colour", "'"+red+"'"),
	}
	return picture{
		id: "nb-anomalies", title: "Anomalies", index: anomaliesIndex, query: "kind:event AND status:open",
		description: "How often each series left its usual band, and how far (score 4 raises an alert).",
		aggs:        obj{"series": terms("series", 20, obj{"worst": most("score")})},
		empty:       "No anomaly in this time.",
		layers:      bars(rows, "series", axis{"events", counts()}),
	}
}
