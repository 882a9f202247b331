package app

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/processors"
	"numbermill/shared/store"
)

// beatAgain is how soon a beat that has failed is tried again: a Redis that is back should find its workers at once.
const beatAgain = 250 * time.Millisecond

// describe is what a process can say of itself at its start.
func describe(c store.Capacity) store.Description {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return store.Description{Capacity: c, StartedAt: time.Now().UTC(), Host: host, PID: os.Getpid()}
}

// describe is what there is to say of the worker at this moment.
func (a *App) describe() store.Description {
	a.mu.Lock()
	d := a.description
	a.mu.Unlock()
	d.Held, d.Queues = a.runner.Held(), a.runner.Samples(a.slots)
	return d
}

// change changes what the worker says of itself, and tells at once.
func (a *App) change(ctx context.Context, change func(d *store.Description)) {
	a.mu.Lock()
	change(&a.description)
	a.mu.Unlock()
	if err := a.beat(ctx); err != nil && ctx.Err() == nil {
		a.logger.WarnContext(ctx, "beat failed", slog.Any("error", err))
	}
}

// beat says that the worker lives, what it can do and what it does.
func (a *App) beat(ctx context.Context) error {
	if err := a.records.Beat(ctx, a.name); err != nil {
		return err
	}
	// Without it estimates go by what is built in: a Redis that is full must not end the worker.
	if err := a.records.Describe(ctx, a.name, a.describe()); err != nil && ctx.Err() == nil {
		a.logger.WarnContext(ctx, "worker not described", slog.Any("error", err))
	}
	return nil
}

func (a *App) beatOn(ctx context.Context) {
	next := time.NewTimer(store.BeatEvery)
	defer next.Stop()
	failing := false
	for {
		select {
		case <-next.C:
		case <-ctx.Done():
			return
		}
		err := a.beat(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			a.logger.WarnContext(ctx, "beat failed; it is tried until Redis answers", slog.Any("error", err))
		}
		pause := store.BeatEvery
		if failing = err != nil; failing {
			pause = beatAgain
		}
		next.Reset(pause)
	}
}

// measure finds out how fast this machine computes, and tells at once.
func (a *App) measure(ctx context.Context) {
	defer processors.All()()
	m, err := function.Calibrate(ctx, a.describe().Threads)
	if err != nil {
		return // The worker ends.
	}
	debug.FreeOSMemory() // nothing of the measurement is needed any more
	a.logger.InfoContext(ctx, "machine measured", slog.Any("machine", m))
	a.change(ctx, func(d *store.Description) { d.Machine = &m })
}

// drainOn drains the worker once it is told to.
func (a *App) drainOn(ctx context.Context) {
	select {
	case <-a.drain:
		a.Drain(ctx)
	case <-ctx.Done():
	}
}

// Drain takes no more runs, and finishes those that are being computed; those that wait, for memory for instance, go to other workers. The worker
// lives on, and says that it drains, until it is stopped. Drain returns when it is idle or the context ends.
func (a *App) Drain(ctx context.Context) {
	a.logger.InfoContext(ctx, "draining: nothing more is taken, and what runs is finished")
	a.decline()
	a.change(ctx, func(d *store.Description) { d.Draining = true })
	a.waitIdle(ctx)
	if ctx.Err() == nil {
		a.logger.InfoContext(ctx, "drained: the worker is idle and may be stopped")
	}
}

// decline takes no more runs.
func (a *App) decline() {
	a.server.StopFetching()
	a.runner.Decline()
}
