package server

import (
	"cmp"
	"math"
	"slices"
	"time"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// backlog is how much work waits for how many places, class by class.
type backlog map[job.Class]load

// load is one class's.
type load struct {
	// places is how many of its runs the workers carry out at a time, busy how many they have. Those beyond the places wait within a worker.
	places, busy int64
	// waiting is how many wait, by priority.
	waiting map[job.Priority]int64
	// mean is how long a run takes, in seconds; 0 if nobody knows.
	mean float64
	// next is in how many seconds the next place should be free, by the price of what runs; 0 if that cannot be told.
	next float64
}

// weigh adds up what the workers say and what stands in the queues.
func weigh(workers map[string]store.Description, stats []queue.Stat, on capacity) *backlog {
	byName := make(map[string]queue.Stat, len(stats))
	for _, s := range stats {
		byName[s.Name] = s
	}
	all := backlog{}
	for _, class := range job.Classes() {
		l := load{waiting: map[job.Priority]int64{}}
		var names []string
		for _, p := range job.Priorities() {
			name := queue.Name(class, p)
			names = append(names, name)
			l.waiting[p] = byName[name].Pending
			l.busy += byName[name].Active
		}
		var times average
		for _, w := range workers {
			l.places += placesOf(w, names)
			for _, name := range names {
				times.addAll(w.Queues[name].RunsMillis)
			}
		}
		of, next := expected(workers, names, on)
		if l.mean, l.next = times.mean()/1000, next; l.mean == 0 {
			l.mean = of
		}
		all[class] = l
	}
	return &all
}

// placesOf is how many runs of a class, whose queues have these names, a worker carries out at a time: its queues share the places.
func placesOf(w store.Description, names []string) int64 {
	most := 0
	for _, name := range names {
		if !w.Draining {
			most = max(most, w.Queues[name].Slots)
		}
	}
	return int64(most)
}

// expected is how long the runs that workers have now should take on the whole, by their price, and in how many seconds the first of them should
// end; both are 0 where nobody knows.
func expected(workers map[string]store.Description, names []string, on capacity) (mean, next float64) {
	var times average
	for _, w := range workers {
		for _, held := range w.Held {
			seconds := expectedSeconds(held, on)
			if seconds <= 0 || !slices.Contains(names, held.Queue) {
				continue
			}
			times.add(seconds)
			if held.Attempt == 0 {
				continue // it waits within its worker
			}
			if left := max(seconds-time.Since(held.Since).Seconds(), seconds/10); next == 0 || left < next {
				next = left
			}
		}
	}
	return times.mean(), next
}

func expectedSeconds(held store.Holding, on capacity) float64 {
	f, ok := function.Lookup(held.Function)
	if !ok {
		return 0
	}
	args, err := f.ParseText(held.Args)
	if err != nil {
		return 0
	}
	e := f.EstimateOn(on.machine, args, cmp.Or(held.Method, function.DefaultMethod), on.threads)
	if e.CostMillis == math.MaxInt64 {
		return 0
	}
	return (e.Seconds[0] + e.Seconds[1]) / 2
}

// average adds up what is more than nothing.
type average struct {
	sum float64
	n   int
}

func (a *average) add(x float64) {
	if x > 0 {
		a.sum += x
		a.n++
	}
}

func (a *average) addAll(xs []float64) {
	for _, x := range xs {
		a.add(x)
	}
}

// mean is 0 of nothing.
func (a *average) mean() float64 {
	if a.n == 0 {
		return 0
	}
	return a.sum / float64(a.n)
}

// wait is how long a run will wait that has so many of its own queue ahead of it, from half to twice of what is likely; nil where nobody knows.
func (l load) wait(p job.Priority, ahead int64) *api.Seconds {
	for _, higher := range job.Priorities() {
		if higher == p {
			break
		}
		ahead += l.waiting[higher]
	}
	free := l.places - l.busy // less than none if some wait within a worker: they come first, whatever their priority
	switch {
	case l.places == 0:
		return nil
	case ahead < free:
		return &api.Seconds{0, 0}
	case l.mean == 0:
		return nil
	}
	likely := float64(ahead-free)*l.mean/float64(l.places) + cmp.Or(l.next, l.mean/float64(l.places))
	return &api.Seconds{round(likely / 2), round(likely * 2)}
}

// waitOf is how long a new run would wait in a queue.
func (f *Fleet) waitOf(c job.Class, p job.Priority) *api.Seconds {
	all := f.load.Load()
	if all == nil {
		return nil
	}
	return (*all)[c].wait(p, (*all)[c].waiting[p])
}

// waitBehind is how long a run waits that has so many ahead of it in the queue of this name.
func (f *Fleet) waitBehind(name string, ahead int64) *api.Seconds {
	all := f.load.Load()
	if all == nil {
		return nil
	}
	for c, l := range *all {
		for _, p := range job.Priorities() {
			if queue.Name(c, p) == name {
				return l.wait(p, ahead)
			}
		}
	}
	return nil
}
