package observability_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func checkLogErrors(t *testing.T, w *world, r reply) {
	t.Helper()
	checkByTime(t, r, "levels", "log.level", chosen(w.logs, func(d map[string]any) bool {
		return at(d, "log.level") == "error" || at(d, "log.level") == "warn"
	}))
}

func checkLogLevels(t *testing.T, w *world, r reply) {
	t.Helper()
	checkByTime(t, r, "levels", "log.level", w.logs)
}

func checkLogServices(t *testing.T, w *world, r reply) {
	t.Helper()
	got := map[string]int{}
	for _, s := range listOf(at(r.asked, "services.buckets")) {
		for level, n := range keyedBy(listOf(at(s, "levels.buckets"))) {
			got[textAt(s, "key")+" "+level] = n
		}
	}
	alike(t, "lines by service and level", got, tallied(w.logs, func(d map[string]any) string {
		return textAt(d, "service.name") + " " + textAt(d, "log.level")
	}))
}

func checkTraceRate(t *testing.T, w *world, r reply) {
	t.Helper()
	checkByTime(t, r, "services", "service.name", w.transactions())
}

func checkTraceOverTime(t *testing.T, w *world, r reply) {
	t.Helper()
	eachTime(t, w, r, w.transactions(), func(bucket map[string]any, in []map[string]any) {
		for _, service := range listOf(at(bucket, "services.buckets")) {
			of := chosen(in, func(d map[string]any) bool { return at(d, "service.name") == at(service, "key") })
			checkPercentiles(t, textAt(service, "key"), listOf(at(service, "took.values")), numbers(of, "transaction.duration.us"))
		}
	})
}

// eachTransaction calls back for each bucket of a service's transactions, with the spans that belong in it.
func eachTransaction(t *testing.T, w *world, r reply, call func(name string, bucket map[string]any, in []map[string]any)) {
	t.Helper()
	services := listOf(at(r.asked, "services.buckets"))
	alike(t, "transactions by service", keyedBy(services), tallyOf(w.transactions(), "service.name"))
	for _, service := range services {
		for _, name := range listOf(at(service, "names.buckets")) {
			of := chosen(w.transactions(), func(d map[string]any) bool {
				return at(d, "service.name") == at(service, "key") && at(d, "transaction.name") == at(name, "key")
			})
			alike(t, textAt(name, "key"), whole(name, "doc_count"), len(of))
			call(textAt(service, "key")+" "+textAt(name, "key"), name, of)
		}
	}
}

func checkTraceDurations(t *testing.T, w *world, r reply) {
	t.Helper()
	eachTransaction(t, w, r, func(name string, bucket map[string]any, in []map[string]any) {
		checkPercentiles(t, name, listOf(at(bucket, "took.values")), numbers(in, "transaction.duration.us"))
	})
}

func checkTraceErrors(t *testing.T, w *world, r reply) {
	t.Helper()
	eachTransaction(t, w, r, func(name string, bucket map[string]any, in []map[string]any) {
		failed := countOf(in, func(d map[string]any) bool { return at(d, "event.outcome") == "failure" })
		alike(t, "failures of "+name, whole(bucket, "failed.doc_count"), failed)
	})
}

func checkTraceSteps(t *testing.T, w *world, r reply) {
	t.Helper()
	spans := chosen(w.spans, func(d map[string]any) bool { return at(d, "processor.event") == "span" && at(d, "span.type") != "db" })
	if len(spans) == 0 || len(spans) == len(w.spans) {
		t.Error("the world lacks steps, or commands to Redis that are none")
	}
	steps := listOf(at(r.asked, "steps.buckets"))
	alike(t, "steps", len(steps), min(15, len(tallyOf(spans, "span.name"))))
	for _, step := range steps {
		of := chosen(spans, func(d map[string]any) bool { return at(d, "span.name") == at(step, "key") })
		alike(t, textAt(step, "key"), whole(step, "doc_count"), len(of))
		nearly(t, textAt(step, "key"), step, "took.value", sumOf(numbers(of, "span.duration.us"))/float64(len(of)))
	}
}

// checkByTime holds a histogram of terms of a field against the documents, bucket by bucket.
func checkByTime(t *testing.T, r reply, name, field string, documents []map[string]any) {
	t.Helper()
	if len(documents) == 0 {
		t.Error("the world has no such documents, so that this tells nothing")
	}
	eachTime(t, nil, r, documents, func(bucket map[string]any, in []map[string]any) {
		alike(t, textAt(bucket, "key_as_string"), keyedBy(listOf(at(bucket, name+".buckets"))), tallyOf(in, field))
	})
}

