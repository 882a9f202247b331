package observability_test

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"numbermill/api"
)

// pictureChecks is what is expected of each picture.
func pictureChecks() map[string]func(*testing.T, *world, reply) {
	return map[string]func(*testing.T, *world, reply){
		"nb-l1-uptime":        checkUptime,
		"nb-l2-availability":  checkAvailability,
		"nb-l2-over-time":     checkAvailabilityOverTime,
		"nb-l3-latency":       checkLatency,
		"nb-l3-over-time":     checkLatencyOverTime,
		"nb-status-codes":     checkStatusCodes,
		"nb-status-over-time": checkStatusOverTime,
		"nb-top-routes":       checkRoutes,
		"nb-bytes":            checkBytes,
		"nb-upstream":         checkUpstream,
		"nb-job-outcomes":     checkJobOutcomes,
		"nb-jobs-by-function": checkJobsByFunction,
		"nb-queue-wait":       checkQueueWait,
		"nb-run-time":         checkRunTime,
		"nb-anomalies":        checkAnomalies,
		"nb-log-errors":       checkLogErrors,
		"nb-log-levels":       checkLogLevels,
		"nb-log-services":     checkLogServices,
		"nb-trace-rate":       checkTraceRate,
		"nb-trace-over-time":  checkTraceOverTime,
		"nb-trace-durations":  checkTraceDurations,
		"nb-trace-errors":     checkTraceErrors,
		"nb-trace-steps":      checkTraceSteps,
	}
}

// searchCounts is how many documents each saved search should find.
func searchCounts(t *testing.T, w *world) map[string]int {
	t.Helper()
	return map[string]int{
		"nb-search-job-logs": countOf(w.logs, func(d map[string]any) bool { return at(d, "job.id") != nil }),
		"nb-search-errors":   countOf(w.logs, func(d map[string]any) bool { return at(d, "log.level") == "error" }),
		"nb-search-slow-requests": countOf(w.everything(t, "logs-nginx.access-*"), func(d map[string]any) bool {
			took, _ := numberAt(d, "nginx.access.request_time")
			return took > 1 && interactiveDocument(d)
		}),
		"nb-search-failed-requests": countOf(w.requests, func(r request) bool { return r.counted() && r.status >= 500 }),
		"nb-search-jobs":            len(w.jobs),
		"nb-search-transactions":    len(w.transactions()),
	}
}

// counted is whether a request counts for the availability.
func (r request) counted() bool { return r.kind != "probe" && !r.heartbeat }

// countedDocument and interactiveDocument are the same of a document of nginx.
func countedDocument(d map[string]any) bool {
	return at(d, "request.kind") != "probe" && !strings.HasPrefix(textAt(d, "user_agent.original"), "Elastic-Heartbeat")
}

func interactiveDocument(d map[string]any) bool {
	return at(d, "request.kind") == "interactive" && countedDocument(d)
}

// transactions are the spans that APM makes transactions of.
func (w *world) transactions() []map[string]any {
	return chosen(w.spans, func(d map[string]any) bool { return at(d, "processor.event") == "transaction" })
}

func checkUptime(t *testing.T, w *world, r reply) {
	t.Helper()
	ups, checks := map[string]float64{}, map[string]int{}
	for _, b := range w.beats {
		checks[b.monitor]++
		if b.up {
			ups[b.monitor]++
		}
	}
	got := map[string]int{}
	for _, m := range listOf(at(r.asked, "monitors.buckets")) {
		monitor := textAt(m, "key")
		got[monitor] = whole(m, "doc_count")
		nearly(t, monitor, m, "up.value", ups[monitor]/float64(checks[monitor]))
	}
	alike(t, "checks by monitor", got, checks)
	if slices.ContainsFunc(w.beats, func(b beat) bool { return !b.up }) && maps.Equal(ups, asFloats(checks)) {
		t.Error("no check failed")
	}
}

func checkAvailability(t *testing.T, w *world, r reply) {
	t.Helper()
	all := chosen(w.requests, request.counted)
	failed := countOf(all, func(r request) bool { return r.status >= 500 })
	alike(t, "requests", whole(r.asked, "doc_count"), len(all))
	alike(t, "failed requests", whole(r.asked, "failed.value"), failed)
	nearly(t, "share", r.asked, "share.value", float64(failed)/float64(len(all)))
	if failed == 0 {
		t.Error("no request of the world failed, so that this tells little")
	}
}

func checkAvailabilityOverTime(t *testing.T, w *world, r reply) {
	t.Helper()
	documents := chosen(w.everything(t, "logs-nginx.access-*"), countedDocument)
	alike(t, "requests", whole(r.asked, "doc_count"), countOf(w.requests, request.counted))
	eachTime(t, w, r, documents, func(bucket map[string]any, in []map[string]any) {
		if len(in) > 0 {
			failed := countOf(in, func(d map[string]any) bool { return textAt(d, "slo.failed") == "1" })
			nearly(t, textAt(bucket, "key_as_string"), bucket, "share.value", float64(failed)/float64(len(in)))
		}
	})
}

