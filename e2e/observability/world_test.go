package observability_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
	"numbermill/shared/elastictest"
)

// world is a platform that has run for a minute or two behind a real nginx, with failures, and all that it left in Elasticsearch. There is
// one a process, made by the first test that asks for it.
type world struct {
	// es is the URL of the Elasticsearch where everything is indexed and refreshed.
	es string
	// from and to are whole minutes around all of it.
	from, to time.Time
	// requests is every request that was sent through nginx, in order of their answers, those of Heartbeat included.
	requests []request
	// jobs is every job that has ended, as the API shows it.
	jobs []api.Job
	// beats is every document that Heartbeat would have written, by checks that were really made through nginx. There is a stretch in them
	// when the site was down.
	beats []beat
	// logs is every line that the APIs and workers have written, as indexed.
	logs []map[string]any
	// spans and metrics are what APM Server would have made of the OTLP that the processes have sent, as indexed.
	spans, metrics []map[string]any
	// anomalies are as indexed.
	anomalies []map[string]any
}

// request is one request that was sent through nginx, and what came of it.
type request struct {
	// at is when it was sent, and took how long it was until the last byte of the answer.
	at   time.Time
	took time.Duration
	// method, route and kind are as in the log: the route is a template, "web", "unmatched", or "-" with the kind "-" if no API answered.
	method, route, kind string
	// traceID is empty if no API answered.
	traceID string
	// status is what nginx logs: 499 if the client went away.
	status int
	// bytes is the length of the answer's body on the wire, with what frames its chunks.
	bytes int64
	// logged is how long nginx says that it took: took itself has what the client waited for the processor, too.
	logged time.Duration
	// heartbeat is whether it was a check of Heartbeat's.
	heartbeat bool
}

// beat is one check of Heartbeat's.
type beat struct {
	at      time.Time
	monitor string
	up      bool
}

var theOne struct {
	once sync.Once
	*world
	*lasting
}

// theWorld returns the world of this process. It is made by whoever asks first, which takes about a minute.
func theWorld(t *testing.T) *world {
	t.Helper()
	theOne.once.Do(func() { theOne.world = makeWorld(t) })
	if theOne.world == nil {
		t.Fatal("the world could not be made; see the test that asked for it first")
	}
	return theOne.world
}

// makeWorld lets a platform run and indexes what it has told.
func makeWorld(t *testing.T) *world {
	t.Helper()
	nginxtest.Need(t)
	theOne.lasting = &lasting{TB: t}
	defer func() { theOne.over = true }()
	es := elastictest.Own(theOne.lasting)
	setup := platformtest.Start(t, platformtest.Command{Args: []string{"setup", "--elasticsearch", es.URL()}})
	if code := setup.Exit(t, platformtest.Patience); code != 0 {
		t.Fatalf("numbermill setup ends with exit code %d", code)
	}
	es.ApplyAPM()
	began := time.Now()
	p := openPlatform(t, es)
	p.live(t)
	lived := time.Now()
	w := &world{es: es.URL(), from: began.Add(-time.Minute).Truncate(time.Minute)}
	p.record(t, w)
	w.ship(t, es, p)
	w.to = time.Now().Truncate(time.Minute).Add(time.Minute)
	t.Logf("the world: %d requests, %d jobs, %d checks, %d log lines, %d spans, %d metric documents; lived %v, indexed in %v",
		len(w.requests), len(w.jobs), len(w.beats), len(w.logs), len(w.spans), len(w.metrics),
		lived.Sub(began).Round(time.Second), time.Since(lived).Round(time.Second))
	t.Logf("statuses %v", counted(w.requests, func(r request) string { return strconv.Itoa(r.status) }))
	t.Logf("kinds %v", counted(w.requests, func(r request) string { return r.kind }))
	t.Logf("states %v", counted(w.jobs, func(j api.Job) string { return string(j.State) }))
	t.Logf("levels %v", counted(w.logs, func(l map[string]any) string { return fmt.Sprint(field(l, "log.level")) }))
	return w
}

// counted is how many there are of each.
func counted[T any](all []T, of func(T) string) map[string]int {
	counts := map[string]int{}
	for _, one := range all {
		counts[of(one)]++
	}
	return counts
}

// field is the member of a document under a dotted name, nil if it has none.
func field(document map[string]any, name string) any {
	first, rest, more := strings.Cut(name, ".")
	if !more {
		return document[first]
	}
	if next, ok := document[first].(map[string]any); ok {
		return field(next, rest)
	}
	return document[name]
}
