// Package telemetrytest has a collector for tests: it takes what a process exports over OTLP/HTTP, decodes it with the published
// protobuf types, and shows it as plain Go values. It can also behave as collectors do on their bad days: refuse, hang and be gone.
package telemetrytest

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// maxBody bounds one export, uncompressed.
const maxBody = 64 << 20

// mode is how a sink answers.
type mode int

const (
	answering mode = iota
	refusing
	hanging
)

// Sink is a collector on a loopback port. It is safe for concurrent use.
type Sink struct {
	server *http.Server
	url    string

	mu       sync.Mutex
	mode     mode
	spans    []Span
	points   []Point
	requests int
	errs     []error
	changed  chan struct{} // closed and replaced with every request and every change of mode
}

// New starts a sink that lives as long as the test, which fails if the sink was sent what it cannot read.
func New(tb testing.TB) *Sink {
	tb.Helper()
	s, err := Start()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		s.Close()
		if err := s.Err(); err != nil {
			tb.Errorf("what was exported: %v", err)
		}
	})
	return s
}

// Start is New for programs that are no tests: they call Close and look at Err themselves.
func Start() (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as a collector: %w", err)
	}
	s := &Sink{url: "http://" + listener.Addr().String(), changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", s.take(&coltrace.ExportTraceServiceRequest{}, &coltrace.ExportTraceServiceResponse{}))
	mux.HandleFunc("POST /v1/metrics", s.take(&colmetrics.ExportMetricsServiceRequest{}, &colmetrics.ExportMetricsServiceResponse{}))
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.change(func() { s.errs = append(s.errs, err) })
		}
	}()
	return s, nil
}

// URL is what OTEL_EXPORTER_OTLP_ENDPOINT is to be.
func (s *Sink) URL() string { return s.url }

// Answer lets the sink take exports, as it does at first. What hangs is answered.
func (s *Sink) Answer() { s.change(func() { s.mode = answering }) }

// Refuse lets the sink answer 503 to every export. What hangs is refused.
func (s *Sink) Refuse() { s.change(func() { s.mode = refusing }) }

// Hang lets the sink accept every request and answer none, until another mode is chosen.
func (s *Sink) Hang() { s.change(func() { s.mode = hanging }) }

// Close ends the sink at once: connections break, and new ones are refused. What it has gathered stays readable.
func (s *Sink) Close() { _ = s.server.Close() }

// Err is what went wrong with exports: bodies that are none, or a listener that broke.
func (s *Sink) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.errs...)
}

// Requests is how many exports have arrived so far, in whatever mode.
func (s *Sink) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Spans returns the spans so far, in the order of their arrival.
func (s *Sink) Spans() []Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.spans)
}

// Metrics returns the points of all metrics so far, in the order of their arrival: one a metric, an attribute set and an export.
func (s *Sink) Metrics() []Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.points)
}

// AwaitSpans waits until cond holds for the spans so far, and returns them; the test fails if it does not within the timeout.
func (s *Sink) AwaitSpans(tb testing.TB, timeout time.Duration, what string, cond func([]Span) bool) []Span {
	tb.Helper()
	var spans []Span
	s.await(tb, timeout, what, func() bool { spans = s.Spans(); return cond(spans) })
	return spans
}

// AwaitMetrics is AwaitSpans for the points of metrics.
func (s *Sink) AwaitMetrics(tb testing.TB, timeout time.Duration, what string, cond func([]Point) bool) []Point {
	tb.Helper()
	var points []Point
	s.await(tb, timeout, what, func() bool { points = s.Metrics(); return cond(points) })
	return points
}

// AwaitRequests waits until n exports have arrived, in whatever mode.
func (s *Sink) AwaitRequests(tb testing.TB, timeout time.Duration, n int) {
	tb.Helper()
	s.await(tb, timeout, fmt.Sprintf("export %d", n), func() bool { return s.Requests() >= n })
}

func (s *Sink) await(tb testing.TB, timeout time.Duration, what string, holds func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), timeout)
	defer cancel()
	for {
		changed := s.next()
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			tb.Fatalf("wait for %s at the collector: %v; it has %d exports, %d spans, %d points", what, ctx.Err(), s.Requests(), len(s.Spans()), len(s.Metrics()))
		}
	}
}

// next returns a channel that is closed with the next change.
func (s *Sink) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Sink) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	close(s.changed)
	s.changed = make(chan struct{})
}

// take answers the exports of one signal.
func (s *Sink) take(kind, thanks proto.Message) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := read(r)
		request := proto.Clone(kind)
		if err == nil {
			err = proto.Unmarshal(body, request)
		}
		s.change(func() { s.requests++ })
		if r.Context().Err() != nil || !s.goesOn(r.Context()) {
			return // whoever has asked is gone
		}
		if s.refuses() {
			http.Error(w, "refused, as the test wants it", http.StatusServiceUnavailable)
			return
		}
		if err != nil {
			s.change(func() { s.errs = append(s.errs, fmt.Errorf("%s: %w", r.URL.Path, err)) })
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.change(func() { s.keep(request) })
		answer, _ := proto.Marshal(thanks) // it is empty
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(answer)
	}
}

// goesOn waits while the sink hangs. It reports false if the client gave up first.
func (s *Sink) goesOn(ctx context.Context) bool {
	for {
		changed := s.next()
		s.mu.Lock()
		hangs := s.mode == hanging
		s.mu.Unlock()
		if !hangs {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

func (s *Sink) refuses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mode == refusing
}

func (s *Sink) keep(request proto.Message) {
	switch r := request.(type) {
	case *coltrace.ExportTraceServiceRequest:
		s.spans = append(s.spans, spansOf(r.GetResourceSpans())...)
	case *colmetrics.ExportMetricsServiceRequest:
		s.points = append(s.points, pointsOf(r.GetResourceMetrics())...)
	}
}

// read returns the body of an export, which may be compressed.
func read(r *http.Request) ([]byte, error) {
	if got := r.Header.Get("Content-Type"); got != "application/x-protobuf" {
		return nil, fmt.Errorf("the content type is %q, not application/x-protobuf", got)
	}
	var body io.Reader = http.MaxBytesReader(nil, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("unpack the body: %w", err)
		}
		body = io.LimitReader(unpacked, maxBody)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	return b, nil
}
