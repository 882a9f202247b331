package e2e_test

import (
	"testing"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// One trace goes through everything: the trace id that a client sends comes back with the answer and in the job, and stands in the log
// lines of the API and of the worker that carried it out.
func TestOneTrace(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	server, c := platformtest.API(t, redis, results)
	worker := platformtest.Worker(t, redis, results)

	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	j, r := post(t, c, "factorial", "n=4321", "traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	if got := r.Header.Get("X-Trace-Id"); got != trace || j.TraceID != trace {
		t.Errorf("the answer has trace %s and the job %s, want %s", got, j.TraceID, trace)
	}
	await(t, c, j.ID, job.Succeeded, platformtest.Patience)
	ofTrace := func(message string) func(platformtest.Line) bool {
		return func(l platformtest.Line) bool { return l.Message() == message && l.Text("trace.id") == trace }
	}
	for _, message := range []string{"attempt started", "attempt succeeded"} {
		worker.Err.Await(t, platformtest.Patience, message+" with the trace", ofTrace(message))
	}
	line := server.Err.Await(t, platformtest.Patience, "the request with the trace", ofTrace("request"))
	if got := line.Text("job.id"); got != string(j.ID) {
		t.Errorf("the API's log line has job %q, want %s", got, j.ID)
	}
}
