package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// scrapeTimeout is how long Redis may take to answer for one reading of the metrics.
const scrapeTimeout = 3 * time.Second

// metricsHandler answers what the process measures and how the queues stand; nil if nobody reads it.
func metricsHandler(c Config, records *store.Store, tasks *queue.Client) http.Handler {
	if c.Metrics == nil {
		return nil
	}
	// In a registry of its own, so that several parts in one process can share theirs.
	own := prometheus.NewRegistry()
	own.MustRegister(&queueCollector{records: records, queue: tasks, logger: c.Logger})
	return promhttp.HandlerFor(prometheus.Gatherers{c.Metrics, own}, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4,
	})
}

var (
	queueTasks   = prometheus.NewDesc("numbermill_queue_tasks", "Runs in a queue, by what they wait for.", []string{"queue", "state"}, nil)
	queueAge     = prometheus.NewDesc("numbermill_queue_oldest_age_seconds", "How long the first waiting run of a queue has waited.", []string{"queue"}, nil)
	queuePaused  = prometheus.NewDesc("numbermill_queue_paused", "1 while an operator has stopped a queue.", []string{"queue"}, nil)
	workersAlive = prometheus.NewDesc("numbermill_workers", "Workers that are alive.", nil, nil)
	redisAnswers = prometheus.NewDesc("numbermill_redis_up", "1 while Redis answers.", nil, nil)
)

// queueCollector asks Redis how the queues stand whenever the metrics are read.
type queueCollector struct {
	records *store.Store
	queue   *queue.Client
	logger  *slog.Logger
}

// Describe names the metrics.
func (q *queueCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueTasks, queueAge, queuePaused, workersAlive, redisAnswers} {
		to <- d
	}
}

// Collect reads them. Without Redis all that is known is that it does not answer.
func (q *queueCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	stats, err := q.queue.Stats(ctx)
	workers := 0
	if err == nil {
		workers, err = q.records.Workers(ctx)
	}
	if err != nil {
		q.logger.WarnContext(ctx, "queues not measured", slog.Any("error", err))
		gauge(redisAnswers, 0)
		return
	}
	gauge(redisAnswers, 1)
	gauge(workersAlive, float64(workers))
	for _, s := range stats {
		gauge(queueTasks, float64(s.Pending), s.Name, "pending")
		gauge(queueTasks, float64(s.Active), s.Name, "active")
		gauge(queueTasks, float64(s.Scheduled), s.Name, "scheduled")
		gauge(queueTasks, float64(s.Retry), s.Name, "retry")
		gauge(queueAge, s.OldestAge.Seconds(), s.Name)
		paused := 0.0
		if s.Paused {
			paused = 1
		}
		gauge(queuePaused, paused, s.Name)
	}
}
