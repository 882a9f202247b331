// Package shipper enters finished jobs into the history, and erases there what people have deleted. What is to be done stands in Redis, and goes
// from there only once Elasticsearch has acknowledged it: a crash or an absence, however long, costs nothing but time. A lease keeps it to one
// worker, and two at work would do no harm.
package shipper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

const (
	// scope is in whose name the metrics are.
	scope = "numbermill/worker"

	leaseName = "history"
	// leaseTime is how long another worker waits for one that is gone, or whose Elasticsearch does not answer.
	leaseTime = 10 * time.Second
	// interval is how often it is looked whether there is something to do.
	interval = time.Second
	// shortestPause and longestPause are how long a failure is waited out: longer with each that follows on another.
	shortestPause = time.Second
	longestPause  = 30 * time.Second
	// bulkSize is how many jobs are entered, or erased, at a time.
	bulkSize = 500
	// redisTimeout bounds each call to Redis.
	redisTimeout = 10 * time.Second
	// countTimeout bounds how long a reading of the metrics may take.
	countTimeout = 3 * time.Second
)

// History is where jobs go.
type History interface {
	// Check fails unless the history is there, with its mapping.
	Check(ctx context.Context) error
	// Write enters jobs, all at once; see history.History.
	Write(ctx context.Context, jobs []job.Job, visible bool) (history.Written, error)
	// Erase removes jobs.
	Erase(ctx context.Context, ids []job.ID) (done []job.ID, err error)
}

// Config says what a Shipper works with. All fields are needed.
type Config struct {
	Records *store.Store
	History History
	// Worker is in whose name it acts.
	Worker string
	// Retention is how long ended jobs are kept in Redis.
	Retention time.Duration
	Logger    *slog.Logger
}

// Shipper ships while it runs. Run it in every worker.
type Shipper struct {
	Config

	interval, shortest, longest time.Duration
	shipped, refused            metric.Int64Counter
	waiting                     metric.Int64ObservableGauge
}

// New returns a shipper that does nothing before Run.
func New(c Config) *Shipper {
	s := &Shipper{Config: c, interval: interval, shortest: shortestPause, longest: longestPause}
	meter := otel.Meter(scope)
	var errs [3]error
	s.shipped, errs[0] = meter.Int64Counter("numbermill.history.shipped", metric.WithUnit("{job}"),
		metric.WithDescription("Finished jobs that were entered into the history."))
	s.refused, errs[1] = meter.Int64Counter("numbermill.history.refused", metric.WithUnit("{job}"),
		metric.WithDescription("Finished jobs that the history does not take, and that were set aside."))
	s.waiting, errs[2] = meter.Int64ObservableGauge("numbermill.history.waiting", metric.WithUnit("{job}"),
		metric.WithDescription("Jobs that the history is still to get or to erase."))
	if err := errors.Join(errs[:]...); err != nil {
		otel.Handle(err)
	}
	return s
}

// Run ships until the context ends.
func (s *Shipper) Run(ctx context.Context) {
	reading, err := otel.Meter(scope).RegisterCallback(s.count, s.waiting)
	if err != nil {
		otel.Handle(err)
	} else {
		defer func() { _ = reading.Unregister() }() // nothing of it is left to go wrong
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	behind := time.Time{} // since when it fails
	pause := s.shortest
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		err := s.pass(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if !behind.IsZero() {
				s.Logger.InfoContext(ctx, "the history goes on", slog.Duration("behind_for", time.Since(behind).Round(time.Millisecond)))
			}
			behind, pause = time.Time{}, s.shortest
			timer.Reset(s.interval)
		default:
			if behind.IsZero() {
				behind = time.Now()
				s.Logger.WarnContext(ctx, "the history does not take jobs; they wait in Redis until it does", slog.Any("error", err))
			}
			timer.Reset(pause/2 + rand.N(pause/2+1)) //nolint:gosec // not a secret
			pause = min(2*pause, s.longest)
		}
	}
}

