package runner

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"numbermill/shared/queue"
	"numbermill/shared/telemetry/spans"
	"numbermill/worker/internal/memory"
)

const (
	// largeJob is how much memory must have been used for it to be given back to the system at once, in bytes. The Go runtime does so in
	// time, but the next computation may not wait.
	largeJob = 64 << 20
	// tooLargePause is how long a run that is too large for this worker is left alone for a larger one to take it.
	tooLargePause = time.Second
)

// takeMemory waits until there is memory for an attempt of the run. Until then the run is not claimed: for everybody else it is still queued.
// The error is memory.ErrTooLarge, or tells why the delivery has ended.
func (r *Runner) takeMemory(ctx context.Context, d *delivery, bytes int64, alone bool) (giveBack func(), err error) {
	if !alone { // Alone it has all there is.
		r.wait(d, waitsForMemory)
		defer r.wait(d, waitsForNothing)
		if !r.gate.isOpen() { // who wants to be alone may have looked for those that wait before this one did
			return nil, errNotAlone
		}
	}
	since := time.Now()
	free, err := r.memory.Take(ctx, bytes)
	r.waitedFor(ctx, d, "wait for memory", since)
	if err != nil {
		return nil, err
	}
	return func() {
		if bytes >= largeJob {
			debug.FreeOSMemory()
		}
		free()
	}, nil
}

func (r *Runner) wait(d *delivery, what wait) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d.waits = what
}

// withoutMemory ends a delivery for which there is no memory.
func (r *Runner) withoutMemory(ctx context.Context, d *delivery, bytes int64, err error) error {
	if !errors.Is(err, memory.ErrTooLarge) {
		return endOfWait(err)
	}
	run := d.run
	log := r.logger.With(slog.String("computation", string(run.Fingerprint)), slog.Int64("peak_bytes", bytes), slog.Int64("memory_bytes", r.memory.Total()))
	if r.largerWorker(spans.Quiet(ctx), bytes) {
		log.InfoContext(ctx, "run left to a worker with more memory")
		return &queue.RetryError{After: tooLargePause, Err: queue.ErrReleased}
	}
	a, ok, claimErr := r.records.Claim(ctx, run, r.worker, true)
	switch {
	case claimErr != nil:
		return &queue.RetryError{After: tooLargePause, Err: claimErr}
	case !ok:
		return nil
	}
	j := newJournal(ctx, r.records, a, r.worker, r.logger.With(slog.Int64("peak_bytes", bytes), slog.Int64("memory_bytes", r.memory.Total())))
	defer j.close() //nolint:contextcheck // what is left is appended also when the context has ended
	log, _ = j.loggers()
	d.traced.Store(true)
	d.how, err = r.ended(ctx, log, a, d, err, nil)
	r.meters.ended(ctx, run, d.how, 0)
	return err
}

// largerWorker tells whether another worker has that much memory, or might have.
func (r *Runner) largerWorker(ctx context.Context, bytes int64) bool {
	capacities, err := r.records.Descriptions(ctx)
	if err != nil {
		return true
	}
	for name, c := range capacities {
		if name != r.worker && c.MemoryBytes >= bytes {
			return true
		}
	}
	return false
}
