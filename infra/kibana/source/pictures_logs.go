package source

const noLines = "No log lines in this time."

// logPictures are about the lines that the services have written.
func logPictures() []picture { return []picture{logErrors(), logLevels(), logServices()} }

// levels are those of the log, and the colour of each.
func levels() (names, colours []string) {
	return []string{"debug", "info", "warn", "error"}, []string{grey, blue, amber, red}
}

// levelRows is a row for each level of each time.
func levelRows() []obj {
	return timeRows(each("time.levels.buckets", "row"), calculate("series", "datum.row.key"), calculate("value", "datum.row.doc_count"))
}

func logErrors() picture {
	return picture{
		id: "nb-log-errors", title: "Errors and warnings in the logs", index: appIndex, query: "log.level:(error OR warn)",
		description: "How many lines of the levels error and warn the services wrote, by time.",
		aggs:        obj{"times": overTime(obj{"levels": terms("log.level", 5, nil)})},
		empty:       "No errors or warnings in this time.",
		layers:      stacked(levelRows(), axis{"lines per bar", counts()}, series("level", []string{"warn", "error"}, []string{amber, red})),
	}
}

func logLevels() picture {
	names, colours := levels()
	return picture{
		id: "nb-log-levels", title: "Log lines by level", index: appIndex,
		description: "How many lines the services wrote, by time and level.",
		aggs:        obj{"times": overTime(obj{"levels": terms("log.level", 5, nil)})},
		empty:       noLines,
		layers:      stacked(levelRows(), axis{"lines per bar", counts()}, series("level", names, colours)),
	}
}

func logServices() picture {
	rows := []obj{
		each("services.buckets", "service"), each("service.levels.buckets", "row"),
		calculate("name", "datum.service.key + ' · ' + datum.row.key"),
		calculate("value", "datum.row.doc_count"),
		calculate("label", "format(datum.value, ',d')"),
		calculate("colour", "datum.row.key === 'error' ? '"+red+"' : datum.row.key === 'warn' ? '"+amber+"' : '"+blue+"'"),
	}
	return picture{
		id: "nb-log-services", title: "Log lines by service and level", index: appIndex,
		description: "How many lines each service wrote, by level.",
		aggs:        obj{"services": terms("service.name", 10, obj{"levels": terms("log.level", 5, nil)})},
		empty:       noLines,
		layers:      bars(rows, "service and level", axis{"lines", counts()}),
	}
}
