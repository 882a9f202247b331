package server

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

const (
	// fleetInterval is how often the workers and the queues are looked at, memoryInterval how often Redis's memory.
	fleetInterval  = 3 * time.Second
	memoryInterval = time.Second
)

// Depths are the queues as a whole.
type Depths interface {
	// Stats tells how many wait where.
	Stats(ctx context.Context) ([]queue.Stat, error)
	// Announce sees to it that the queues are known, also after Redis has lost its data.
	Announce(ctx context.Context) error
}

// Fleet knows what the workers can do, how long the queues are and how full Redis is, as of some seconds ago, so that no request has to
// ask. Before Run it knows of nothing.
type Fleet struct {
	records *store.Store
	depths  Depths
	logger  *slog.Logger
	latest  atomic.Pointer[capacity]
	load    atomic.Pointer[backlog]
	memory  atomic.Pointer[fill]
}

// capacity is what estimates and admission go by.
type capacity struct {
	machine function.Machine
	threads int
	memory  int64 // of the largest worker, in bytes; 0 if there is none
}

// NewFleet returns a Fleet of the workers in the records and of these queues.
func NewFleet(records *store.Store, depths Depths, logger *slog.Logger) *Fleet {
	return &Fleet{records: records, depths: depths, logger: logger}
}

// Run looks at the workers every three seconds, and at Redis's memory every second, until the context ends. While Redis does not answer,
// what was known stands.
func (f *Fleet) Run(ctx context.Context) {
	workers, memory := time.NewTicker(fleetInterval), time.NewTicker(memoryInterval)
	defer workers.Stop()
	defer memory.Stop()
	f.try(ctx, "memory", f.RefreshMemory)
	f.try(ctx, "workers", f.Refresh)
	for {
		select {
		case <-workers.C:
			f.try(ctx, "workers", f.Refresh)
		case <-memory.C:
			f.try(ctx, "memory", f.RefreshMemory)
		case <-ctx.Done():
			return
		}
	}
}

func (f *Fleet) try(ctx context.Context, what string, look func(context.Context) error) {
	if err := look(ctx); err != nil && ctx.Err() == nil {
		f.logger.DebugContext(ctx, "not looked at", slog.String("what", what), slog.Any("error", err))
	}
}

// Refresh looks at the workers and the queues once.
func (f *Fleet) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	all, err := f.records.Descriptions(ctx)
	if err != nil {
		return err
	}
	f.latest.Store(together(all))
	stats, err := f.depths.Stats(ctx)
	if err != nil {
		f.load.Store(nil) // what it was says little about what it is
		return err
	}
	f.load.Store(weigh(all, stats, f.capacity()))
	return f.depths.Announce(ctx)
}

// RefreshMemory looks at Redis's memory once.
func (f *Fleet) RefreshMemory(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	used, most, err := f.records.Memory(ctx)
	if err == nil {
		f.memory.Store(&fill{used, most})
	}
	return err
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

const (
	// fullPercent is how full Redis may be for new jobs to be accepted. The rest is for finishing what was.
	fullPercent = 85
	// bytesOfJob is about what Redis needs for a job with its task.
	bytesOfJob = 4 << 10
)

// fill is how much of its memory Redis uses, in bytes; most is 0 where there is no limit.
type fill struct{ used, most int64 }

// roomFor tells whether so many more jobs leave Redis the memory that it needs to finish them.
func (f *Fleet) roomFor(jobs int) bool {
	m := f.memory.Load()
	if m == nil || m.most <= 0 {
		return true
	}
	// The first of them is let in up to the line, so that it is no other line for one job.
	return m.used+int64(jobs-1)*bytesOfJob < m.most/100*fullPercent
}

// admitsMore refuses new jobs while Redis is nearly full.
func (s *Server) admitsMore(jobs int) error {
	if s.Fleet.roomFor(jobs) {
		return nil
	}
	return refuse(unavailable, "Redis has less than %d %% of its memory left, which is kept for finishing accepted jobs. Try again in a while; deleting jobs that "+
		"you no longer need makes room.", 100-fullPercent)
}
