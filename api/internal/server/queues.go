package server

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"

	"numbermill/api"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// listQueues tells how long the queues are, and how long the runs waited that the workers took last.
func (s *Server) listQueues(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	stats, err := s.Fleet.depths.Stats(ctx)
	if err != nil {
		return job.Errorf(job.Unavailable, "count queues: %w", err)
	}
	workers, err := s.Records.Descriptions(ctx)
	if err != nil {
		return err
	}
	byName := make(map[string]queue.Stat, len(stats))
	for _, stat := range stats {
		byName[stat.Name] = stat
	}
	d := api.QueueList{Queues: []api.Queue{}}
	for _, class := range job.Classes() {
		for _, priority := range job.Priorities() {
			name := queue.Name(class, priority)
			d.Queues = append(d.Queues, describeQueue(name, class, priority, byName[name], workers))
		}
	}
	return s.answer(w, r, http.StatusOK, d)
}

func describeQueue(name string, class job.Class, priority job.Priority, stat queue.Stat, workers map[string]store.Description) api.Queue {
	q := api.Queue{Name: name, Class: class, Priority: priority, Depth: stat.Pending, Active: stat.Active, Retrying: stat.Retry}
	if stat.Pending > 0 {
		age := seconds(stat.OldestAge)
		q.OldestAgeSeconds = &age
	}
	var waits []float64
	for _, w := range workers {
		waits = append(waits, w.Queues[name].WaitsMillis...)
	}
	if slices.Sort(waits); len(waits) > 0 {
		q.WaitMS = &api.WaitTimes{P50: rounded(atRank(waits, 0.5)), P95: rounded(atRank(waits, 0.95))}
	}
	return q
}

// atRank is the smallest of the sorted values that a share of them does not exceed.
func atRank(sorted []float64, share float64) float64 {
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}

// listWorkers tells which workers are alive and what they have taken.
func (s *Server) listWorkers(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	workers, err := s.Records.Descriptions(ctx)
	if err != nil {
		return err
	}
	d := api.WorkerList{Workers: []api.Worker{}}
	for name, worker := range workers {
		d.Workers = append(d.Workers, describeWorker(name, worker))
	}
	slices.SortFunc(d.Workers, func(a, b api.Worker) int { return cmp.Compare(a.Name, b.Name) })
	return s.answer(w, r, http.StatusOK, d)
}

func describeWorker(name string, w store.Description) api.Worker {
	d := api.Worker{
		Name: name, Host: w.Host, StartedAt: w.StartedAt.UTC(), Draining: w.Draining, Threads: w.Threads, MemoryBytes: decimal(w.MemoryBytes),
		Jobs: []api.WorkerJob{},
	}
	for _, h := range w.Held {
		if h.Args == nil {
			h.Args = map[string]string{}
		}
		d.Jobs = append(d.Jobs, api.WorkerJob{
			Computation: h.Fingerprint, Run: h.Run, Attempt: h.Attempt, Queue: h.Queue, Function: h.Function, Args: h.Args, Since: h.Since.UTC(),
		})
	}
	return d
}
