package source

// uptime answers: when was the platform up, as seen through nginx, and is its certificate good?
func uptime() Dashboard {
	return dashboard("uptime", "Uptime", "What Heartbeat saw through nginx: the page (`site`) and readiness (`ready`). Kibana's Uptime app "+
		"shows single checks.",
		timeline(1, "Up or down", "When was which monitor down?", 24,
			ask(heartbeat, checks).min("summary.up").byValue("monitor.id").overTime().named("{{term monitor.id}}")).
			words("down", "up"),
		table(2, "Checks", "How many checks of each monitor succeeded and failed, and which share?", 12,
			ask(heartbeat, checks).count().sum("summary.up").sum("summary.down").avg("summary.up").byValue("monitor.id")).
			set("Average", "unit", "percentunit").set("Average", "displayName", "Uptime").
			set("Sum summary.up", "displayName", "Up").set("Sum summary.down", "displayName", "Down"),
		series(3, "Duration of checks", "How long do 95 % of the checks take at most?", "µs", 12,
			ask(heartbeat, checks).percentiles("monitor.duration.us", "95").byValue("monitor.id").overTime().named("{{term monitor.id}}")),
		stat(4, "Certificate expires", "When does the certificate of each monitor end? Empty without TLS.", "dateTimeFromNow", 6,
			ask(heartbeat, "_exists_:tls.server.x509.not_after").min("tls.server.x509.not_after").byValue("monitor.id")).empty("no TLS"),
		table(5, "Latest failed checks", "Which checks failed last, and why?", 18,
			ask(heartbeat, checks+" AND monitor.status:down").documents(50)).
			columns("@timestamp", "monitor.id", "url.full", "monitor.duration.us", "error.message").set("monitor.duration.us", "unit", "µs"),
	)
}

// timeline draws states over time.
func timeline(id int, title, answers string, width int, target Target) Panel {
	p := panel(id, "state-timeline", title, answers, width, 6, []Target{target}, map[string]any{
		"mergeValues": true, "rowHeight": 0.9, "showValue": "auto",
		"legend":  map[string]any{"calcs": []string{}, "displayMode": "list", "placement": "bottom", "showLegend": true},
		"tooltip": map[string]any{"mode": "single", "sort": "none"},
	})
	p.FieldConfig.Defaults.Custom = map[string]any{"fillOpacity": 80, "lineWidth": 0}
	return p.steps("red", from(1, "green"))
}
