// Package runner carries out runs: it claims an attempt, computes, writes the digits, verifies them and publishes the result, or
// records why not. Whatever happens, the record in package store decides; a runner that has lost its attempt changes nothing.
package runner

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/bignum"
	"numbermill/shared/job"
	"numbermill/shared/plainjson"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
	"numbermill/worker/internal/memory"
	"numbermill/worker/internal/thread"
)

// Why an attempt is told to stop.
var (
	errAbandoned = errors.New("nobody waits for it any more")
	errDraining  = errors.New("the worker is shutting down")
	errStale     = errors.New("another attempt has taken over")
	errNotAlone  = errors.New("another run has to be alone in this worker")
)

const (
	// recordTimeout bounds the calls that record how an attempt ended: they go on when the attempt's own context has ended.
	recordTimeout = 30 * time.Second
	// releaseTimeout is the same for giving back: if it fails, the next attempt takes over all the same, and a worker that ends must not
	// be held up.
	releaseTimeout = 3 * time.Second
	// publishPause is the longest pause between two tries to publish.
	publishPause = time.Second
	// busyPause is how long a run is left alone that was not let in beside one that has to be alone.
	busyPause = time.Second
)

// How much nicer than the process the threads are that compute what is not small: small runs, the API, Redis and whatever else the machine does go
// first, and huge runs last.
const (
	largeNice = 5
	hugeNice  = 10
)

// Options say in whose name and with what a Runner works. All are needed but RoomAgain.
type Options struct {
	// Worker is the name that attempts are signed with.
	Worker string
	// Threads is how many threads one computation may have that is not small.
	Threads int
	// Slots is how many small computations run at a time.
	Slots int
	// RoomAgain is called when Room has become more than 0 after it was not; nil if nobody asks for it.
	RoomAgain func()
	// Memory is what all computations share.
	Memory *memory.Budget
	Logger *slog.Logger
}

// Runner carries out runs in one worker's name. It is safe for concurrent use.
type Runner struct {
	records *store.Store
	results *result.Store
	worker  string
	logger  *slog.Logger
	tracer  trace.Tracer
	meters  meters
	threads int // of one computation that is not small
	memory  *memory.Budget
	cpu     ledger
	gate    gate
	slots   *slots
	// alonePatience is how long a run waits to be alone that was lost once.
	alonePatience time.Duration
	samples       *samples
	lower         map[job.Class]func(work func()) // starts goroutines of lower priority; nil for none
	fault         *bignum.Fault                   // nil but in tests

	mu       sync.Mutex
	draining bool
	// held are the deliveries under way. One run may be among them twice: after a pause of this process for instance.
	held map[*delivery]struct{}
	// atOnce is how many calls of AtOnce are under way.
	atOnce int
}

// delivery is one call of Handle.
type delivery struct {
	*prepared

	run     store.Run
	since   time.Time
	entered time.Time // when it had waited for a slot
	cancel  context.CancelCauseFunc
	stopped atomic.Pointer[time.Time] // when it was first told to stop
	span    trace.Span
	traced  atomic.Bool // whether its span has children, so that it has to end
	how     ending      // empty as long as it has no attempt
	over    time.Time   // when it has ended, if that is not when it is told

	// Under the runner's lock:
	waits   wait
	attempt int64 // 0 until it is claimed
}

// wait is what a delivery waits for.
type wait int

const (
	waitsForNothing wait = iota
	waitsForSlot
	waitsForMemory
	waitsToBeAlone
)

// stop tells the delivery to end.
func (d *delivery) stop(why error) {
	now := time.Now()
	d.stopped.CompareAndSwap(nil, &now)
	d.cancel(why)
}

// stopMillis is how long ago it was told to stop, 0 if it was not.
func (d *delivery) stopMillis() float64 {
	if at := d.stopped.Load(); at != nil {
		return ms(time.Since(*at))
	}
	return 0
}

