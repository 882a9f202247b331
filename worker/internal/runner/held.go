package runner

import (
	"slices"
	"strings"
	"sync"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// mostSamples is how many of the last waits and runs of a queue are remembered.
const mostSamples = 100

// samples are what has lately been seen of the queues.
type samples struct {
	mu    sync.Mutex
	waits map[string][]float64 // by queue, in milliseconds, the latest last
	runs  map[string][]float64
}

func newSamples() *samples {
	return &samples{waits: map[string][]float64{}, runs: map[string][]float64{}}
}

func (s *samples) waited(q string, d time.Duration) { s.add(s.waits, q, d) }

func (s *samples) ran(q string, d time.Duration) { s.add(s.runs, q, d) }

func (s *samples) add(to map[string][]float64, q string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to[q] = append(to[q], ms(d))
	to[q] = slices.Delete(to[q], 0, max(0, len(to[q])-mostSamples))
}

// Samples are what this runner has lately seen of each queue; slots is how many runs of a class it carries out at a time.
func (r *Runner) Samples(slots map[job.Class]int) map[string]store.QueueSample {
	r.samples.mu.Lock()
	defer r.samples.mu.Unlock()
	all := map[string]store.QueueSample{}
	for _, q := range queue.Names() {
		all[q] = store.QueueSample{
			Slots: slots[classOf(q)], WaitsMillis: slices.Clone(r.samples.waits[q]), RunsMillis: slices.Clone(r.samples.runs[q]),
		}
	}
	return all
}

// Held is what has been delivered and has not ended, what waits included.
func (r *Runner) Held() []store.Holding {
	r.mu.Lock()
	defer r.mu.Unlock()
	held := make([]store.Holding, 0, len(r.held))
	for d := range r.held {
		held = append(held, store.Holding{
			Fingerprint: d.run.Fingerprint, Run: d.run.ID, Queue: queueOf(d.run), Attempt: d.attempt, Since: d.since,
			Function: d.run.Spec.Function, Args: d.run.Spec.Args, Method: d.run.Spec.Method,
		})
	}
	slices.SortFunc(held, func(a, b store.Holding) int { return a.Since.Compare(b.Since) })
	return held
}

// queueOf is the name of the run's queue: one that names none is in that of small runs.
func queueOf(run store.Run) string {
	if run.Queue == "" {
		return queue.Name(job.Small, job.Standard)
	}
	return run.Queue
}

// classOf is the class that the queue of that name serves.
func classOf(name string) job.Class {
	c, _, _ := strings.Cut(name, "-")
	if slices.Contains(job.Classes(), job.Class(c)) {
		return job.Class(c)
	}
	return job.Small
}