// pass ships all there is, if this worker is the one to do so.
func (s *Shipper) pass(ctx context.Context) error {
	held, err := s.lease(ctx)
	if err != nil || !held {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	owners, err := s.Records.Owners(asking)
	if err != nil {
		return err
	}
	ready := false
	for _, o := range owners {
		n, err := s.Records.Waiting(asking, o)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if !ready { // else Elasticsearch would guess a mapping
			if err := s.History.Check(ctx); err != nil {
				return err
			}
			ready = true
		}
		if err := errors.Join(s.eraseAll(ctx, o), s.shipAll(ctx, o)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Shipper) lease(ctx context.Context) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return s.Records.Lease(ctx, leaseName, s.Worker, leaseTime)
}

// eraseAll erases what people have deleted.
func (s *Shipper) eraseAll(ctx context.Context, o job.Owner) error {
	for {
		ids, err := s.Records.Erasures(ctx, o, bulkSize)
		if err != nil || len(ids) == 0 {
			return err
		}
		done, err := s.History.Erase(ctx, ids)
		if err := errors.Join(err, s.Records.Erased(ctx, o, done)); err != nil {
			return err
		}
		if held, err := s.lease(ctx); err != nil || !held {
			return err
		}
	}
}

// shipAll enters the owner's finished jobs, as long as this worker is the one to do so.
func (s *Shipper) shipAll(ctx context.Context, o job.Owner) error {
	for skip := 0; ; {
		listed, left, err := s.ship(ctx, o, skip)
		if err != nil || listed < bulkSize {
			return err
		}
		skip += left
		if held, err := s.lease(ctx); err != nil || !held {
			return err
		}
	}
}

// ship enters one bulk. listed is how many there were, left how many of them stay on the list.
func (s *Shipper) ship(ctx context.Context, o job.Owner, skip int) (listed, left int, err error) {
	ids, ended, err := s.Records.Finished(ctx, o, skip, bulkSize)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	b, err := s.read(ctx, ids)
	if err != nil {
		return 0, 0, err
	}
	// Redis may forget the oldest jobs soon: whoever looks for one then has to find it in the history at once.
	visible := time.Since(ended[0]) > s.Retention/2
	var w history.Written
	if len(b.jobs) > 0 {
		w, err = s.History.Write(ctx, b.jobs, visible)
	}
	s.shipped.Add(ctx, int64(len(w.Done)))
	var aside []job.ID
	for id, reason := range w.Refused {
		b.bad[id] = errors.New(reason)
	}
	for id, reason := range b.bad {
		aside = append(aside, id)
		s.Logger.ErrorContext(telemetry.WithJob(ctx, string(id)), "the history does not take a job: it is set aside", slog.Any("error", reason))
	}
	s.refused.Add(ctx, int64(len(aside)))
	err = errors.Join(err, s.Records.Shipped(ctx, o, append(w.Done, b.gone...)), s.Records.SetAside(ctx, o, aside))
	return len(ids), b.open, err
}

// bulk is what is to be entered.
type bulk struct {
	jobs []job.Job
	// gone have no record any more: they were deleted. bad cannot be read.
	gone []job.ID
	bad  map[job.ID]error
	// open is how many have not ended, as can be where a shard of Redis has lost its last words.
	open int
}

func (s *Shipper) read(ctx context.Context, ids []job.ID) (bulk, error) {
	b := bulk{bad: map[job.ID]error{}}
	records, err := s.Records.GetAll(ctx, ids)
	if err != nil && job.CodeOf(err) != job.Unavailable && ctx.Err() == nil {
		records, err = s.readEach(ctx, ids, b.bad)
	}
	if err != nil {
		return b, err
	}
	for _, id := range ids {
		rec, ok := records[id]
		switch {
		case b.bad[id] != nil:
		case !ok:
			b.gone = append(b.gone, id)
		case !rec.State.Terminal():
			b.open++
		default:
			b.jobs = append(b.jobs, entry(rec))
		}
	}
	return b, nil
}

// readEach finds the records that cannot be read, so that they do not keep the others out.
func (s *Shipper) readEach(ctx context.Context, ids []job.ID, bad map[job.ID]error) (map[job.ID]store.Record, error) {
	records := map[job.ID]store.Record{}
	for _, id := range ids {
		one, err := s.Records.GetAll(ctx, []job.ID{id})
		switch {
		case err == nil:
			if rec, ok := one[id]; ok {
				records[id] = rec
			}
		case job.CodeOf(err) == job.Unavailable || ctx.Err() != nil:
			return nil, err
		default:
			bad[id] = fmt.Errorf("its record: %w", err)
		}
	}
	return records, nil
}

// entry is the job as the history keeps it: with the queue that its computation waited in, where that is still known.
func entry(rec store.Record) job.Job {
	j := rec.Job
	if rec.Run == rec.ComputationRun && rec.WaitsIn != "" {
		j.Queue = rec.WaitsIn
	}
	if j.Queue == "" {
		j.Queue = queue.Name(job.ClassOf(j.EstimatedCost), j.Priority)
	}
	return j
}

// count observes how much waits. Every worker does, since the one that ships may be gone.
func (s *Shipper) count(ctx context.Context, to metric.Observer) error {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	owners, err := s.Records.Owners(ctx)
	if err != nil {
		return nil // Redis is away, which other metrics tell
	}
	var all int64
	for _, o := range owners {
		n, err := s.Records.Waiting(ctx, o)
		if err != nil {
			return nil
		}
		all += n
	}
	to.ObserveInt64(s.waiting, all)
	return nil
}