// New returns a runner.
func New(records *store.Store, results *result.Store, o Options) *Runner {
	return &Runner{
		records: records, results: results, worker: o.Worker, logger: o.Logger, tracer: otel.Tracer(scope), meters: newMeters(otel.GetMeterProvider()),
		threads: o.Threads, memory: o.Memory, held: map[*delivery]struct{}{}, alonePatience: alonePatience,
		samples: newSamples(), slots: newSlots(o.Slots, o.RoomAgain),
		lower: map[job.Class]func(work func()){job.Large: thread.Lower(largeNice), job.Huge: thread.Lower(hugeNice)},
	}
}

// Handle is the queue's handler. Its summary is for the web monitor.
func (r *Runner) Handle(ctx context.Context, run store.Run) (summary string, err error) {
	ctx, span := r.process(ctx, run)
	ctx, d, ok := r.begin(ctx, run, span)
	if !ok {
		return "", queue.ErrReleased
	}
	defer r.end(d)
	defer d.close()
	claimed, leave, err := r.claim(ctx, d)
	if err != nil {
		return "", err
	}
	defer leave()
	if claimed == nil {
		d.how = cmp.Or(d.how, unwanted)
		r.logger.InfoContext(ctx, "run is no longer wanted", slog.String("computation", string(run.Fingerprint)), slog.String("run", run.ID))
		return "", nil
	}
	summary, d.how, err = r.carryOut(ctx, claimed, d)
	return summary, err
}

// Stop ends the attempt of a run that nobody waits for, if this runner has it.
func (r *Runner) Stop(f job.Fingerprint, run string) {
	r.stopIf(errAbandoned, func(d *delivery) bool { return d.run.Fingerprint == f && d.run.ID == run })
}

// Decline gives back every run that waits, and all that come after. What is being computed goes on.
func (r *Runner) Decline() {
	r.refuse()
	r.stopIf(errDraining, func(d *delivery) bool { return d.waits != waitsForNothing })
}

// Drain gives back every attempt under way, and all that come after.
func (r *Runner) Drain() {
	r.refuse()
	r.stopIf(errDraining, func(*delivery) bool { return true })
}

func (r *Runner) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.draining = true
}

// stopIf tells those deliveries to end.
func (r *Runner) stopIf(why error, wanted func(*delivery) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for d := range r.held {
		if wanted(d) {
			d.stop(why)
		}
	}
}

// Busy is how many runs are under way, those that wait included; those that are carried out at once count as one.
func (r *Runner) Busy() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held) + r.atOnce
}

// begin registers a delivery before its run is claimed, so that no call to stop it is missed. ok is false while draining.
func (r *Runner) begin(ctx context.Context, run store.Run, span trace.Span) (_ context.Context, d *delivery, ok bool) {
	ctx, stop := context.WithCancelCause(ctx)
	d = &delivery{prepared: prepare(run.Spec), run: run, since: time.Now(), cancel: stop, span: span}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		stop(errDraining)
		return ctx, nil, false
	}
	r.held[d] = struct{}{}
	return ctx, d, true
}

func (r *Runner) end(d *delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.held, d)
	d.cancel(nil)
}

