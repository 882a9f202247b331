package source

// anomalies answers: what is not as usual?
func anomalies() Dashboard {
	points := "kind:point AND series:$series"
	return dashboard("anomalies", "Anomalies", "What the detector makes of the platform's own series: a value outside of its band for 3 of "+
		"5 minutes opens an event.",
		series(1, "Value and expected band", "Is the value within what is usual at this time of the day and week? Choose one series above: "+
			"their units differ.", "short", 24,
			ask(unusual, points).avg("value").overTime().named("value"),
			ask(unusual, points).avg("expected").overTime().named("expected").as("B"),
			ask(unusual, points).avg("lower").overTime().named("lower").as("C"),
			ask(unusual, points).avg("upper").overTime().named("upper").as("D")).byMinute(),
		series(2, "Score by series", "How unusual is each series? The rule Anomaly fires for open events of 4 and more.", "short", 12,
			ask(unusual, "kind:point").max("score").byValue("series").overTime().named("{{term series}}")).byMinute().
			steps("green", from(4, "red")),
		table(3, "Series", "What was the last time like for each series: how many points, the highest score, how many out of the ordinary?", 12,
			ask(unusual, "kind:point").count().max("score").byValue("series").byValue("status")),
		stat(4, "Events", "How many anomalies began, and how many ended, in the time shown?", "short", 6,
			ask(unusual, "kind:event").count().split(Filter{"status:open", "opened"}, Filter{"status:closed", "closed"})),
		table(5, "Latest events", "What was unusual, since when, until when?", 18,
			ask(unusual, "kind:event").documents(50)).
			columns("@timestamp", "series", "status", "score", "value", "expected", "opened_at", "closed_at", "message"),
	).choose("series", "Series", unusual, "series")
}
