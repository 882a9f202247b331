package server

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// working is a worker with so many small places and one large one, whose last runs took these milliseconds.
func working(places int, runs ...float64) store.Description {
	sample := store.QueueSample{Slots: places, RunsMillis: runs}
	one := store.QueueSample{Slots: 1, RunsMillis: runs}
	return store.Description{Queues: map[string]store.QueueSample{
		"small": sample, "small-high": {Slots: places}, "small-low": {Slots: places}, "large": one, "large-high": {Slots: 1}, "large-low": {Slots: 1},
	}}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	draining := working(4, 1000)
	draining.Draining = true
	starting := working(1)
	starting.Held = []store.Holding{{Queue: "large", Function: "fibonacci", Args: map[string]string{"n": "100000000"}, Attempt: 1}}
	held, _ := function.Lookup("fibonacci")
	args, err := held.ParseText(starting.Held[0].Args)
	if err != nil {
		t.Fatal(err)
	}
	priced := held.EstimateOn(function.Reference(false), args, function.DefaultMethod, 1).Seconds
	expects := (priced[0] + priced[1]) / 2
	starting.Held[0].Since = time.Now()
	slow := working(1, 2000) // its runs were short, and the one that it has now is not
	slow.Held = []store.Holding{{Queue: "large", Function: "fibonacci", Args: map[string]string{"n": "60"}, Method: "recursive", Since: time.Now(), Attempt: 1}}
	fetched := working(2, 1000) // one of the two that it computes is nearly done; eight more wait within it
	for i := range 10 {
		fetched.Held = append(fetched.Held, store.Holding{Queue: "small", Function: "fibonacci", Args: map[string]string{"n": "10"}, Attempt: int64(max(2-i, 0))})
	}
	slowly := held.EstimateOn(function.Reference(false), mustParse(t, held, "60"), "recursive", 1).Seconds
	takes := (slowly[0] + slowly[1]) / 2
	for name, tt := range map[string]struct {
		workers []store.Description
		stats   []queue.Stat
		class   job.Class
		p       job.Priority
		want    *api.Seconds
	}{
		"no worker":                    {nil, nil, job.Small, job.Standard, nil},
		"a free place":                 {[]store.Description{working(2, 1000)}, []queue.Stat{{Name: "small", Active: 1}}, job.Small, job.Standard, &api.Seconds{0, 0}},
		"a free place, none known":     {[]store.Description{working(2)}, nil, job.Large, job.Standard, &api.Seconds{0, 0}},
		"all busy":                     {[]store.Description{working(2, 3000, 5000)}, []queue.Stat{{Name: "small", Active: 2}}, job.Small, job.Standard, &api.Seconds{1, 4}},
		"all busy, none known":         {[]store.Description{working(2)}, []queue.Stat{{Name: "small", Active: 2}}, job.Small, job.Standard, nil},
		"some ahead":                   {[]store.Description{working(1, 2000)}, []queue.Stat{{Name: "large", Active: 1, Pending: 3}}, job.Large, job.Standard, &api.Seconds{4, 16}},
		"two workers":                  {[]store.Description{working(1, 2000), working(1, 2000)}, []queue.Stat{{Name: "large", Active: 2, Pending: 3}}, job.Large, job.Standard, &api.Seconds{2, 8}},
		"before the others":            {[]store.Description{working(1, 2000)}, []queue.Stat{{Name: "large", Active: 1, Pending: 3}}, job.Large, job.High, &api.Seconds{1, 4}},
		"after the others":             {[]store.Description{working(1, 2000)}, []queue.Stat{{Name: "large-high", Active: 1, Pending: 3}}, job.Large, job.Low, &api.Seconds{4, 16}},
		"only a worker that drains":    {[]store.Description{draining}, nil, job.Small, job.Standard, nil},
		"places for those that wait":   {[]store.Description{working(4, 1000)}, []queue.Stat{{Name: "small", Active: 1, Pending: 2}}, job.Small, job.Standard, &api.Seconds{0, 0}},
		"by the price of what runs":    {[]store.Description{starting}, []queue.Stat{{Name: "large", Active: 1}}, job.Large, job.Standard, &api.Seconds{round(expects / 2), round(expects * 2)}},
		"behind a long one":            {[]store.Description{slow}, []queue.Stat{{Name: "large", Active: 1, Pending: 1}}, job.Large, job.Standard, &api.Seconds{round((takes + 2) / 2), round((takes + 2) * 2)}},
		"behind what has been fetched": {[]store.Description{fetched}, []queue.Stat{{Name: "small", Active: 10, Pending: 4}}, job.Small, job.Standard, &api.Seconds{3, 12}},
		"more urgent than that":        {[]store.Description{fetched}, []queue.Stat{{Name: "small", Active: 10, Pending: 4}}, job.Small, job.High, &api.Seconds{2, 8}},
		"another class":                {[]store.Description{working(1, 2000)}, []queue.Stat{{Name: "small", Active: 1, Pending: 9}}, job.Large, job.Standard, &api.Seconds{0, 0}},
	} {
		workers := map[string]store.Description{}
		for i, w := range tt.workers {
			workers[decimal(int64(i))] = w
		}
		f := &Fleet{}
		f.load.Store(weigh(workers, tt.stats, f.capacity()))
		// What runs goes on while this is tested.
		nearly := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 0.2+0.01*math.Max(a, b) })
		if diff := cmp.Diff(tt.want, f.waitOf(tt.class, tt.p), nearly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func mustParse(t *testing.T, f *function.Function, n string) function.Args {
	t.Helper()
	args, err := f.ParseText(map[string]string{"n": n})
	if err != nil {
		t.Fatal(err)
	}
	return args
}

func TestWaitBehind(t *testing.T) {
	t.Parallel()
	f := &Fleet{}
	if got := f.waitBehind("small", 0); got != nil {
		t.Errorf("before anything is known: %v", got)
	}
	f.load.Store(weigh(map[string]store.Description{"w": working(1, 2000)}, []queue.Stat{{Name: "large", Active: 1, Pending: 9}, {Name: "large-high", Pending: 1}}, f.capacity()))
	for _, tt := range []struct {
		name  string
		ahead int64
		want  *api.Seconds
	}{
		{"large", 0, &api.Seconds{2, 8}}, {"large", 2, &api.Seconds{4, 16}}, {"large-high", 0, &api.Seconds{1, 4}}, {"nothing", 0, nil},
	} {
		if diff := cmp.Diff(tt.want, f.waitBehind(tt.name, tt.ahead)); diff != "" {
			t.Errorf("%d ahead in %s (-want +got):\n%s", tt.ahead, tt.name, diff)
		}
	}
}

func TestRoomForJobs(t *testing.T) {
	t.Parallel()
	f := &Fleet{}
	if !f.roomFor(1) {
		t.Error("before the memory is known nothing is accepted")
	}
	for _, tt := range []struct {
		used, most int64
		jobs       int
		want       bool
	}{
		{100 << 20, 0, 10_000, true},
		{84 << 20, 100 << 20, 1, true},
		{85 << 20, 100 << 20, 1, false},
		{99 << 20, 100 << 20, 1, false},
		{84 << 20, 100 << 20, 10_000, false},
		{10 << 20, 100 << 20, 10_000, true},
	} {
		f.memory.Store(&fill{tt.used, tt.most})
		if got := f.roomFor(tt.jobs); got != tt.want {
			t.Errorf("%d jobs with %d of %d bytes used: got %v, want %v", tt.jobs, tt.used, tt.most, got, tt.want)
		}
	}
}