// carryOut makes the attempt and records how it ended.
func (r *Runner) carryOut(ctx context.Context, c *claim, d *delivery) (summary string, how ending, err error) {
	begun := time.Now()
	r.told(ctx, c, d, begun)
	defer func() {
		r.samples.ran(queueOf(d.run), time.Since(begun))
		r.meters.ended(ctx, c.Run, how, time.Since(begun))
	}()
	j := newJournal(ctx, r.records, c.Attempt, r.worker, r.logger)
	defer j.close() //nolint:contextcheck // what is left is appended also when the context has ended
	log, tell := j.loggers()
	c.told(ctx, log, tell)
	res, digits, err := r.attempt(ctx, c, tell, func() { d.stop(errStale) })
	// From here on the attempt's own context does not matter: how it ended has to be recorded.
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err != nil {
		how, err = r.ended(record, log, c.Attempt, d, err, context.Cause(ctx))
		return "", how, err
	}
	done := succeededWith(res)
	lines := j.take(log, done)
	held, err := r.publish(record, c.Attempt, res, digits, lines)
	if err != nil || !held {
		j.giveBack(lines[:max(len(lines)-1, 0)])
	}
	switch {
	case errors.Is(err, store.ErrNotFirst):
		how, err = r.leaveUnrecorded(ctx, log, err, nil)
		return "", how, err
	case err != nil:
		// Whether the result is published is not known, so its digits stay. The next attempt finds out.
		log.ErrorContext(ctx, "result could not be published", slog.Any("error", err))
		spans.Fail(d.span, err)
		return "", retried, &queue.RetryError{After: time.Second, Err: err}
	case !held:
		log.WarnContext(ctx, "attempt was stale", slog.String("at", "publish"))
		r.discard(record, log, res.Blob)
		return "", stale, nil
	}
	j.recorded()
	d.span.SetAttributes(attribute.Int64("numbermill.digits", res.Digits))
	j.tell(ctx, log, done, lines != nil)
	return summarize(res), succeeded, nil
}

// succeededWith is what is logged of an attempt that has succeeded.
func succeededWith(res job.Result) slog.Record {
	done := slog.NewRecord(time.Now(), slog.LevelInfo, "attempt succeeded", 0)
	done.AddAttrs(slog.Int64("digits", res.Digits), slog.Float64("compute_ms", res.Timing.Compute), slog.Float64("write_ms", res.Timing.Write))
	return done
}

// told tells of the wait that an attempt has behind it.
func (r *Runner) told(ctx context.Context, c *claim, d *delivery, begun time.Time) {
	wait := begun.Sub(c.QueuedAt)
	r.samples.waited(queueOf(d.run), wait)
	r.meters.waited(ctx, c.Run, wait)
	d.span.SetAttributes(attribute.Int64("numbermill.attempt", c.Number))
	if c.QueuedAt.Before(d.since) { // unless the clocks of two machines differ
		r.past(ctx, d, "wait in queue", c.QueuedAt, d.since)
	}
}

// publish makes the result everybody's.
func (r *Runner) publish(ctx context.Context, a store.Attempt, res job.Result, digits string, lines []job.LogLine) (held bool, err error) {
	err = r.phase(ctx, "publish", func(ctx context.Context) error {
		held, err = r.tryToPublish(ctx, a, res, digits, lines)
		return err
	})
	return held, err
}

// tryToPublish goes on for as long as it may: the work is done and should not be lost to a short absence of Redis.
func (r *Runner) tryToPublish(ctx context.Context, a store.Attempt, res job.Result, digits string, lines []job.LogLine) (held bool, err error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, publishPause) {
		held, err = r.records.Complete(ctx, a, res, digits, lines...)
		if err == nil || job.CodeOf(err) != job.Unavailable {
			return held, err
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return false, err
		}
	}
}

func (r *Runner) discard(ctx context.Context, log *slog.Logger, blob string) {
	if blob == "" {
		return
	}
	if err := r.results.Delete(ctx, blob); err != nil {
		log.WarnContext(ctx, "digits of a stale attempt stay behind", slog.String("blob", blob), slog.Any("error", err))
	}
}

// summarize is one line of JSON, which the web monitor shows.
func summarize(res job.Result) string {
	b := make([]byte, 0, 256) //nolint:mnd // hardly ever more
	b = plainjson.AppendString(append(b, `{"digits":`...), strconv.FormatInt(res.Digits, 10))
	b = plainjson.AppendString(append(b, `,"leading":`...), res.Leading)
	b = plainjson.AppendString(append(b, `,"sha256":`...), res.SHA256)
	b = plainjson.AppendString(append(b, `,"trailing":`...), res.Trailing)
	return string(append(b, '}'))
}
