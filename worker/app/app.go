// Package app is a worker: it takes runs from the queue, carries them out and keeps the records and the queue in agreement.
package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/worker/internal/detector"
	"numbermill/worker/internal/memory"
	"numbermill/worker/internal/reconciler"
	"numbermill/worker/internal/runner"
	"numbermill/worker/internal/shipper"
)

// DefaultRetention is how long ended jobs and their digits are kept.
const DefaultRetention = 7 * 24 * time.Hour

// DefaultResultsMax is how many bytes all results may have.
const DefaultResultsMax = 20 << 30

// smallPlaces is how many small runs a worker may have beside those that it computes: what is claimed or recorded at the same time shares trips to Redis.
// How many of them it really wants is for the runner's Room to say.
const smallPlaces = 64

// drainPoll is how often a stopping worker looks whether it is idle.
const drainPoll = 20 * time.Millisecond

// giveBackTime is what is left, of the time that Stop is given, to give back what has not ended.
const giveBackTime = 2500 * time.Millisecond

// Config is what a worker needs. Zero fields take their defaults; Redis and Results have none.
type Config struct {
	// Redis is a connection that the caller keeps and closes.
	Redis redis.UniversalClient
	// Results is the folder of the digits.
	Results string
	// Concurrency is how many small computations run at a time, each on one thread: as many as there are processors by default. Beside them runs one
	// large computation, and one huge one.
	Concurrency int
	// Threads is how many threads one of those may have: as many as there are processors by default.
	Threads int
	// Memory is how much memory all computations together may take, in bytes: 60 % of what there is by default.
	Memory int64
	// Uncalibrated leaves out the measurement of this machine at the start, so that estimates go by the built-in constants.
	Uncalibrated bool
	// Retention is how long ended jobs and their digits are kept: DefaultRetention by default.
	Retention time.Duration
	// ResultsMax is how many bytes all results may have, DefaultResultsMax by default: beyond it the oldest go.
	ResultsMax int64
	// Elasticsearch is where finished jobs are kept for good, as a URL that may carry a user and a password; empty for nowhere. It must be the same
	// for every worker.
	Elasticsearch string
	// PagerDutyKey is the integration key of a service of PagerDuty that is told of anomalies; empty if none is. They are looked for in Elasticsearch.
	PagerDutyKey string
	// PagerDutyURL is where it takes events; empty for its usual address.
	PagerDutyURL string
	// PlainAsynq forgoes what is quicker than Asynq's own ways, and relies on how it keeps its tasks.
	PlainAsynq bool
	// Drain, if not nil, is listened to from Start on: whatever comes has the worker take nothing more and finish what it has. It lives on
	// until it is stopped.
	Drain <-chan os.Signal
	// Logger is slog.Default by default.
	Logger *slog.Logger
}

// App is a worker.
type App struct {
	name       string
	logger     *slog.Logger
	records    *store.Store
	results    *result.Store
	runner     *runner.Runner
	reconciler *reconciler.Reconciler
	history    *history.History // nil without one
	shipper    *shipper.Shipper // likewise
	detector   *detector.Detector
	server     *queue.Server
	queue      *queue.Client
	calibrate  bool
	slots      map[job.Class]int // how many runs of a class are computed at a time
	drain      <-chan os.Signal

	mu          sync.Mutex
	description store.Description // but for what the runner has to say

	stopBackground context.CancelFunc
	background     sync.WaitGroup
}

