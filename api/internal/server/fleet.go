package server

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/store"
)

// fleetInterval is how often the workers are looked at.
const fleetInterval = 3 * time.Second

// Fleet knows what the workers can do, as of some seconds ago, so that no request has to ask. Before Run it knows of none.
type Fleet struct {
	records *store.Store
	logger  *slog.Logger
	latest  atomic.Pointer[capacity]
}

// capacity is what estimates and admission go by.
type capacity struct {
	machine function.Machine
	threads int
	memory  int64 // of the largest worker, in bytes; 0 if there is none
}

// NewFleet returns a Fleet of the workers in the records.
func NewFleet(records *store.Store, logger *slog.Logger) *Fleet {
	return &Fleet{records: records, logger: logger}
}

// Run looks at the workers every three seconds until the context ends. While Redis does not answer, what was known stands.
func (f *Fleet) Run(ctx context.Context) {
	tick := time.NewTicker(fleetInterval)
	defer tick.Stop()
	for {
		if err := f.Refresh(ctx); err != nil && ctx.Err() == nil {
			f.logger.DebugContext(ctx, "workers not looked at", slog.Any("error", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Refresh looks at the workers once.
func (f *Fleet) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	all, err := f.records.Descriptions(ctx)
	if err != nil {
		return err
	}
	f.latest.Store(together(all))
	return nil
}

// capacity is what was last known.
func (f *Fleet) capacity() capacity {
	if c := f.latest.Load(); c != nil {
		return *c
	}
	return capacity{machine: function.Reference(false), threads: 1}
}

// together is the slowest machine that has been measured, which nobody will find faster than was promised, and the most memory that a
// worker has. Without any the built-in constants count.
func together(all map[string]store.Description) *capacity {
	c := &capacity{machine: function.Reference(false), threads: 1}
	measured := false
	for _, w := range all {
		c.memory = max(c.memory, w.MemoryBytes)
		switch {
		case w.Machine == nil || !w.Machine.Valid():
			if !measured {
				c.threads = max(c.threads, w.Threads)
			}
		case !measured || w.Machine.FarUnitNanos > c.machine.FarUnitNanos:
			measured, c.machine, c.threads = true, *w.Machine, max(w.Threads, 1)
		}
	}
	return c
}

// limits are the configured ones, and no more memory than the largest worker has.
func (s *Server) limits() function.Limits {
	l := s.Limits
	if memory := s.Fleet.capacity().memory; memory > 0 {
		l.PeakBytes = min(l.PeakBytes, memory)
	}
	return l
}

// price estimates what the computation takes on the workers there are.
func (s *Server) price(c computation) function.Estimate {
	on := s.Fleet.capacity()
	return c.function.EstimateOn(on.machine, c.args, c.method, on.threads)
}

// largestAdmissible replaces the last argument by the largest that is within the limits.
func (s *Server) largestAdmissible(c computation, l function.Limits) (function.Args, bool) {
	return c.function.LargestAdmissibleOn(s.Fleet.capacity().machine, c.args, c.method, l)
}
