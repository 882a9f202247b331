package source

import "fmt"

// trafficPictures are what was asked, and how it was answered.
func trafficPictures() []picture {
	return []picture{statusCodes(), statusOverTime(), topRoutes(), bytesOverTime(), upstream()}
}

// classColour is the colour of a status code, by an expression that gives its number.
func classColour(code string) string {
	return fmt.Sprintf("%[1]s >= 500 ? '%[2]s' : %[1]s >= 400 ? '%[3]s' : %[1]s >= 300 ? '%[4]s' : '%[5]s'", code, red, amber, grey, green)
}

func statusCodes() picture {
	rows := []obj{
		each("codes.buckets", "row"),
		calculate("name", "toString(datum.row.key)"),
		calculate("value", "datum.row.doc_count"),
		calculate("label", "format(datum.value, ',d')"),
		calculate("colour", classColour("datum.row.key")),
	}
	return picture{
		id: "nb-status-codes", title: "Status codes", index: nginxIndex, query: countedRequests,
		description: "How many requests were answered with each status.",
		aggs: obj{"codes": obj{"terms": obj{
			"field": "http.response.status_code", "size": 40, "order": obj{"_key": "asc"},
		}}},
		empty:  noRequests,
		layers: bars(rows, "status", axis{"requests", counts()}),
	}
}

func statusOverTime() picture {
	classes := []obj{}
	names := []string{"1xx", "2xx", "3xx", "4xx", "5xx"}
	for i, name := range names {
		classes = append(classes, obj{"key": name, "from": 100 * (i + 1), "to": 100 * (i + 2)})
	}
	rows := timeRows(each("time.classes.buckets", "row"), calculate("series", "datum.row.key"), calculate("value", "datum.row.doc_count"),
		keep("datum.value > 0"))
	return picture{
		id: "nb-status-over-time", title: "Answers by class of status", index: nginxIndex, query: countedRequests,
		description: "How many requests were answered with a status of each class, by time.",
		aggs: obj{"times": overTime(obj{
			"classes": obj{"range": obj{"field": "http.response.status_code", "ranges": classes}},
		})},
		empty: noRequests,
		layers: stacked(rows, axis{"requests per bar", counts()},
			series("status", names, []string{purple, green, grey, amber, red})),
	}
}

func topRoutes() picture {
	rows := []obj{
		each("routes.buckets", "row"),
		calculate("name", "datum.row.key === '-' ? '(no API answered)' : datum.row.key"),
		calculate("value", "datum.row.doc_count"),
		calculate("p95", "datum.row.took.values[0].value"),
		calculate("failed", "datum.row.failed.value > 0 ? ', ' + format(datum.row.failed.value, ',d') + ' failed' : ''"),
		calculate("label", "format(datum.value, ',d') + ' · p95 ' + "+spoken("datum.p95")+" + datum.failed"),
		calculate("colour", "datum.row.failed.value > 0 ? '"+red+"' : '"+blue+"'"),
	}
	return picture{
		id: "nb-top-routes", title: "Most used routes", index: nginxIndex, query: countedRequests,
		description: "The routes with most requests, how long they took (p95) and how many failed.",
		aggs: obj{"routes": terms("http.route", 12, obj{
			"took": percentiles("nginx.access.request_time", 95), "failed": sum("slo.failed"),
		})},
		empty:  noRequests,
		layers: bars(rows, "route", axis{"requests", counts()}),
	}
}

func bytesOverTime() picture {
	rows := timeRows(calculate("value", "datum.time.sent.value"), keep("datum.value > 0"), calculate("series", "'sent'"))
	return picture{
		id: "nb-bytes", title: "Bytes sent", index: nginxIndex, query: "",
		description: "The bytes of all answers, by time.",
		aggs:        obj{"times": overTime(obj{"sent": sum("http.response.bytes")})},
		empty:       noRequests,
		layers:      stacked(rows, axis{"bytes per bar", sizes()}, series("", []string{"sent"}, []string{blue})),
	}
}

func upstream() picture {
	rows := timeRows(
		each("time.took.values", "point"), calculate("value", "datum.point.value"), keep("isValid(datum.value)"),
		calculate("series", "'p' + datum.point.key"),
	)
	return picture{
		id: "nb-upstream", title: "Time of the API behind nginx", index: nginxIndex, query: interactiveRequests,
		description: "How long the API took to answer interactive requests, without nginx and the way to the client.",
		aggs:        obj{"times": overTime(obj{"took": percentiles("nginx.access.upstream_response_time", 50, 95)})},
		empty:       noRequests,
		layers: lines(rows, axis{"seconds", seconds()}, false,
			series("percentile", []string{"p50", "p95"}, []string{blue, amber})),
	}
}