// New makes a worker that does nothing before Start. It fails if a setting is missing or the result store cannot be opened.
func New(ctx context.Context, cfg Config) (*App, error) {
	if cfg.Redis == nil {
		return nil, errors.New("worker: Redis is not set")
	}
	if cfg.Results == "" {
		return nil, errors.New("worker: Results is not set: name the folder of the digits")
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = runtime.GOMAXPROCS(0)
	}
	if cfg.Threads <= 0 {
		cfg.Threads = runtime.GOMAXPROCS(0)
	}
	if cfg.Memory <= 0 {
		cfg.Memory = memory.Default()
	}
	if cfg.Retention <= 0 {
		cfg.Retention = DefaultRetention
	}
	if cfg.ResultsMax <= 0 {
		cfg.ResultsMax = DefaultResultsMax
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	name, err := newName()
	if err != nil {
		return nil, err
	}
	results, err := result.Open(ctx, cfg.Results)
	if err != nil {
		return nil, err
	}
	logger := cfg.Logger.With(slog.String("worker", name))
	records := store.New(cfg.Redis).Keeping(cfg.Retention)
	var server *queue.Server // before anything comes from it
	run := runner.New(records, results, runner.Options{
		Worker: name, Slots: cfg.Concurrency, RoomAgain: func() { server.Nudge() }, Threads: cfg.Threads, Memory: memory.NewBudget(cfg.Memory), Logger: logger,
	})
	options := []queue.Option{queue.Repairs()}
	if cfg.PlainAsynq {
		options = append(options, queue.Plain())
	}
	client := queue.New(cfg.Redis, options...)
	slots := map[job.Class]int{job.Small: cfg.Concurrency, job.Large: 1, job.Huge: 1}
	places := maps.Clone(slots)
	if !cfg.PlainAsynq { // which does not ask how many are wanted
		places[job.Small] += smallPlaces
	}
	server, err = queue.NewServer(cfg.Redis, queue.ServerOptions{ //nolint:contextcheck // leaving takes a call that outlasts whoever starts
		Places: places, Room: run.Room, AtOnce: run.AtOnce, Logger: logger, Plain: cfg.PlainAsynq, Client: client,
	}, run.Handle)
	if err != nil {
		return nil, errors.Join(err, results.Close())
	}
	a := &App{
		name: name, logger: logger, records: records, results: results, runner: run,
		calibrate: !cfg.Uncalibrated, slots: slots, drain: cfg.Drain,
		description: describe(store.Capacity{Threads: cfg.Threads, MemoryBytes: cfg.Memory}),
		reconciler: reconciler.New(reconciler.Config{
			Records: records, Queue: client, Results: results, Worker: name,
			Retention: cfg.Retention, ResultsMax: cfg.ResultsMax, History: cfg.Elasticsearch != "", Logger: logger,
		}),
		server: server, queue: client,
	}
	if cfg.Elasticsearch != "" {
		if a.history, err = history.Open(history.Config{URL: cfg.Elasticsearch}); err != nil {
			return nil, errors.Join(fmt.Errorf("worker: Elasticsearch: %w", err), results.Close())
		}
		a.shipper = shipper.New(shipper.Config{Records: records, History: a.history, Worker: name, Retention: cfg.Retention, Logger: logger})
		a.detector = detector.New(a.watching(cfg))
	}
	return a, nil
}

// watching is what the detector of anomalies works with.
func (a *App) watching(cfg Config) detector.Config {
	c := detector.Config{
		Elastic: a.history.Client(), Logger: a.logger,
		Lease: func(ctx context.Context, lease string, ttl time.Duration) (bool, error) {
			return a.records.Lease(ctx, lease, a.name, ttl)
		},
	}
	if cfg.PagerDutyKey != "" {
		c.Notify = detector.NewPagerDuty(cfg.PagerDutyURL, cfg.PagerDutyKey)
	}
	return c
}

// newName is unique for each process that ever was: a worker that comes back is another worker.
func newName() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("draw worker name: %w", err)
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), hex.EncodeToString(b[:])), nil
}

// Start begins to take runs. It fails if Redis does not answer. Meanwhile it measures the machine.
func (a *App) Start(ctx context.Context) error {
	if err := a.beat(ctx); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stopBackground = stop
	a.background.Go(func() { a.beatOn(background) })
	a.background.Go(func() { a.records.Stops(background, a.logger, a.runner.Stop) })
	a.background.Go(func() { a.reconciler.Run(background) })
	a.background.Go(func() { _ = a.queue.SelfTest(background, a.logger) }) // it logs; without it all goes by plain Asynq
	if a.shipper != nil {
		a.background.Go(func() { a.shipper.Run(background) })
		a.background.Go(func() { a.detector.Run(background) })
	}
	if a.drain != nil {
		a.background.Go(func() { a.drainOn(background) })
	}
	if a.calibrate {
		a.background.Go(func() { a.measure(background) })
	}
	if err := a.server.Start(); err != nil {
		stop()
		a.background.Wait()
		return err
	}
	c := a.describe().Capacity
	a.logger.InfoContext(ctx, "worker started", slog.Int("threads", c.Threads), slog.Int64("memory_bytes", c.MemoryBytes))
	return nil
}

// Stop takes no more runs, waits for those under way until some seconds before the context ends, gives back what has not ended by
// then, and ends. It must follow Start, once.
func (a *App) Stop(ctx context.Context) error {
	a.decline()
	a.waitIdle(ctx)
	a.runner.Drain()
	a.server.Shutdown()
	a.stopBackground()
	a.background.Wait()
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := a.records.Leave(leave, a.name)
	if a.history != nil {
		a.history.Close()
	}
	a.logger.InfoContext(ctx, "worker stopped")
	return errors.Join(err, a.results.Close())
}

func (a *App) waitIdle(ctx context.Context) {
	wait := context.Background()
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		wait, cancel = context.WithDeadline(wait, end.Add(-giveBackTime))
		defer cancel()
	}
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for a.runner.Busy() > 0 {
		select {
		case <-tick.C:
		case <-wait.Done():
			return
		case <-ctx.Done():
			return
		}
	}
}