// eachTime calls back for each bucket of the times of an answer with the documents that belong in it. All of them must belong in one.
func eachTime(t *testing.T, _ *world, r reply, documents []map[string]any, call func(bucket map[string]any, in []map[string]any)) {
	t.Helper()
	left := len(documents)
	for _, bucket := range listOf(at(r.asked, "times.buckets")) {
		start, end := bucketSpan(t, r, bucket)
		in := chosen(documents, func(d map[string]any) bool {
			when := timeOf(t, d)
			return !when.Before(start) && when.Before(end)
		})
		alike(t, "documents of "+textAt(bucket, "key_as_string"), whole(bucket, "doc_count"), len(in))
		left -= len(in)
		call(bucket, in)
	}
	alike(t, "documents outside of all times", left, 0)
}

// bucketSpan is from when to when a bucket of an answer's times reaches.
func bucketSpan(t *testing.T, r reply, bucket map[string]any) (start, end time.Time) {
	t.Helper()
	buckets := listOf(at(r.asked, "times.buckets"))
	if len(buckets) < 2 {
		t.Fatalf("there are %d times, want about 50", len(buckets))
	}
	first, _ := numberAt(buckets[0], "key")
	second, _ := numberAt(buckets[1], "key")
	key, _ := numberAt(bucket, "key")
	return time.UnixMilli(int64(key)), time.UnixMilli(int64(key + second - first))
}

// timeOf is the time of a document as Elasticsearch keeps it, in milliseconds.
func timeOf(t *testing.T, document map[string]any) time.Time {
	t.Helper()
	switch v := document["@timestamp"].(type) {
	case string:
		when, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			t.Fatal(err)
		}
		return when.Truncate(time.Millisecond)
	case time.Time:
		return v.Truncate(time.Millisecond)
	default:
		millis, ok := numberAt(document, "@timestamp")
		if !ok {
			t.Fatalf("a document has the time %v", document["@timestamp"])
		}
		return time.UnixMilli(int64(millis))
	}
}

// checkPercentiles holds percentiles against the numbers that they are of. Elasticsearch interpolates between neighbours and, of many numbers, keeps
// a digest: a percentile must lie between the numbers one hundredth and one place to its left and right.
func checkPercentiles(t *testing.T, what string, values []map[string]any, of []float64) {
	t.Helper()
	slices.Sort(of)
	for _, v := range values {
		percent, _ := numberAt(v, "key")
		got, ok := numberAt(v, "value")
		if len(of) == 0 {
			if ok {
				t.Errorf("%s: p%g = %g of no numbers", what, percent, got)
			}
			continue
		}
		if !ok {
			t.Errorf("%s: no p%g of %d numbers", what, percent, len(of))
			continue
		}
		place := percent / 100 * float64(len(of)-1)
		slack := 1 + 0.01*float64(len(of))
		low := of[int(max(0, math.Floor(place-slack)))]
		high := of[int(min(float64(len(of)-1), math.Ceil(place+slack)))]
		if got < low*(1-1e-9) || got > high*(1+1e-9) {
			t.Errorf("%s: p%g = %g, want between %g and %g", what, percent, got, low, high)
		}
	}
}

func chosen[T any](all []T, keep func(T) bool) []T {
	kept := []T{}
	for _, one := range all {
		if keep(one) {
			kept = append(kept, one)
		}
	}
	return kept
}

func countOf[T any](all []T, keep func(T) bool) int { return len(chosen(all, keep)) }

// tallied counts by a text.
func tallied[T any](all []T, by func(T) string) map[string]int {
	counts := map[string]int{}
	for _, one := range all {
		counts[by(one)]++
	}
	return counts
}

// tallyOf counts documents by a field; those without it do not count.
func tallyOf(documents []map[string]any, field string) map[string]int {
	return tallied(chosen(documents, func(d map[string]any) bool { return at(d, field) != nil }), func(d map[string]any) string { return textAt(d, field) })
}

// keyedBy is how many documents each bucket has.
func keyedBy(buckets []map[string]any) map[string]int {
	counts := map[string]int{}
	for _, b := range buckets {
		counts[textAt(b, "key")] = whole(b, "doc_count")
	}
	return counts
}

// numbers are the values of a field of those documents that have it.
func numbers(documents []map[string]any, field string) []float64 {
	all := []float64{}
	for _, d := range documents {
		if n, ok := numberAt(d, field); ok {
			all = append(all, n)
		}
	}
	return all
}

func sumOf(all []float64) (sum float64) {
	for _, n := range all {
		sum += n
	}
	return sum
}

func asFloats(counts map[string]int) map[string]float64 {
	floats := map[string]float64{}
	for key, n := range counts {
		floats[key] = float64(n)
	}
	return floats
}

// whole is a whole number of an answer, -1 if it has none.
func whole(o map[string]any, name string) int {
	n, ok := numberAt(o, name)
	if !ok || n != math.Trunc(n) {
		return -1
	}
	return int(n)
}

func alike[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s differ (-want +got):\n%s", what, d)
	}
}

// nearly compares a number of an answer with one that was computed in another order.
func nearly(t *testing.T, what string, o map[string]any, name string, want float64) {
	t.Helper()
	got, ok := numberAt(o, name)
	if !ok || math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
		t.Errorf("%s: %s = %v, want %s", what, name, at(o, name), fmt.Sprint(want))
	}
}
