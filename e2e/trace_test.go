package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/telemetry/telemetrytest"
)

// The traces of the actions in this file.
const (
	firstTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	secondTrace = "5bf92f3577b34da6a3ce929d0e0e4736"
	thirdTrace  = "6bf92f3577b34da6a3ce929d0e0e4736"
)

// carriedOut is the trace of a job that went well, from the browser to the worker's last step.
const carriedOut = "POST /v1/jobs(server){admission store submit enqueue(producer){process factorial(consumer){wait in queue claim compute write verify publish}}}"

// One trace goes through everything: the trace that a client sends comes back with the answer and in the job, leads through the API and the
// queue to the worker's last step, and stands in the log lines of both.
func TestOneTrace(t *testing.T) {
	t.Parallel()
	x := startTraced(t)
	worker := x.worker()
	j, r := post(t, x.c, "factorial", "n=4321", traceparent(firstTrace)...)
	if got := r.Header.Get("X-Trace-Id"); got != firstTrace || j.TraceID != firstTrace {
		t.Errorf("the answer has trace %s and the job %s, want %s", got, j.TraceID, firstTrace)
	}
	j = await(t, x.c, j.ID, job.Succeeded, platformtest.Patience)
	if links := j.Links; links.Trace == nil || *links.Trace != "http://127.0.0.1:5601/app/apm/link-to/trace/"+firstTrace || links.LogSearch == nil ||
		!strings.Contains(*links.LogSearch, firstTrace) {
		t.Errorf("the job links to %v and %v", links.Trace, links.LogSearch)
	}

	x.await(firstTrace, "POST /v1/jobs", 1)
	trace := x.await(firstTrace, "process factorial", 1)
	trace.whole(t)
	if got := trace.ours(t).below(browser); got != carriedOut {
		t.Errorf("the trace is\n%s, want\n%s", got, carriedOut)
	}
	verified := trace.named("verify")[0]
	if verified.Service() != "numbermill-worker" || verified.Status == "error" {
		t.Errorf("the digits were verified by %s with %s", verified.Service(), verified.Status)
	}
	request, process, enqueue := trace.named("POST /v1/jobs")[0], trace.named("process factorial")[0], trace.named("enqueue")[0]
	for _, s := range []telemetrytest.Span{request, process, enqueue} {
		if s.Text("job.id") != string(j.ID) || s.Text("numbermill.function") != "factorial" || s.Text("numbermill.queue") != "small" {
			t.Errorf("%s says %v", s.Name, s.Attributes)
		}
	}
	if request.Service() != "numbermill-api" || request.Text("numbermill.cache") != "miss" || request.Text("http.route") != "/v1/jobs" ||
		process.Text("numbermill.run") != request.Text("numbermill.run") || process.Attributes["numbermill.attempt"] != int64(1) ||
		process.Attributes["numbermill.digits"] != int64(len(digits(t, x.c, j.ID))) || process.Text("numbermill.outcome") != "succeeded" {
		t.Errorf("the request says %v\nand the attempt %v", request.Attributes, process.Attributes)
	}
	if waited := trace.named("wait in queue")[0]; waited.Start.After(waited.End) || waited.End.After(trace.named("claim")[0].Start) {
		t.Errorf("it waited from %v to %v, and was claimed at %v", waited.Start, waited.End, trace.named("claim")[0].Start)
	}
	x.wantLines(worker, j)
	x.wantMetrics()
	for _, s := range x.sink.Spans() {
		if s.ParentID == "" && s.Kind != "server" {
			t.Errorf("what goes on in the background of %s makes a span %q", s.Service(), s.Name)
		}
	}
}

// wantLines wants the lines of both processes to be in the job's trace.
func (x *traced) wantLines(worker *platformtest.Process, j api.Job) {
	x.t.Helper()
	ofTrace := func(message string) func(platformtest.Line) bool {
		return func(l platformtest.Line) bool { return l.Message() == message && l.Text("trace.id") == j.TraceID }
	}
	for _, message := range []string{"attempt started", "attempt succeeded"} {
		line := worker.Err.Await(x.t, platformtest.Patience, message+" with the trace", ofTrace(message))
		if got := line.Text("job.id"); got != string(j.ID) {
			x.t.Errorf("%q has job %q, want %s", message, got, j.ID)
		}
	}
	line := x.server.Err.Await(x.t, platformtest.Patience, "the request with the trace", ofTrace("request"))
	if got := line.Text("job.id"); got != string(j.ID) {
		x.t.Errorf("the API's log line has job %q, want %s", got, j.ID)
	}
}

