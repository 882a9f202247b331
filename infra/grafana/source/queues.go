package source

// queues answers: is work waiting, for how long, does it succeed, and does anybody do it?
func queues() Dashboard {
	return dashboard("queues", "Queues and jobs",
		"Is work waiting, how long does it wait and run, how does it end? Every API reports all queues, so panels of queues take the "+
			"largest value, never a sum.",
		latest(1, "Workers", "How many workers are alive?", "short",
			ask(metrics, "_exists_:numbermill.workers").max("numbermill.workers").overTime()).steps("red", from(1, "green")).empty("nobody tells"),
		latest(2, "Redis", "Do the APIs reach Redis?", "short",
			ask(metrics, "_exists_:numbermill.redis.up").min("numbermill.redis.up").overTime()).steps("red", from(1, "green")).words("no", "yes"),
		latest(3, "Dead tasks", "How many tasks has Asynq given up, in the queue with most of them? Runbook: DeadJobs.", "short",
			ask(metrics, "labels.state:archived").max("numbermill.queue.tasks").overTime()).steps("green", from(1, "red")),
		latest(4, "Paused queues", "Is a queue paused by hand? 1 if any is.", "short",
			ask(metrics, "_exists_:numbermill.queue.paused").max("numbermill.queue.paused").overTime()).steps("green", from(1, "orange")).
			words("none", "yes"),
		latest(5, "History lag", "How many finished jobs wait to be written into the history, or to be erased there? More than none for "+
			"long is what the rule HistoryLag looks for.", "short",
			ask(metrics, "_exists_:numbermill.history.waiting").max("numbermill.history.waiting").overTime()).steps("green", from(1000, "orange")).
			empty("no history"),
		latest(6, "Disk used", "How full is the disk that results are written to, and in compose everything else as well?", "percentunit",
			ask(metrics, "_exists_:numbermill.disk.used").max("numbermill.disk.used").overTime()).
			steps("green", from(0.7, "orange"), from(0.8, "red")),
		series(7, "Depth of queues", "How many tasks wait in each queue?", "short", 12,
			ask(metrics, "labels.state:pending").max("numbermill.queue.tasks").byValue("labels.queue").overTime().named("{{term labels.queue}}")),
		series(8, "Oldest waiting task", "For how long has the first task of each queue been waiting? The rule QueueLatency fires above "+
			"60 s.", "s", 12,
			ask(metrics, "_exists_:numbermill.queue.oldest_age").max("numbermill.queue.oldest_age").byValue("labels.queue").overTime().
				named("{{term labels.queue}}")),
		series(9, "Wait in queue, p95", "How long do 95 % of the jobs of each size class wait at most until they run?", "s", 12,
			ask(metrics, "_exists_:numbermill.job.queue_wait").percentiles("numbermill.job.queue_wait", "95").byValue("labels.size_class").overTime().
				named("{{term labels.size_class}}")),
		series(10, "Run time, p95", "How long do 95 % of the computations run at most, by function and size class?", "s", 12,
			ask(metrics, "_exists_:numbermill.job.run_time").percentiles("numbermill.job.run_time", "95").
				byValue("labels.function").byValue("labels.size_class").overTime().named("{{term labels.function}} {{term labels.size_class}}")),
		stacked(11, "Attempts by outcome", "How do attempts end: succeeded, failed, to be tried again, stopped, too late, given back?", "short",
			ask(metrics, "_exists_:numbermill.attempts").sum("numbermill.attempts").byValue("labels.outcome").overTime().
				named("{{term labels.outcome}}")),
		series(12, "Running, scheduled, retries, dead", "How many tasks of each queue run, are due later, wait for another try, have been "+
			"given up?", "short", 12,
			ask(metrics, "labels.state:(active OR scheduled OR retry OR archived)").max("numbermill.queue.tasks").
				byValue("labels.state").byValue("labels.queue").overTime().named("{{term labels.state}} {{term labels.queue}}")),
		stacked(13, "Submissions", "How many jobs are submitted, and how many need a computation of their own (miss) rather than join one "+
			"(joined) or find the result (hit)?", "short",
			ask(metrics, "_exists_:numbermill.jobs.submitted").sum("numbermill.jobs.submitted").byValue("labels.cache").overTime().
				named("{{term labels.cache}}")),
		stacked(14, "Refused submissions", "What is refused, and why?", "short",
			ask(metrics, "_exists_:numbermill.jobs.refused").sum("numbermill.jobs.refused").byValue("labels.reason").overTime().
				named("{{term labels.reason}}")),
		stacked(15, "Finished jobs by outcome", "How do jobs end, by the history?", "short",
			ask(jobs, "*").count().byValue("state").overTime().named("{{term state}}")),
		table(16, "Jobs by function", "How many jobs of each function ended how, and how long did 95 % take from submission to the end, in "+
			"milliseconds?", 12,
			ask(jobs, "*").count().percentiles("timing_ms.total", "95").byValue("function").byValue("state")).
			set("p95.0 timing_ms.total", "unit", "ms").set("p95.0 timing_ms.total", "displayName", "p95"),
		table(17, "Latest failed jobs", "Which jobs failed, and why? Each leads to its trace in Kibana.", 18,
			ask(jobs, "state:failed").documents(50)).
			columns("@timestamp", "job.id", "function", "error.code", "error.message", "trace.id").toTrace(),
		stat(18, "Wrong results", "How many results did not pass their check? Each was computed anew; anything but 0 deserves a look at the "+
			"machine.", "short", 6,
			ask(metrics, "_exists_:numbermill.wrong_results").sum("numbermill.wrong_results").altogether()).steps("green", from(1, "red")).empty("0"),
	)
}

// words shows words for 0 and 1.
func (p Panel) words(no, yes string) Panel {
	p.FieldConfig.Defaults.Mappings = []Mapping{{"value", map[string]Word{"0": {no, "", 0}, "1": {yes, "", 1}}}}
	return p
}
