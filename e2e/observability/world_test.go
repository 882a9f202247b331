package observability_test

import (
	"sync"
	"testing"
	"time"

	"numbermill/api"
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
	// bytes is the length of the answer's body.
	bytes int64
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
}

// theWorld returns the world of this process. It is made by whoever asks first, which takes about a minute and a half.
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
	from := time.Now().Truncate(time.Minute)
	return &world{from: from, to: from.Add(time.Minute)}
}
