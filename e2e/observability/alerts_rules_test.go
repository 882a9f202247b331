package observability_test

import (
	"slices"
	"time"
)

// verdict is what a rule ought to say at a time, by the series that it looks at: whether its condition holds. A series is left out if there is
// nothing to judge. It is worked out from documents alone, in other words than the rule's.
type verdict func(k truth, at time.Time) map[string]bool

// verdicts are those of all rules by their titles.
func verdicts() map[string]verdict {
	return map[string]verdict{
		"SiteDown":        mean("es-heartbeat", summaries.and(is("monitor.id", "site")), 2, "summary.up", average, func(up float64) bool { return up < 0.5 }),
		"ReadyDown":       mean("es-heartbeat", summaries.and(is("monitor.id", "ready")), 2, "summary.up", average, func(up float64) bool { return up < 0.5 }),
		"BurnFast":        burning(0.0144, 5, 60),
		"BurnSlow":        burning(0.006, 30, 360),
		"Latency":         mean(indexed, interactive, 5, requestTime, upper, func(seconds float64) bool { return seconds > 1 }),
		"CertExpiry":      expiring,
		"QueueLatency":    newest(has("numbermill.queue.oldest_age"), "numbermill.queue.oldest_age", func(age float64) bool { return age > 60 }, "labels.queue"),
		"NoWorkers":       newest(has("numbermill.workers"), "numbermill.workers", func(workers float64) bool { return workers < 1 }),
		"DeadJobs":        newest(is("labels.state", "archived"), "numbermill.queue.tasks", func(tasks float64) bool { return tasks > 0 }, "labels.queue"),
		"JobFailureRatio": failing,
		"HistoryLag":      lagging,
		"LogErrorSpike":   spike,
		"DiskAbove80":     newest(has("numbermill.disk.used"), "numbermill.disk.used", func(used float64) bool { return used > 0.8 }),
		"TelemetryLost": func(k truth, at time.Time) map[string]bool {
			return map[string]bool{"": total(k.last("es-metrics", anything, at, 10), "numbermill.telemetry.dropped_log_lines") > 0}
		},
		"Anomaly": func(k truth, at time.Time) map[string]bool {
			all := map[string]bool{}
			for _, d := range k.last("es-anomalies", is("status", "open"), at, 5) {
				if d.numbers("score")[0] >= 4 {
					all[d.text("series")] = true
				}
			}
			return all
		},
	}
}

// last are the documents of the last minutes before a time.
func (k truth) last(source string, holds where, at time.Time, minutes int) []document {
	return k.of(source, func(d document) bool {
		when := d.when()
		return holds(d) && !when.Before(at.Add(-time.Duration(minutes)*time.Minute)) && !when.After(at)
	})
}

// when is the document's time to the millisecond, as Elasticsearch has it.
func (d document) when() time.Time {
	if at, ok := d["@timestamp"].(time.Time); ok {
		return at.Truncate(time.Millisecond)
	}
	at, err := time.Parse(time.RFC3339Nano, d.text("@timestamp"))
	if err != nil {
		return time.Time{}
	}
	return at.Truncate(time.Millisecond)
}

func total(documents []document, field string) float64 {
	sum := 0.0
	for _, d := range documents {
		for _, n := range d.numbers(field) {
			sum += n
		}
	}
	return sum
}

// minutes are the documents' numbers by the minute, in order.
func minutes(documents []document, field string) [][]float64 {
	byMinute := map[time.Time][]float64{}
	for _, d := range documents {
		minute := d.when().Truncate(time.Minute)
		byMinute[minute] = append(byMinute[minute], d.numbers(field)...)
	}
	var times []time.Time
	for minute, numbers := range byMinute {
		if len(numbers) > 0 {
			times = append(times, minute)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	all := make([][]float64, 0, len(times))
	for _, minute := range times {
		all = append(all, byMinute[minute])
	}
	return all
}

func average(numbers []float64) float64 {
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	return sum / float64(len(numbers))
}

// upper is about what 95 % are not above.
func upper(numbers []float64) float64 {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[min(len(sorted)-1, len(sorted)*95/100)]
}

// mean judges the mean of what each of the last minutes comes to.
func mean(source string, holds where, last int, field string, of func([]float64) float64, fires func(float64) bool) verdict {
	return func(k truth, at time.Time) map[string]bool {
		var each []float64
		for _, numbers := range minutes(k.last(source, holds, at, last), field) {
			each = append(each, of(numbers))
		}
		if len(each) == 0 {
			return nil
		}
		return map[string]bool{"": fires(average(each))}
	}
}

// newest judges the largest value of a metric in the newest of the last five minutes.
func newest(holds where, field string, fires func(float64) bool, by ...string) verdict {
	return func(k truth, at time.Time) map[string]bool {
		all := map[string]bool{}
		documents := k.last("es-metrics", holds, at, 5)
		divided := groups(documents, by...)
		if len(by) == 0 {
			divided = map[string][]document{"": documents}
		}
		for group, some := range divided {
			if each := minutes(some, field); len(each) > 0 {
				all[group] = fires(slices.Max(each[len(each)-1]))
			}
		}
		return all
	}
}

// burning judges the share of failed requests, over a short time and a long one.
func burning(share float64, short, long int) verdict {
	return func(k truth, at time.Time) map[string]bool {
		over := func(last int) bool {
			documents := k.last(indexed, people, at, last)
			return len(documents) > 0 && total(documents, "slo.failed")/float64(len(documents)) > share
		}
		return map[string]bool{"": over(short) && over(long)}
	}
}

func expiring(k truth, at time.Time) map[string]bool {
	all := map[string]bool{}
	for _, d := range k.last("es-heartbeat", has("not_after_ms"), at, 15) {
		// The rule asks Elasticsearch, which asks its clock.
		if time.UnixMilli(int64(d.numbers("not_after_ms")[0])).Before(time.Now().Add(21 * 24 * time.Hour)) {
			all[d.text("monitor.id")] = true
		}
	}
	return all
}

func failing(k truth, at time.Time) map[string]bool {
	ended := k.last("es-metrics", has("numbermill.jobs.finished"), at, 10)
	failed := k.last("es-metrics", has("numbermill.jobs.finished").and(is("labels.outcome", "failed")), at, 10)
	all := total(ended, "numbermill.jobs.finished")
	return map[string]bool{"": all > 0 && total(failed, "numbermill.jobs.finished")/all > 0.1}
}

func lagging(k truth, at time.Time) map[string]bool {
	each := minutes(k.last("es-metrics", anything, at, 5), "numbermill.history.waiting")
	if len(each) == 0 {
		return nil
	}
	least := slices.Max(each[0])
	for _, numbers := range each {
		least = min(least, slices.Max(numbers))
	}
	return map[string]bool{"": least > 0 && least > total(k.last("es-metrics", anything, at, 5), "numbermill.history.shipped")}
}

func spike(k truth, at time.Time) map[string]bool {
	errors := is("log.level", "error")
	now := len(k.last("es-app", errors, at, 5))
	before := len(k.last("es-app", errors, at.Add(-5*time.Minute), 60))
	return map[string]bool{"": now > 10 && float64(now) > 3*float64(before)/12}
}