// wantMetrics wants what was measured of the first job.
func (x *traced) wantMetrics() {
	x.t.Helper()
	for _, want := range []struct{ name, service, labels string }{
		{"numbermill.jobs.submitted", "numbermill-api", "map[cache:miss function:factorial]"},
		{"numbermill.queue.tasks", "numbermill-api", "map[queue:small state:archived]"},
		{"numbermill.queue.oldest_age", "numbermill-api", "map[queue:huge-low]"},
		{"numbermill.workers", "numbermill-api", "map[]"},
		{"numbermill.redis.up", "numbermill-api", "map[]"},
		{"http.server.request.duration", "numbermill-api", "map[http.request.method:POST http.response.status_code:202 http.route:/v1/jobs]"},
		{"numbermill.jobs.finished", "numbermill-worker", "map[function:factorial outcome:succeeded]"},
		{"numbermill.job.queue_wait", "numbermill-worker", "map[size_class:small]"},
		{"numbermill.job.run_time", "numbermill-worker", "map[function:factorial outcome:succeeded size_class:small]"},
		{"numbermill.attempts", "numbermill-worker", "map[outcome:succeeded]"},
	} {
		x.sink.AwaitMetrics(x.t, platformtest.Patience, fmt.Sprint(want), func(all []telemetrytest.Point) bool {
			for _, p := range all {
				if p.Name == want.name && p.Service() == want.service && fmt.Sprint(p.Attributes) == want.labels {
					return true
				}
			}
			return false
		})
	}
}

// Who joins a computation, or finds its result, has a trace of its own with a link to the one in which it was submitted.
func TestTracesOfWhatIsShared(t *testing.T) {
	t.Parallel()
	x := startTraced(t)
	first, _ := post(t, x.c, "factorial", "n=4322", traceparent(firstTrace)...)
	joined, _ := post(t, x.c, "factorial", "n=4322", traceparent(secondTrace)...)
	x.worker()
	await(t, x.c, first.ID, job.Succeeded, platformtest.Patience)
	await(t, x.c, joined.ID, job.Succeeded, platformtest.Patience)
	post(t, x.c, "factorial", "n=4322", traceparent(thirdTrace)...)
	x.await(firstTrace, "process factorial", 1)
	submitted := x.await(firstTrace, "POST /v1/jobs", 1).named("POST /v1/jobs")[0]
	for trace, how := range map[string]string{secondTrace: "joined", thirdTrace: "hit"} {
		own := x.await(trace, "POST /v1/jobs", 1)
		own.whole(t)
		if got, want := own.ours(t).below(browser), "POST /v1/jobs(server){admission store submit}"; got != want {
			t.Errorf("%s: the trace is %s, want %s", how, got, want)
		}
		request := own.named("POST /v1/jobs")[0]
		if request.Text("numbermill.cache") != how || len(request.Links) != 1 {
			t.Fatalf("%s: the request says %v with %d links, want one", how, request.Attributes, len(request.Links))
		}
		if l := request.Links[0]; l.TraceID != firstTrace || l.SpanID != submitted.SpanID || l.Attributes["job.id"] != string(first.ID) {
			t.Errorf("%s: it links to %+v, want span %s of trace %s", how, l, submitted.SpanID, firstTrace)
		}
	}
}

