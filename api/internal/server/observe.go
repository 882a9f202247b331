package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gorilla/mux"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/telemetry"
)

// unmatched stands for the route of requests that none takes: their paths are of any number.
const unmatched = "unmatched"

// webRoute stands for the route of all pages and files of the web app.
const webRoute = "web"

// requestInfo is what the layers around a handler learn of a request.
type requestInfo struct {
	id string
	// route is the template of the path; unmatched until a route was found.
	route string
	// job is the one in the path, if the path names one.
	job     job.ID
	started time.Time
	// out is what its answer is written to, below whatever measures it.
	out response
}

type requestInfoKey struct{}

func infoOf(ctx context.Context) *requestInfo {
	if i, ok := ctx.Value(requestInfoKey{}).(*requestInfo); ok {
		return i
	}
	return &requestInfo{}
}

func requestID(r *http.Request) string { return infoOf(r.Context()).id }

// nameRoute notes which route takes the request, for its span, its metrics and its log line.
func nameRoute(r *http.Request) {
	route := mux.CurrentRoute(r)
	if route == nil {
		return
	}
	if template, err := route.GetPathTemplate(); err == nil {
		infoOf(r.Context()).route = template
		trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("http.route", template))
	}
}

// around puts what every request needs around a router: a span, an id, a log line, a net for panics, and the two guards.
func (s *Server) around(router http.Handler) http.Handler {
	return s.observe(s.guardHost(s.guardOrigin(router)))
}

// observe names the request and its trace in the answer, and measures it and writes one line about it when it is over.
func (s *Server) observe(next http.Handler) http.Handler {
	caught := s.catch(next)
	recorded := spanned(caught)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := &requestInfo{id: acceptRequestID(r.Header.Get("X-Request-Id")), route: unmatched, started: time.Now()}
		ctx, span := s.beginSpan(r)
		ctx = context.WithValue(ctx, requestInfoKey{}, info)
		r = r.WithContext(ctx) //nolint:contextcheck // it is the request's own, with its span
		received := countBody(r)
		out := &info.out
		*out = response{
			ResponseWriter: w, control: http.NewResponseController(w), bodyTimeout: s.BodyTimeout,
			begins: func() { describeRequest(w.Header(), r, info) },
		}
		h := out.Header()
		h.Set("X-Request-Id", info.id)
		h.Set("X-Trace-Id", span.SpanContext().TraceID().String())
		h.Set("X-Content-Type-Options", "nosniff")
		defer func() { s.ended(r, info, received) }()
		out.awaitBody(r)
		if span.IsRecording() {
			recorded.ServeHTTP(out, r)
		} else {
			caught.ServeHTTP(out, r)
		}
	})
}

// ended measures a request that is over, and logs it.
func (s *Server) ended(r *http.Request, info *requestInfo, received *bodyCounter) {
	out := &info.out
	out.begin() // for an answer without a body that nobody has begun
	took := time.Since(info.started)
	ctx := r.Context()
	if counts(info.route) && ctx.Err() == nil {
		s.traffic.add(out.status, took, !lasts(info.route, out.Header()))
	}
	labels := requestLabels{r.Method, info.route, cmp.Or(out.status, http.StatusOK)}
	s.measured.add(ctx, labels, received.bytes(), out.bytes, took)
	s.log(ctx, r, out, info, took)
}

// catch turns a panic into a refusal, or breaks the answer off if it has begun.
func (s *Server) catch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.recovered(w, r, p)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) recovered(w http.ResponseWriter, r *http.Request, p any) {
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.Logger.ErrorContext(r.Context(), "handler panicked", slog.String("request_id", requestID(r)),
		slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
	if infoOf(r.Context()).out.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, fmt.Errorf("panic: %v", p))
}

func (s *Server) log(ctx context.Context, r *http.Request, w *response, info *requestInfo, took time.Duration) {
	level := slog.LevelInfo
	if info.route == "/healthz" || info.route == "/readyz" {
		level = slog.LevelDebug // probes come every few seconds
	}
	if info.job != "" {
		ctx = telemetry.WithJob(ctx, string(info.job))
	}
	to := s.Logger.Handler()
	if !to.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(time.Now(), level, "request", 0) // a logger would look up this place, which no line tells
	line.AddAttrs(slog.String("request_id", info.id), slog.String("method", shorten(r.Method)),
		slog.String("route", info.route), slog.Int("status", w.status), slog.Int64("bytes", w.bytes),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000))
	_ = to.Handle(ctx, line) // nor does a logger tell of an error
}

var saneID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)

// acceptRequestID keeps the client's own id if it is harmless to repeat, else draws one.
func acceptRequestID(given string) string {
	if saneID.MatchString(given) {
		return given
	}
	return rand.Text()
}
