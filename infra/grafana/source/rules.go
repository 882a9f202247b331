package source

import "fmt"

// allRules are all there are. A runbook stands in docs/runbooks for each.
func allRules() RuleFile {
	return RuleFile{APIVersion: 1, Groups: []RuleGroup{
		group("levels", down("site", "Site", 1), down("ready", "Ready", 1), burnFast(), burnSlow(), slow(), certificate()),
		group("work", queueLatency(), noWorkers(), deadJobs(), jobFailures(), historyLag()),
		group("platform", errorSpike(), diskFull(), telemetryLost(), anomaly()),
	}}
}

func group(name string, rules ...Rule) RuleGroup {
	return RuleGroup{OrgID: 1, Name: name, Folder: "Numbermill", Interval: "1m", Rules: rules}
}

// down has a rule a monitor: of several in one rule, the one whose Heartbeat is gone would just vanish.
func down(monitor, name string, panel int) Rule {
	return rule(monitor+"-down", name+"Down", critical, "2m",
		"The monitor "+monitor+" is down", "Most checks of Heartbeat through nginx failed for two minutes, or none was made.").
		number("A", 120, 0, ask(heartbeat, checks+" AND monitor.id:"+monitor).avg("summary.up"), "mean").when("lt", 0.5).
		missing().shown("uptime", panel)
}

// burn fires if the error budget is spent faster than so many times the rate that is allowed, over a short and a long time.
func burn(r Rule, times float64, short, long int) Rule {
	failed, all := ask(nginx, people).sum("slo.failed"), ask(nginx, people).count()
	share := times / 1000
	return r.number("A", short, 0, failed, "sum").number("B", short, 0, all, "sum").
		number("C", long, 0, failed, "sum").number("D", long, 0, all, "sum").
		whenever(fmt.Sprintf("$AA > %g * $BB && $CC > %g * $DD", share, share)).shown("levels", 7)
}

func burnFast() Rule {
	return burn(rule("burn-fast", "BurnFast", critical, "0s", "The error budget is spent 14.4 times too fast",
		"More than 1.44 % of the requests failed, over the last 5 minutes and over the last hour: a month's budget would be gone in two "+
			"days."), 14.4, 300, 3600)
}

func burnSlow() Rule {
	return burn(rule("burn-slow", "BurnSlow", failing, "0s", "The error budget is spent 6 times too fast",
		"More than 0.6 % of the requests failed, over the last 30 minutes and over the last 6 hours: a month's budget would be gone in five "+
			"days."), 6, 1800, 21600)
}

func slow() Rule {
	return rule("latency", "Latency", failing, "10m", "Interactive requests are slow",
		"Of the requests that are answered at once, 5 % took longer than a second in nginx, in the mean of the last five minutes, for 10 minutes.").
		number("A", 300, 0, ask(nginx, interactive).percentiles("nginx.access.request_time", "95"), "mean").when("gt", 1).shown("levels", 8)
}

func certificate() Rule {
	return rule("cert-expiry", "CertExpiry", warning, "5m", "The certificate of {{ index .Labels \"monitor.id\" }} ends within 21 days",
		"Heartbeat saw a certificate that ends within 21 days, or has ended.").
		number("A", 900, 0, ask(heartbeat, "tls.server.x509.not_after:[* TO now+21d]").count().byValue("monitor.id"), "sum").when("gt", 0).
		shown("uptime", 4)
}

func queueLatency() Rule {
	return rule("queue-latency", "QueueLatency", failing, "5m", "Work waits for more than a minute in queue {{ index .Labels \"labels.queue\" }}",
		"The first task of the queue has been waiting for more than 60 s, for 5 minutes.").
		number("A", 300, 0, ask(metrics, "_exists_:numbermill.queue.oldest_age").max("numbermill.queue.oldest_age").byValue("labels.queue"), "last").
		when("gt", 60).shown("queues", 8)
}