// A job that fails and one that is cancelled end in their traces too, the first as a failure, the other not.
func TestTracesOfWhatDoesNotSucceed(t *testing.T) {
	t.Parallel()
	x := startTraced(t)
	worker := x.worker()
	endless, _ := post(t, x.c, "fibonacci/recursive", "n=50", traceparent(firstTrace)...)
	worker.Err.Await(t, platformtest.Patience, "an attempt", startedFor(endless))
	request(t, x.c, http.MethodPost, endless.Links.Self+"/cancel", "", traceparent(secondTrace)...)
	x.await(firstTrace, "process fibonacci", 1)
	trace := x.await(firstTrace, "POST /v1/jobs", 1) // which another process sends, maybe later
	trace.whole(t)
	if got := trace.named("process fibonacci")[0]; got.Status == "error" || got.Text("numbermill.outcome") != "stopped" {
		t.Errorf("of a cancelled job: got %s with %v", got.Status, got.Attributes)
	}
	if got := trace.named("compute")[0]; got.Status == "error" || got.Text("numbermill.outcome") != "stopped" {
		t.Errorf("of its computation: got %s with %v", got.Status, got.Attributes)
	}
	x.await(secondTrace, "POST /v1/jobs/{id}/cancel", 1).whole(t)

	// With a file in place of the folder of digits nothing can be written.
	if err := os.RemoveAll(x.results); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(x.results, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := request(t, x.c, http.MethodPost, jobs, `{"function":"factorial","args":{"n":"4323"},"max_attempts":1}`, traceparent(thirdTrace)...)
	var failing api.Job
	if err := r.Decode(&failing); err != nil {
		t.Fatal(err)
	}
	await(t, x.c, failing.ID, job.Failed, platformtest.Patience)
	trace = x.await(thirdTrace, "process factorial", 1)
	x.await(thirdTrace, "POST /v1/jobs", 1).whole(t)
	if got := trace.named("process factorial")[0]; got.Status != "error" || got.Text("numbermill.outcome") != "failed" || got.Text("error.type") != "result-not-written" {
		t.Errorf("of a failed job: got %s with %v", got.Status, got.Attributes)
	}
	if got := trace.named("write")[0]; got.Status != "error" || strings.Contains(got.StatusMessage, "\n") {
		t.Errorf("of what failed: got %s %q", got.Status, got.StatusMessage)
	}
}

// A job whose worker is killed goes on in the same trace, below the same span of the queue.
func TestTraceGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	x := startTraced(t)
	victim := x.worker()
	j, _ := post(t, x.c, "fibonacci/recursive", "n=42", traceparent(firstTrace)...)
	victim.Err.Await(t, platformtest.Patience, "an attempt", startedFor(j))
	victim.Kill(t)
	x.worker()
	await(t, x.c, j.ID, job.Succeeded, platformtest.Patience)
	trace := x.await(firstTrace, "process fibonacci", 1)
	again, enqueue := trace.named("process fibonacci")[0], trace.named("enqueue")[0]
	if again.ParentID != enqueue.SpanID || again.Attributes["numbermill.attempt"] != int64(2) || len(trace.named("verify")) != 1 {
		t.Errorf("the second attempt is below %s with %v, want below %s", again.ParentID, again.Attributes, enqueue.SpanID)
	}
	// What the victim had told of its attempt stays without the span around it, which ends with an attempt alone.
	mine := spans{}
	for _, s := range trace {
		if s.Service() != again.Service() || s.Resource["service.instance.id"] == again.Resource["service.instance.id"] {
			mine = append(mine, s)
		}
	}
	mine.whole(t)
}

// A batch is one trace, whose jobs have spans of their own up to the first hundred; of the others each has one, in the worker.
func TestTraceOfABatch(t *testing.T) {
	t.Parallel()
	x := startTraced(t)
	x.worker()
	const many, told = 130, 100
	var body struct {
		Jobs []api.JobRequest `json:"jobs"`
	}
	for i := range many {
		body.Jobs = append(body.Jobs, asks("factorial", fmt.Sprint("n=", 100+i)))
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if r := request(t, x.c, http.MethodPost, "/v1/batches", string(text), traceparent(firstTrace)...); r.Status != http.StatusAccepted {
		t.Fatalf("submit: %s", r)
	}
	x.await(firstTrace, "process factorial", many)
	x.await(firstTrace, "verify", told)
	trace := x.await(firstTrace, "POST /v1/batches", 1)
	trace.whole(t)
	counts := map[string]int{}
	for _, s := range trace.ours(t) {
		counts[s.Name+" "+s.Kind]++
	}
	for name, want := range map[string]int{
		"POST /v1/batches server": 1, "admission internal": 1, "store submit internal": 1, "enqueue producer": told + 1,
		"process factorial consumer": many, "compute internal": told, "verify internal": told, "publish internal": told,
	} {
		if counts[name] != want {
			t.Errorf("got %d spans %s, want %d", counts[name], name, want)
		}
	}
	if got, most := len(trace), 12*told+2*many; got > most {
		t.Errorf("the trace has %d spans, want at most %d", got, most)
	}
	for _, s := range trace.named("process factorial") {
		if s.ParentID == browser || s.Text("numbermill.outcome") != "succeeded" {
			t.Errorf("a job of the batch says %v", s.Attributes)
		}
	}
}
