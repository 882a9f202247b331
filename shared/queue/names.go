package queue

import (
	"slices"
	"strings"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// weights share a class's places out among its priorities: while all have work, of ten runs six are taken from the highest and one
// from the lowest, so that none waits for ever.
var weights = map[job.Priority]int{job.High: 6, job.Standard: 3, job.Low: 1}

// names are all queues, as Names gives them.
var names = allNames()

// Name is the queue that computations of a class wait in, at a priority: the class alone at the standard one, such as "large", else with
// the priority, such as "large-low". No class counts as small, no priority as standard.
func Name(c job.Class, p job.Priority) string {
	if c == "" {
		c = job.Small
	}
	if p == "" || p == job.Standard {
		return string(c)
	}
	return string(c) + "-" + string(p)
}

// Names are all queues: smallest class first, in it the highest priority first.
func Names() []string { return slices.Clone(names) }

func allNames() []string {
	var all []string
	for _, c := range job.Classes() {
		for _, p := range job.Priorities() {
			all = append(all, Name(c, p))
		}
	}
	return all
}

// parkOf is the key under which the servers of a queue wait for a run to be handed over to them, as those of small ones do: for others the time that
// this saves is nothing.
func parkOf(queue string) string {
	if c, _, _ := strings.Cut(queue, "-"); job.Class(c) != job.Small {
		return ""
	}
	return "nm:parked:" + string(job.Small)
}

// queueOf is where a run's task stands. A name that nobody serves counts as none: the run would wait for ever.
func queueOf(r store.Run) string {
	if slices.Contains(names, r.Queue) {
		return r.Queue
	}
	return Name("", "")
}
