// Package server answers the REST API: one line a route (routes.go), one file a noun, one file for every refusal (problem.go). It
// writes jobs through shared/store and hands their runs to the queue; it computes nothing.
package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// redisTimeout bounds what one request may spend on Redis, waiting for changes aside.
const redisTimeout = 10 * time.Second

// Queue is where runs wait for a worker.
type Queue interface {
	// Enqueue queues a run; one that is queued already stays as it is.
	Enqueue(context.Context, store.Run) error
	// EnqueueErrand is what queues a run along with the call that starts it; none if that cannot be.
	EnqueueErrand(context.Context, store.Run) store.Errand
	// Remove takes a waiting run out again; one that a worker has is left to it.
	Remove(context.Context, store.Run) error
	// Position is how many are ahead of a run in its queue; not known of all.
	Position(context.Context, store.Run) (ahead int64, known bool, err error)
}

// Results holds the digits that are too many for a record.
type Results interface {
	// Reader opens the digits under the key, of which there must be size; job.ResultGone if they are not there.
	Reader(ctx context.Context, key string, size int64) (io.ReadSeekCloser, error)
	// Delete removes them; it is no error if they are not there.
	Delete(ctx context.Context, key string) error
	// Check fails unless results can be written.
	Check(ctx context.Context) error
}

// Options are what a Server works with. All are needed, but for History, Web and Monitor.
type Options struct {
	Records *store.Store
	Watcher *store.Watcher
	Fleet   *Fleet
	Queue   Queue
	Results Results
	Redis   redis.UniversalClient
	// History keeps finished jobs for good; nil if nothing does.
	History History

	// Web answers everything that is not the API; nil if there is no web app.
	Web http.Handler
	// Monitor is the queue's web monitor under MonitorPath; nil if there is none.
	Monitor http.Handler
	// Metrics answers what the process measures; nil if it does not.
	Metrics http.Handler

	Limits function.Limits
	// MaxActive is how many jobs of one owner may be open.
	MaxActive int
	// MaxBody is the largest request body in bytes.
	MaxBody int64
	// BodyTimeout is how long a client may take to send a body; 15 s if zero.
	BodyTimeout time.Duration
	// MaxStreams is how many streams of events there may be at a time; 1,000 if zero.
	MaxStreams int
	// HistoryTimeout is how long an answer waits for the history; 2 s if zero.
	HistoryTimeout time.Duration
	// Heartbeat is how often a stream of events says that it lives; 15 s if zero.
	Heartbeat time.Duration
	// Retention is how long an ended job is kept.
	Retention time.Duration
	// AllowedHosts are the host names that requests may carry beside loopback ones, without ports.
	AllowedHosts []string
	// Rate bounds how often one owner submits.
	Rate Rate
	// Kibana is where people's browsers find Kibana, without a slash at the end; empty if nothing can be looked up there.
	Kibana string
	// Meters is where measurements go; OpenTelemetry's global provider if nil.
	Meters metric.MeterProvider
	// Version is the program's.
	Version string
	Logger  *slog.Logger
}

// Server answers requests until it is drained.
type Server struct {
	Options

	compressions slots
	batches      slots
	// streams are the open streams of events.
	streams atomic.Int64
	traffic *traffic
	limiter *redis_rate.Limiter
	docs    func() ([]byte, error)
	tracer  trace.Tracer
	// requests starts the spans of requests, measured is what becomes of them.
	requests  trace.Tracer
	measured  *requestMetrics
	counters  counters
	withdrawn atomic.Bool
	breaker   breaker
	levels    levels

	draining context.Context //nolint:containedctx // it ends the long polls of all requests
	drain    context.CancelFunc
}

// New returns a server that has nothing to close: what the options hold belongs to the caller.
func New(o Options) *Server {
	if o.BodyTimeout == 0 {
		o.BodyTimeout = defaultBodyTimeout
	}
	if o.MaxStreams == 0 {
		o.MaxStreams = mostStreams
	}
	if o.HistoryTimeout == 0 {
		o.HistoryTimeout = historyTimeout
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = heartbeatEvery
	}
	if o.Meters == nil {
		o.Meters = otel.GetMeterProvider()
	}
	s := &Server{
		Options: o, tracer: spans.Children().Tracer(scope), counters: newCounters(o.Meters),
		requests: otel.GetTracerProvider().Tracer(scope), measured: newRequestMetrics(o.Meters),
		compressions: make(slots, mostCompressions), batches: make(slots, mostBatches), traffic: newTraffic(),
		limiter: redis_rate.NewLimiter(o.Redis),
	}
	s.docs = s.reference()
	s.draining, s.drain = context.WithCancel(context.Background())
	return s
}

// Handler answers the API and the web app; with operator also the paths that are for the operator alone.
func (s *Server) Handler(operator bool) http.Handler {
	paths := routes
	if operator {
		paths = slices.Concat(routes, operatorRoutes, s.monitorRoutes())
	}
	return s.around(s.router(paths, s.Web))
}

// OperatorHandler answers only the operator's paths and the health of the process.
func (s *Server) OperatorHandler() http.Handler {
	return s.around(s.router(slices.Concat(operatorRoutes, s.monitorRoutes(), healthRoutes, pageRoutes), nil))
}

// Withdraw makes the server say that it is not ready, so that no more requests are sent to it, while it goes on answering.
func (s *Server) Withdraw() { s.withdrawn.Store(true) }

// Drain ends all waiting for changes, with the answer that a wait's end has. It does not wait for the requests.
func (s *Server) Drain() { s.drain() }

// owner is whose jobs a request is about.
func owner(*http.Request) job.Owner { return job.LocalOwner }