func noWorkers() Rule {
	return rule("no-workers", "NoWorkers", critical, "2m", "No worker is alive", "No API sees a worker, or none tells: nothing is computed, "+
		"jobs only wait.").
		number("A", 300, 0, ask(metrics, "_exists_:numbermill.workers").max("numbermill.workers"), "last").when("lt", 1).missing().shown("queues", 1)
}

func deadJobs() Rule {
	return rule("dead-jobs", "DeadJobs", warning, "1m", "Tasks were given up in queue {{ index .Labels \"labels.queue\" }}",
		"Asynq has archived tasks: they will not be tried again by themselves.").
		number("A", 300, 0, ask(metrics, "labels.state:archived").max("numbermill.queue.tasks").byValue("labels.queue"), "last").when("gt", 0).
		shown("queues", 3)
}

func jobFailures() Rule {
	finished := ask(metrics, "_exists_:numbermill.jobs.finished").sum("numbermill.jobs.finished")
	failed := ask(metrics, "_exists_:numbermill.jobs.finished AND labels.outcome:failed").sum("numbermill.jobs.finished")
	return rule("job-failure-ratio", "JobFailureRatio", failing, "10m", "More than 10 % of the computations fail",
		"Of the computations that ended in the last 10 minutes more than 10 % failed, for 10 minutes.").
		number("A", 600, 0, failed, "sum").number("B", 600, 0, finished, "sum").whenever("$AA > 0.1 * $BB").shown("queues", 15)
}

// historyLag compares what waits all the time with what is shipped in as long: the quotient is how many times five minutes it lags behind.
func historyLag() Rule {
	return rule("history-lag", "HistoryLag", warning, "5m", "Finished jobs wait to be written into the history",
		"For five minutes there have always been finished jobs that are not in Elasticsearch yet, and more of them than were written in "+
			"that time. Nothing is lost: they are written once Elasticsearch takes them.").
		number("A", 300, 0, ask(metrics, "_exists_:numbermill.history.waiting").max("numbermill.history.waiting"), "min").
		number("B", 300, 0, ask(metrics, "_exists_:numbermill.history.shipped").sum("numbermill.history.shipped"), "sum").
		whenever("$AA > 0 && $AA > $BB").shown("queues", 5)
}

func errorSpike() Rule {
	errors := ask(application, "log.level:error").count()
	return rule("log-error-spike", "LogErrorSpike", warning, "0s", "The services write many more errors than before",
		"More than 10 errors in the last 5 minutes, and more than three times as many as in 5 minutes of the hour before.").
		number("A", 300, 0, errors, "sum").number("B", 3600, 300, errors, "sum").whenever("$AA > 10 && $AA > 0.25 * $BB").shown("logs", 1)
}

func diskFull() Rule {
	return rule("disk-above-80", "DiskAbove80", failing, "5m", "The disk is more than 80 % full",
		"The file system of the results, which in compose is the one of Elasticsearch, Redis and the logs as well, is more than 80 % full.").
		number("A", 300, 0, ask(metrics, "_exists_:numbermill.disk.used").max("numbermill.disk.used"), "last").when("gt", 0.8).shown("queues", 6)
}

func telemetryLost() Rule {
	return rule("telemetry-lost", "TelemetryLost", warning, "0s", "Lines of logs were lost", "A service could not write lines to its log "+
		"file in the last 10 minutes.").
		number("A", 600, 0, ask(metrics, "_exists_:numbermill.telemetry.dropped_log_lines").sum("numbermill.telemetry.dropped_log_lines"), "sum").
		when("gt", 0).shown("logs", 4)
}

func anomaly() Rule {
	return rule("anomaly", "Anomaly", warning, "0s", "{{ .Labels.series }} is not as usual",
		"The detector has an open anomaly with a score of 4 or more. Where it is configured, it has told PagerDuty itself.").
		number("A", 300, 0, ask(unusual, "status:open AND score:>=4").max("score").byValue("series"), "max").when("gt", 3.999).shown("anomalies", 2)
}
