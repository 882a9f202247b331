package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
	"numbermill/shared/telemetry/telemetrytest"
)

// browser is the span of a page that a submission names as its parent. Nobody exports it.
const browser = "00f067aa0ba902b7"

// traceparent is the header of an action in a browser.
func traceparent(trace string) []string {
	return []string{"traceparent", "00-" + trace + "-" + browser + "-01"}
}

// traced is an API and workers in processes of their own, which export to a sink.
type traced struct {
	t              *testing.T
	sink           *telemetrytest.Sink
	redis, results string
	server         *platformtest.Process
	c              *platformtest.Client
}

func startTraced(t *testing.T) *traced {
	t.Helper()
	x := &traced{t: t, sink: telemetrytest.New(t), redis: redistest.Start(t), results: platformtest.Folder(t)}
	x.server = x.start(platformtest.APICommand(x.redis, x.results, "--kibana", "http://127.0.0.1:5601/"))
	x.c = platformtest.NewClient(t, x.server.AwaitReady(t))
	return x
}

// start starts a process that exports.
func (x *traced) start(c platformtest.Command) *platformtest.Process {
	x.t.Helper()
	c.Env = append(c.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+x.sink.URL(), "OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_METRIC_EXPORT_INTERVAL=500")
	return platformtest.Start(x.t, c)
}

func (x *traced) worker() *platformtest.Process {
	x.t.Helper()
	p := x.start(platformtest.WorkerCommand(x.redis, x.results))
	p.AwaitReady(x.t)
	return p
}

// spans are those of one trace.
type spans []telemetrytest.Span

func (s spans) named(name string) (found spans) {
	for _, one := range s {
		if one.Name == name {
			found = append(found, one)
		}
	}
	return found
}

// await waits until so many spans of a name are there in a trace, and returns the trace.
func (x *traced) await(trace, name string, n int) spans {
	x.t.Helper()
	var found spans
	x.sink.AwaitSpans(x.t, platformtest.Patience, fmt.Sprintf("%d spans %q of trace %s", n, name, trace), func(all []telemetrytest.Span) bool {
		found = nil
		for _, s := range all {
			if s.TraceID == trace {
				found = append(found, s)
			}
		}
		return len(found.named(name)) >= n
	})
	return found
}

// whole fails the test unless every span's parent is there too, but for those below the browser's.
func (s spans) whole(t *testing.T) {
	t.Helper()
	ids := map[string]bool{browser: true}
	for _, one := range s {
		ids[one.SpanID] = true
	}
	for _, one := range s {
		if !ids[one.ParentID] {
			t.Errorf("%s %q of %s has the parent %q, which nobody exported", one.Kind, one.Name, one.Service(), one.ParentID)
		}
	}
}

// below are the spans below one, with kinds that are not internal, in the order in which they began: "a(server){b c}".
func (s spans) below(parent string) string {
	var under spans
	for _, one := range s {
		if one.ParentID == parent {
			under = append(under, one)
		}
	}
	slices.SortStableFunc(under, func(a, b telemetrytest.Span) int { return a.Start.Compare(b.Start) })
	var words []string
	for _, one := range under {
		word := one.Name
		if one.Kind != "internal" {
			word += "(" + one.Kind + ")"
		}
		if inside := s.below(one.SpanID); inside != "" {
			word += "{" + inside + "}"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// ours is the trace without the spans of Redis's commands, which must all have kind client.
func (s spans) ours(t *testing.T) (kept spans) {
	t.Helper()
	for _, one := range s {
		if one.Attributes["db.system"] == nil {
			kept = append(kept, one)
			continue
		}
		if one.Kind != "client" || one.Attributes["db.statement"] != nil {
			t.Errorf("the command %q is of kind %s and says %v", one.Name, one.Kind, one.Attributes["db.statement"])
		}
	}
	return kept
}
