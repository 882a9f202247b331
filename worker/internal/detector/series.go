package detector

import (
	"fmt"
	"time"
)

// Series is what is watched: one value a minute, out of what Elasticsearch has.
type Series struct {
	// Name stands in documents, dashboards and alerts.
	Name string
	// Title and Unit are for people; Factor makes the value one of that unit.
	Title, Unit string
	Factor      float64
	// Index is where the documents are, Query which of them, as a Lucene query string.
	Index, Query string
	// Filter narrows the value down to some of the documents, as a Lucene query string; their share is the value.
	Filter string
	// Field is what the 95th percentile is taken of; empty for a count or a share.
	Field string
	// Least is how many documents a minute must have for its value to mean anything.
	Least float64
	scale scale
}

const (
	// requests are those of people and programs.
	requests = "NOT request.kind:probe AND NOT user_agent.original:Elastic-Heartbeat*"
	// leastShare, of requests or jobs, is what a share is made of.
	leastShare = 20
	// leastTail is what a percentile is made of.
	leastTail = 10
)

// All are the series that are watched.
func All() []Series {
	const nginx, app, jobs = "logs-nginx.access-*", "logs-numbermill.app-*", "jobs-numbermill*"
	return []Series{
		{
			Name: "requests", Title: "Requests a second", Unit: "/s", Factor: 1.0 / 60, Index: nginx, Query: requests,
			scale: logarithmic(both, 0.05, arrivals(60)),
		},
		{
			Name: "failed-requests", Title: "Share of requests answered with 5xx", Unit: "of 1", Factor: 1, Index: nginx, Query: requests,
			Filter: "slo.failed:1", Least: leastShare, scale: share(),
		},
		{
			Name: "latency", Title: "95th percentile of interactive requests", Unit: "s", Factor: 1, Index: nginx,
			Query: "request.kind:interactive AND NOT user_agent.original:Elastic-Heartbeat*", Field: "nginx.access.request_time",
			Least: leastTail, scale: logarithmic(above, 0.01, tail),
		},
		{
			Name: "queue-wait", Title: "95th percentile of waits in the queue", Unit: "ms", Factor: 1, Index: jobs, Query: "cache:miss",
			Field: "timing_ms.queue", Least: leastTail, scale: logarithmic(above, 50, tail),
		},
		{
			Name: "run-time", Title: "95th percentile of run times", Unit: "ms", Factor: 1, Index: jobs, Query: "cache:miss",
			Field: "timing_ms.run", Least: leastTail, scale: logarithmic(above, 50, tail),
		},
		{
			Name: "failed-jobs", Title: "Share of jobs that failed", Unit: "of 1", Factor: 1, Index: jobs, Query: "state:(succeeded OR failed)",
			Filter: "state:failed", Least: leastShare, scale: share(),
		},
		{
			Name: "log-errors", Title: "Errors in the logs a minute", Unit: "/min", Factor: 1, Index: app, Query: "log.level:error",
			scale: rare(),
		},
	}
}

// counts tells whether a minute without documents has the value 0, rather than none.
func (s Series) counts() bool { return s.Field == "" && s.Filter == "" }

// DedupKey is one for all that is said of a series, so that what opens an incident is resolved by what closes it.
func (s Series) DedupKey() string { return "anomaly|numbermill|" + s.Name }

// message is a sentence about a verdict.
func (s Series) message(v Verdict) string {
	return fmt.Sprintf("%s: %s %s, expected %s to %s", s.Title, figure(v.Value), s.Unit, figure(v.Lower), figure(v.Upper))
}

// figure has three digits that count.
func figure(v float64) string { return fmt.Sprintf("%.3g", v) }

const (
	// seasonDays is how far back the season goes, seasonMinutes how far around the time of day.
	seasonDays    = 14
	seasonMinutes = 7
	// recentMinutes is how far back the last hour goes, without the last minutes, which may belong to an incident.
	recentMinutes = 60
	recentGap     = 5
)

// span is the minutes from from, until before to.
type span struct{ from, to time.Time }

// seasonOf are the minutes that a minute is compared with: those around the same time of day, on days of the same kind.
func seasonOf(minute time.Time) []span {
	var spans []span
	for day := 1; day <= seasonDays; day++ {
		then := minute.AddDate(0, 0, -day)
		if isWeekend(then) == isWeekend(minute) {
			spans = append(spans, span{then.Add(-seasonMinutes * time.Minute), then.Add((seasonMinutes + 1) * time.Minute)})
		}
	}
	return spans
}

// recentOf is the hour before a minute.
func recentOf(minute time.Time) span {
	return span{minute.Add(-recentMinutes * time.Minute), minute.Add(-recentGap * time.Minute)}
}

func isWeekend(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}
