package runner

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// How often progress is recorded: when it has changed, and at least every aliveEvery, since the answer tells whether the attempt is
// still ours.
const (
	reportEvery = 250 * time.Millisecond
	aliveEvery  = time.Second
	reportLimit = 5 * time.Second
)

var phases = []job.Phase{job.PhaseCompute, job.PhaseWrite, job.PhaseVerify}

// reporter records the progress of one attempt that lasts, from a goroutine of its own, so that the computation never waits for Redis.
type reporter struct {
	records *store.Store
	attempt store.Attempt
	logger  *slog.Logger
	lost    func()
	first   *time.Timer // of the goroutine, which few attempts live to see; nil for one that nobody knows of, which has none
	end     context.CancelFunc
	done    chan struct{}
	from    [4]float64 // the percentages at which the phases begin, and 100

	mu  sync.Mutex
	now job.Progress
}

// newReporter starts a reporter that calls lost when the attempt is no longer ours. shares are the parts of the attempt that its phases take. It
// must be stopped; it also ends with its context.
func newReporter(ctx context.Context, records *store.Store, a store.Attempt, shares [3]float64, logger *slog.Logger, lost func()) *reporter {
	r := &reporter{records: records, attempt: a, logger: logger, lost: lost}
	for i, share := range shares {
		r.from[i+1] = r.from[i] + 100*share
	}
	r.set(job.PhaseCompute, 0, "")
	if a.Recorded() {
		ctx, r.end = context.WithCancel(spans.Quiet(ctx)) // it reports for as long as the attempt lasts
		r.done = make(chan struct{})
		r.first = time.AfterFunc(reportEvery, func() { r.loop(ctx) })
	}
	return r
}

// stop waits until nothing more is reported.
func (r *reporter) stop() {
	if r.first == nil {
		return
	}
	r.end()
	if !r.first.Stop() {
		<-r.done
	}
}

func (r *reporter) compute(fraction float64, detail string) {
	r.set(job.PhaseCompute, fraction, detail)
}

func (r *reporter) write(fraction float64) { r.set(job.PhaseWrite, fraction, "") }

func (r *reporter) verify() { r.set(job.PhaseVerify, 0, "") }

func (r *reporter) set(phase job.Phase, fraction float64, detail string) {
	index := 1 + slices.Index(phases, phase)
	from, to := r.from[index-1], r.from[index]
	percent := from + (to-from)*min(max(fraction, 0), 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = job.Progress{
		Phase: phase, PhaseIndex: index, PhaseCount: len(phases), Percent: min(max(percent, r.now.Percent), 100), Detail: detail,
		UpdatedAt: time.Now().UTC(),
	}
}

func (r *reporter) loop(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	var last job.Progress
	var lastAt time.Time
	for {
		r.mu.Lock()
		now := r.now
		r.mu.Unlock()
		if now != last || time.Since(lastAt) >= aliveEvery {
			if !r.send(ctx, now) {
				return
			}
			last, lastAt = now, time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// send tells whether to go on.
func (r *reporter) send(ctx context.Context, p job.Progress) bool {
	call, cancel := context.WithTimeout(ctx, reportLimit)
	defer cancel()
	held, err := r.records.Report(call, r.attempt, p)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		r.logger.WarnContext(ctx, "progress could not be recorded", slog.Any("error", err))
	case !held:
		r.lost()
		return false
	}
	return true
}
