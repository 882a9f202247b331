package source

// own are the transactions of the services that are chosen above the dashboard.
const own = "processor.event:transaction AND service.name:$service"

// services answers: how long does each service take for what, how often does it fail, and what does the time go to?
func services() Dashboard {
	return dashboard("services", "Services",
		"How the services do, by their traces: duration, rate, failures of transactions, the slowest spans; and their memory and goroutines.",
		series(1, "Duration by service", "How long do half, 95 % and 99 % of each service's transactions take at most?", "µs", 12,
			ask(traces, own).percentiles("transaction.duration.us", "50", "95", "99").byValue("service.name").overTime().
				named("{{term service.name}} {{metric}}")),
		series(2, "Transactions per minute", "How much does each service do?", "cpm", 12,
			ask(traces, own).count().byValue("service.name").each("1m").named("{{term service.name}}")).byMinute(),
		series(3, "Error share by service", "Which share of each service's transactions fails?", "percentunit", 12,
			quotient(ask(traces, own+" AND event.outcome:failure").count().even("service.name").overTime(),
				ask(traces, own).count().byValue("service.name").overTime())...),
		series(4, "Error share by transaction", "Which transactions fail, of which service? Those alone that failed at some time "+
			"shown.", "percentunit", 12,
			quotient(ask(traces, own+" AND event.outcome:failure").count().byValue("service.name").by("transaction.name", 20).overTime(),
				ask(traces, own).count().byValue("service.name").by("transaction.name", 200).overTime())...),
		table(5, "Transactions", "What does each service do, how often, and how long does it take?", 12,
			ask(traces, own).count().percentiles("transaction.duration.us", "50", "95", "99").byValue("service.name").by("transaction.name", 50)).
			set("p50.0 transaction.duration.us", "unit", "µs").set("p50.0 transaction.duration.us", "displayName", "p50").
			set("p95.0 transaction.duration.us", "unit", "µs").set("p95.0 transaction.duration.us", "displayName", "p95").
			set("p99.0 transaction.duration.us", "unit", "µs").set("p99.0 transaction.duration.us", "displayName", "p99"),
		table(6, "Slowest spans", "Which parts of the work take longest, by the time that 95 % of them take at most?", 12,
			ask(traces, "processor.event:span AND service.name:$service").percentiles("span.duration.us", "95").max("span.duration.us").count().
				ordered("span.name", 20, "1[95.0]", "desc")).
			set("p95.0 span.duration.us", "unit", "µs").set("p95.0 span.duration.us", "displayName", "p95").set("Max", "unit", "µs"),
		stacked(7, "Where the time of jobs goes", "How much time do all jobs together spend waiting, computing, writing, verifying, "+
			"publishing?", "µs",
			ask(traces, `processor.event:span AND service.name:numbermill-worker AND span.name:("wait in queue" OR "wait for memory" OR claim OR compute OR write OR verify OR publish)`).
				sum("span.duration.us").by("span.name", 10).overTime().named("{{term span.name}}")),
		table(8, "Slowest traces", "Which single requests and jobs took longest? Each leads to its trace in Kibana.", 12,
			ask(traces, own).max("transaction.duration.us").ordered("trace.id", 15, "1", "desc").by("service.name", 3).by("transaction.name", 3)).
			columns("trace.id", "service.name", "transaction.name", "Max").set("Max", "unit", "µs").set("Max", "displayName", "Time").toTrace(),
		series(9, "Memory of Go", "How much memory does Go's runtime use in the largest process of each service, for stacks and for all "+
			"else?", "bytes", 12,
			ask(metrics, "_exists_:go.memory.used").max("go.memory.used").byValue("service.name").byValue("labels.go_memory_type").overTime().
				named("{{term service.name}} {{term labels.go_memory_type}}")),
		series(10, "Goroutines", "How many goroutines has the busiest process of each service?", "short", 12,
			ask(metrics, "_exists_:go.goroutine.count").max("go.goroutine.count").byValue("service.name").overTime().named("{{term service.name}}")),
	).choose("service", "Service", traces, "service.name")
}
