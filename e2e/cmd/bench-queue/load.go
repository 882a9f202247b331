package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// warm has small jobs done for a while, so that what a system does only once it has done.
func (l *life) warm(ctx context.Context, connections int) error {
	_, _, err := l.loadFor(ctx, l.bench.plan.warm, connections, freshFrom(warming()))
	return err
}

// freshFrom has the next job done, until there is none left.
func freshFrom(all *jobs) func(context.Context, caller) (bool, error) {
	return func(ctx context.Context, c caller) (bool, error) {
		j, ok := all.take()
		if !ok {
			return false, nil
		}
		_, err := c.fresh(ctx, j)
		return true, err
	}
}

// load calls over several connections, each again when it has its answer, until the time is up or there is nothing left to call for. It returns
// how many calls that were a second, and altogether.
func (l *life) load(ctx context.Context, connections int, call func(context.Context, caller) (bool, error)) (rate float64, calls int, err error) {
	return l.loadFor(ctx, l.bench.plan.load, connections, call)
}

func (l *life) loadFor(
	ctx context.Context, limit time.Duration, connections int, call func(context.Context, caller) (bool, error),
) (rate float64, calls int, err error) {
	callers := make([]caller, connections)
	for i := range callers {
		if callers[i], err = l.connect(ctx); err != nil {
			return 0, 0, err
		}
		defer callers[i].close()
	}
	var (
		people sync.WaitGroup
		made   atomic.Int64
		failed = make(chan error, connections)
	)
	began := time.Now()
	for _, c := range callers {
		people.Go(func() {
			for time.Since(began) < limit {
				more, err := call(ctx, c)
				if err != nil || !more {
					failed <- err
					return
				}
				made.Add(1)
			}
		})
	}
	people.Wait()
	took := time.Since(began).Seconds()
	close(failed)
	for err := range failed {
		if err != nil {
			return 0, 0, err
		}
	}
	return float64(made.Load()) / took, int(made.Load()), nil
}