func checkLatency(t *testing.T, w *world, r reply) {
	t.Helper()
	documents := chosen(w.everything(t, "logs-nginx.access-*"), interactiveDocument)
	alike(t, "requests", whole(r.asked, "doc_count"), countOf(w.requests, func(r request) bool { return r.kind == "interactive" && !r.heartbeat }))
	checkPercentiles(t, "all", listOf(at(r.asked, "took.values")), numbers(documents, "nginx.access.request_time"))
	checkMeasured(t, w, documents)
}

// checkMeasured holds the times that nginx measured against those of the clients, which contain them.
func checkMeasured(t *testing.T, w *world, documents []map[string]any) {
	t.Helper()
	longest := map[string]time.Duration{}
	for _, r := range w.requests {
		longest[r.traceID] = max(longest[r.traceID], r.took)
	}
	longer := 0
	for _, d := range documents {
		limit, known := longest[textAt(d, "trace.id")]
		took, _ := numberAt(d, "nginx.access.request_time")
		// nginx counts in milliseconds of a clock that it reads once a turn of its loop.
		if known && textAt(d, "trace.id") != "" && took > limit.Seconds()+0.05 {
			longer++
			t.Logf("nginx measured %.3f s of the trace %v, whose client saw %v", took, at(d, "trace.id"), limit)
		}
	}
	// On a busy machine nginx may come late to the end of a request that its client has long had.
	if longer > 2+len(documents)/50 {
		t.Errorf("nginx measured %d of %d requests to be longer than their clients did", longer, len(documents))
	}
}

func checkLatencyOverTime(t *testing.T, w *world, r reply) {
	t.Helper()
	documents := chosen(w.everything(t, "logs-nginx.access-*"), interactiveDocument)
	eachTime(t, w, r, documents, func(bucket map[string]any, in []map[string]any) {
		checkPercentiles(t, textAt(bucket, "key_as_string"), listOf(at(bucket, "took.values")), numbers(in, "nginx.access.request_time"))
	})
}

func checkUpstream(t *testing.T, w *world, r reply) {
	t.Helper()
	documents := chosen(w.everything(t, "logs-nginx.access-*"), interactiveDocument)
	eachTime(t, w, r, documents, func(bucket map[string]any, in []map[string]any) {
		checkPercentiles(t, textAt(bucket, "key_as_string"), listOf(at(bucket, "took.values")), numbers(in, "nginx.access.upstream_response_time"))
	})
}

func checkStatusCodes(t *testing.T, w *world, r reply) {
	t.Helper()
	alike(t, "requests by status", keyedBy(listOf(at(r.asked, "codes.buckets"))), tallied(chosen(w.requests, request.counted), statusOf))
}

func statusOf(r request) string { return strconv.Itoa(r.status) }

func checkStatusOverTime(t *testing.T, w *world, r reply) {
	t.Helper()
	got := map[string]int{}
	for _, bucket := range listOf(at(r.asked, "times.buckets")) {
		for class, n := range keyedBy(listOf(at(bucket, "classes.buckets"))) {
			got[class] += n
		}
	}
	maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
	alike(t, "requests by class", got, tallied(chosen(w.requests, request.counted), func(r request) string { return statusOf(r)[:1] + "xx" }))
}

func checkRoutes(t *testing.T, w *world, r reply) {
	t.Helper()
	requests := chosen(w.requests, request.counted)
	all := tallied(requests, func(r request) string { return r.route })
	failed := tallied(chosen(requests, func(r request) bool { return r.status >= 500 }), func(r request) string { return r.route })
	buckets := listOf(at(r.asked, "routes.buckets"))
	alike(t, "routes", len(buckets), min(12, len(all)))
	least := math.MaxInt
	for _, b := range buckets {
		route := textAt(b, "key")
		alike(t, "requests of "+route, whole(b, "doc_count"), all[route])
		alike(t, "failed requests of "+route, whole(b, "failed.value"), failed[route])
		least = min(least, all[route])
		delete(all, route)
	}
	for route, n := range all {
		if n > least {
			t.Errorf("%s with %d requests is not among the most used", route, n)
		}
	}
}

func checkBytes(t *testing.T, w *world, r reply) {
	t.Helper()
	documents := w.everything(t, "logs-nginx.access-*")
	alike(t, "requests", whole(r.asked, "doc_count"), len(w.requests))
	sent := 0.0
	for _, b := range listOf(at(r.asked, "times.buckets")) {
		n, _ := numberAt(b, "sent.value")
		sent += n
	}
	bodies := 0.0
	for _, r := range w.requests {
		bodies += float64(r.bytes)
	}
	if sum := sumOf(numbers(documents, "http.response.bytes")); sent != sum {
		t.Errorf("%g bytes sent, want %g", sent, sum)
	}
	if sent <= bodies/10 {
		t.Errorf("%g bytes sent, and the clients got bodies of %g", sent, bodies)
	}
}

