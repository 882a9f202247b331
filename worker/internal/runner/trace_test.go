package runner

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
	"numbermill/worker/internal/workertest"
)

// recorded makes the runner one whose spans are kept.
func (x *fixture) recorded() *tracetest.SpanRecorder {
	kept := tracetest.NewSpanRecorder()
	x.runner.tracer = trace.NewTracerProvider(trace.WithSpanProcessor(kept)).Tracer(scope)
	return kept
}

// tree writes the ended spans as name{children}, the children in the order in which they began.
func tree(t *testing.T, kept *tracetest.SpanRecorder) string {
	t.Helper()
	ended := kept.Ended()
	slices.SortStableFunc(ended, func(a, b trace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	var write func(parent api.SpanID) string
	write = func(parent api.SpanID) string {
		var names []string
		for _, s := range ended {
			if p := s.Parent(); p.SpanID() == parent && (p.IsRemote() || !p.IsValid()) == !parent.IsValid() {
				names = append(names, s.Name()+write(s.SpanContext().SpanID()))
			}
		}
		if len(names) == 0 {
			return ""
		}
		return "{" + strings.Join(names, " ") + "}"
	}
	var roots []string
	for _, s := range ended {
		if s.Parent().IsRemote() || !s.Parent().IsValid() {
			roots = append(roots, s.Name()+write(s.SpanContext().SpanID()))
		}
	}
	return strings.Join(roots, " ")
}

// last is the process span that ended last.
func last(t *testing.T, kept *tracetest.SpanRecorder) (trace.ReadOnlySpan, map[attribute.Key]string) {
	t.Helper()
	for _, s := range slices.Backward(kept.Ended()) {
		if s.SpanKind() == api.SpanKindConsumer {
			told := map[attribute.Key]string{}
			for _, a := range s.Attributes() {
				told[a.Key] = a.Value.String()
			}
			return s, told
		}
	}
	t.Fatal("there is no span of a delivery")
	return nil, nil
}

// in puts the run into a trace.
func in(s store.Submission, flags string) store.Submission {
	s.Run.Trace = map[string]string{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-" + flags}
	return s
}

func TestSpansOfAnAttempt(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	kept := x.recorded()
	s := in(x.small("12"), "01")
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, kept); got != "process fibonacci{claim compute write verify publish}" && got != "process fibonacci{wait in queue claim compute write verify publish}" {
		t.Errorf("got the spans %s", got)
	}
	span, told := last(t, kept)
	want := map[attribute.Key]string{
		"job.id": string(s.ID), "numbermill.computation": string(s.Run.Fingerprint), "numbermill.run": s.Run.ID, "numbermill.attempt": "1",
		"numbermill.size_class": "small", "numbermill.queue": "small", "numbermill.function": "fibonacci", "numbermill.method": "fast",
		"numbermill.digits": "3", "numbermill.outcome": "succeeded",
	}
	for key, value := range want {
		if told[key] != value {
			t.Errorf("the span says %s=%q, want %q", key, told[key], value)
		}
	}
	if p := span.Parent(); p.SpanID().String() != "b7ad6b7169203331" || p.TraceID().String() != "4bf92f3577b34da6a3ce929d0e0e4736" || span.Status().Code == codes.Error {
		t.Errorf("it is below %v with the status %v", p, span.Status())
	}
}

func TestWaitsAreSpans(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	first, second := x.Endless(), in(x.Some(), "01")
	x.tight(first)
	kept := x.recorded()
	running, cancel := x.handle(first)
	defer cancel()
	queued, by := x.Get(second).CreatedAt, time.Now()
	x.Eventually("it has waited in the queue for a while", func() bool { return time.Since(queued) > 20*time.Millisecond })
	waiting := x.wait(second)
	began := time.Now()
	x.Eventually("it has waited for memory for a while", func() bool { return time.Since(began) > 20*time.Millisecond })
	x.runner.Stop(first.Run.Fingerprint, first.Run.ID)
	workertest.Receive(t, "the end of the first", running)
	if got := workertest.Receive(t, "the end of the second", waiting); got.err != nil {
		t.Fatal(got.err)
	}
	for _, s := range kept.Ended() {
		took := s.EndTime().Sub(s.StartTime())
		switch {
		case s.Parent().TraceID().String() != "4bf92f3577b34da6a3ce929d0e0e4736":
		case s.Name() == "wait in queue":
			if s.StartTime().Before(queued) || s.StartTime().After(by) || took < 10*time.Millisecond {
				t.Errorf("it waited in the queue from %v for %v, want from %v", s.StartTime(), took, queued)
			}
			queued = time.Time{}
		case s.Name() == "wait for memory":
			if took < 20*time.Millisecond {
				t.Errorf("it waited for memory for %v", took)
			}
			began = time.Time{}
		}
	}
	if !queued.IsZero() || !began.IsZero() {
		t.Errorf("a wait is missing: %s", tree(t, kept))
	}
	for _, s := range kept.Ended() {
		if s.Status().Code == codes.Error {
			t.Errorf("%s of what was stopped says %v", s.Name(), s.Status())
		}
	}
}

func TestSpansTellHowAnAttemptEnded(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	kept := x.recorded()
	unknown := in(x.SubmitSpec(job.Spec{Function: "tetration", Args: map[string]string{"n": "5"}, Method: "fast"}, job.Fingerprint(strings.Repeat("a", 40))), "01")
	if _, err := x.runner.Handle(t.Context(), unknown.Run); err != nil {
		t.Fatal(err)
	}
	x.WantState(unknown, job.Failed)
	span, told := last(t, kept)
	if span.Status().Code != codes.Error || told["numbermill.outcome"] != "failed" || told["error.type"] != "unknown-function" {
		t.Errorf("of a failure: got %v and %v", span.Status(), told)
	}

	endless := in(x.Endless(), "01")
	handled, cancel := x.handle(endless)
	defer cancel()
	x.runner.Stop(endless.Run.Fingerprint, endless.Run.ID)
	workertest.Receive(t, "the end", handled)
	if span, told = last(t, kept); span.Status().Code == codes.Error || told["numbermill.outcome"] != "stopped" {
		t.Errorf("of a stop: got %v and %v", span.Status(), told)
	}

	if _, err := x.runner.Handle(t.Context(), unknown.Run); err != nil {
		t.Fatal(err)
	}
	if span, told = last(t, kept); span.Status().Code == codes.Error || told["numbermill.outcome"] != "unwanted" {
		t.Errorf("of a run that nobody wants: got %v and %v", span.Status(), told)
	}
}

func TestWhatComesToNothingHasNoSpan(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	kept := x.recorded()
	alone, ok := x.runner.gate.enter()
	if !ok {
		t.Fatal("the gate is closed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = x.runner.gate.enterAlone(ctx, nothing)
	}()
	x.Eventually("somebody waits to be alone", func() bool {
		leave, ok := x.runner.gate.enter()
		if ok {
			leave()
		}
		return !ok
	})
	if _, err := x.runner.Handle(t.Context(), x.small("12").Run); err == nil {
		t.Error("a run is taken beside one that has to be alone")
	}
	cancel()
	<-done
	alone()
	x.runner.Drain()
	if _, err := x.runner.Handle(t.Context(), x.small("13").Run); err == nil {
		t.Error("a run is taken while draining")
	}
	if got := kept.Ended(); len(got) != 0 {
		t.Errorf("got %d spans, want none", len(got))
	}
}

func TestATraceInBriefHasOneSpan(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	kept := x.recorded()
	at := api.NewSpanContext(api.SpanContextConfig{TraceID: api.TraceID{1}, SpanID: api.SpanID{2}, TraceFlags: api.FlagsSampled})
	carried := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(spans.Brief(api.ContextWithSpanContext(t.Context(), at)), carried)
	s := x.small("12")
	s.Run.Trace = carried
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, kept); got != "process fibonacci" {
		t.Errorf("got the spans %s", got)
	}
	if _, told := last(t, kept); told["numbermill.outcome"] != "succeeded" || told["numbermill.digits"] != "3" {
		t.Errorf("it says %v", told)
	}
}

func TestNothingIsRecordedOfATraceThatIsNotSampled(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	kept := x.recorded()
	if _, err := x.runner.Handle(t.Context(), in(x.small("12"), "00").Run); err != nil {
		t.Fatal(err)
	}
	if got := len(kept.Started()); got != 0 {
		t.Errorf("got %d spans, want none", got)
	}
}