func checkJobOutcomes(t *testing.T, w *world, r reply) {
	t.Helper()
	got := map[string]int{}
	for _, bucket := range listOf(at(r.asked, "times.buckets")) {
		start, end := bucketSpan(t, r, bucket)
		states := keyedBy(listOf(at(bucket, "states.buckets")))
		alike(t, "jobs of "+textAt(bucket, "key_as_string"), states, tallied(chosen(w.jobs, func(j api.Job) bool {
			return !j.FinishedAt.Before(start) && j.FinishedAt.Before(end)
		}), stateOf))
		for state, n := range states {
			got[state] += n
		}
	}
	alike(t, "jobs by outcome", got, tallied(w.jobs, stateOf))
}

func stateOf(j api.Job) string { return string(j.State) }

func checkJobsByFunction(t *testing.T, w *world, r reply) {
	t.Helper()
	got := map[string]int{}
	for _, f := range listOf(at(r.asked, "functions.buckets")) {
		for state, n := range keyedBy(listOf(at(f, "states.buckets"))) {
			got[textAt(f, "key")+" "+state] = n
		}
	}
	alike(t, "jobs by function and outcome", got, tallied(w.jobs, func(j api.Job) string { return j.Function + " " + stateOf(j) }))
}

// computed is whether a job was computed for itself, and not answered by another's.
func computed(j api.Job) bool { return j.Result != nil && j.Result.Cache == "miss" }

func checkQueueWait(t *testing.T, w *world, r reply) {
	t.Helper()
	documents := chosen(w.everything(t, "jobs-numbermill"), func(d map[string]any) bool { return at(d, "cache") == "miss" })
	alike(t, "jobs", whole(r.asked, "doc_count"), len(documents))
	checkWaits(t, w, documents)
	eachTime(t, w, r, documents, func(bucket map[string]any, in []map[string]any) {
		classes := listOf(at(bucket, "sizes.buckets"))
		alike(t, "jobs by size class", keyedBy(classes), tallyOf(in, "size_class"))
		for _, class := range classes {
			of := chosen(in, func(d map[string]any) bool { return at(d, "size_class") == at(class, "key") })
			checkPercentiles(t, textAt(class, "key"), listOf(at(class, "waited.values")), numbers(of, "timing_ms.queue"))
		}
	})
}

// checkWaits holds how long the documents say that jobs waited against the jobs: what their worker measured, or until they were begun. Those that
// another's answer or computation ended are left out, and no others.
func checkWaits(t *testing.T, w *world, documents []map[string]any) {
	t.Helper()
	jobs := map[string]api.Job{}
	for _, j := range w.jobs {
		jobs[string(j.ID)] = j
	}
	answered := 0
	for _, d := range documents {
		j, known := jobs[textAt(d, "job.id")]
		if !known || j.Result != nil && !computed(j) {
			t.Errorf("the document of the job %q is of one that waited, and the job is not", textAt(d, "job.id"))
			continue
		}
		waited, did := numberAt(d, "timing_ms.queue")
		if j.Result == nil || j.StartedAt == nil || !did {
			continue // it did not succeed, and may not have been begun
		}
		answered++
		begun := float64(j.StartedAt.Sub(j.CreatedAt).Milliseconds())
		if waited != j.Result.TimingMS.Queue && math.Abs(waited-begun) > 1 {
			t.Errorf("the job %s waited %g ms by its document, and %g ms by its result, %g ms until it was begun", j.ID, waited, j.Result.TimingMS.Queue, begun)
		}
	}
	alike(t, "computations that waited", answered, countOf(w.jobs, computed))
}

func checkRunTime(t *testing.T, w *world, r reply) {
	t.Helper()
	alike(t, "jobs", whole(r.asked, "doc_count"), countOf(w.jobs, computed))
	documents := chosen(w.everything(t, "jobs-numbermill"), func(d map[string]any) bool { return at(d, "cache") == "miss" && at(d, "state") == "succeeded" })
	got := map[string]int{}
	for _, f := range listOf(at(r.asked, "functions.buckets")) {
		for _, class := range listOf(at(f, "sizes.buckets")) {
			got[textAt(f, "key")] += whole(class, "doc_count")
			of := chosen(documents, func(d map[string]any) bool {
				return at(d, "function") == at(f, "key") && at(d, "size_class") == at(class, "key")
			})
			checkPercentiles(t, textAt(f, "key")+" "+textAt(class, "key"), listOf(at(class, "ran.values")), numbers(of, "timing_ms.run"))
		}
	}
	alike(t, "computations by function", got, tallied(chosen(w.jobs, computed), func(j api.Job) string { return j.Function }))
}

func checkAnomalies(t *testing.T, w *world, r reply) {
	t.Helper()
	events := chosen(w.anomalies, func(d map[string]any) bool { return at(d, "kind") == "event" && at(d, "status") == "open" })
	buckets := listOf(at(r.asked, "series.buckets"))
	alike(t, "events by series", keyedBy(buckets), tallyOf(events, "series"))
	for _, b := range buckets {
		of := chosen(events, func(d map[string]any) bool { return at(d, "series") == at(b, "key") })
		nearly(t, textAt(b, "key"), b, "worst.value", slices.Max(numbers(of, "score")))
	}
}
