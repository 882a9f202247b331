package faults_test

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
	"numbermill/shared/telemetry/telemetrytest"
)

// Telemetry never stands in the way of a job: with a collector that refuses, hangs or is dead the same jobs succeed, about as fast as with
// none, nothing piles up in the processes, and they end as quickly.
func TestCollector(t *testing.T) {
	begin(t)
	sink := telemetrytest.New(t)
	quiet := watched(t, nil)
	told := watched(t, nil, "OTEL_EXPORTER_OTLP_ENDPOINT="+sink.URL(), "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta",
		"OTEL_TRACES_SAMPLER=always_on", "OTEL_EXPORTER_OTLP_TIMEOUT=1000", "OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_BSP_MAX_QUEUE_SIZE=1024", "OTEL_METRIC_EXPORT_INTERVAL=500")
	race(t, "a collector that answers", quiet, told)
	if len(sink.Spans()) == 0 || len(sink.Metrics()) == 0 {
		t.Errorf("the collector got %d spans and %d points, want some", len(sink.Spans()), len(sink.Metrics()))
	}
	quietBefore, toldBefore := quiet.size(t), told.size(t)
	for _, mode := range []struct {
		name  string
		begin func(*telemetrytest.Sink)
	}{
		{"a collector that refuses", (*telemetrytest.Sink).Refuse},
		{"a collector that hangs", (*telemetrytest.Sink).Hang},
		{"no collector any more", (*telemetrytest.Sink).Close},
	} {
		mode.begin(sink)
		race(t, mode.name, quiet, told)
	}
	lost := told.metric(t, "numbermill_telemetry_dropped_spans_total")
	note(t, "spans", "%d exported, %.0f lost", len(sink.Spans()), lost)
	if lost == 0 {
		t.Error("no span was lost, want those that no collector took")
	}
	notGrown(t, quiet.size(t).less(quietBefore), told.size(t).less(toldBefore))
	quickEnd(t, told)
}

// observed is a platform whose processes tell what they take.
type observed struct {
	*platform

	worker *platformtest.Process
	pages  []*platformtest.Client // of /metrics, of the API and the worker
	next   atomic.Int64
}

// watched starts an API and a worker with these arguments, in which PART is either's name, and variables.
func watched(t *testing.T, args []string, env ...string) *observed {
	t.Helper()
	p := &platform{redis: redistest.New(t), results: platformtest.Folder(t)}
	o := &observed{platform: p}
	start := func(c platformtest.Command) (*platformtest.Process, string) {
		for _, arg := range args {
			c.Args = append(c.Args, strings.ReplaceAll(arg, "PART", c.Args[0]))
		}
		c.Env = env
		process := platformtest.Start(t, c)
		return process, process.AwaitReady(t)
	}
	var url string
	p.api, url = start(platformtest.APICommand(p.redis.URL(), p.results))
	p.c = platformtest.NewClient(t, url)
	o.worker, _ = start(platformtest.WorkerCommand(p.redis.URL(), p.results, "--calibrate=false", "--operator-listen", "127.0.0.1:0"))
	line := o.worker.Err.Await(t, platformtest.Patience, "the worker's operator", says("the operator is answered"))
	o.pages = []*platformtest.Client{p.c, platformtest.NewClient(t, "http://"+line.Text("numbermill.operator_address"))}
	return o
}

// run has several people do jobs to the end, one after the other, and returns how many jobs a second that was.
func (o *observed) run(t *testing.T, jobs int) float64 {
	t.Helper()
	const people = 4
	began := time.Now()
	var all sync.WaitGroup
	for range people {
		all.Go(func() {
			for range jobs / people {
				d, err := submit(t.Context(), o.c, want("fibonacci", fmt.Sprintf("n=%d", 1000+o.next.Add(1))), "Prefer", "wait=50")
				if err != nil || d.State != "succeeded" {
					t.Errorf("a small job is %q (%v), want succeeded", d.State, err)
					return
				}
			}
		})
	}
	all.Wait()
	return float64(jobs) / time.Since(began).Seconds()
}

// race runs the same on two platforms by turns and notes how fast the second is beside the first.
func race(t *testing.T, what string, quiet, told *observed) {
	t.Helper()
	const slowest = 0.25 // a machine that does other things says no more than that it is not stuck
	var ratios []float64
	for round := range sized(7, 2) {
		jobs := sized(400, 40)
		var without, with float64
		if round%2 == 0 {
			without, with = quiet.run(t, jobs), told.run(t, jobs)
		} else {
			with, without = told.run(t, jobs), quiet.run(t, jobs)
		}
		ratios = append(ratios, with/without)
	}
	slices.Sort(ratios)
	median := ratios[len(ratios)/2]
	note(t, "jobs a second with "+what, "%.2f of those without telemetry (%.2f…%.2f)", median, ratios[0], ratios[len(ratios)-1])
	if median < slowest {
		t.Errorf("with %s there are %.2f of the jobs a second, want about as many", what, median)
	}
}

// footprint is what processes take.
type footprint struct{ memory, goroutines float64 }

func (f footprint) less(g footprint) footprint {
	return footprint{f.memory - g.memory, f.goroutines - g.goroutines}
}

func (o *observed) size(t *testing.T) footprint {
	t.Helper()
	return footprint{o.metric(t, "process_resident_memory_bytes"), o.metric(t, "go_goroutines")}
}

// metric is the sum of a metric without labels over the processes.
func (o *observed) metric(t *testing.T, name string) (sum float64) {
	t.Helper()
	for _, page := range o.pages {
		r, err := page.Do(within(t, platformtest.Patience), "GET", "/metrics", "")
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(strings.NewReader(string(r.Body))); lines.Scan(); {
			if text, found := strings.CutPrefix(lines.Text(), name+" "); found {
				v, err := strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatal(err)
				}
				sum += v
			}
		}
	}
	return sum
}

// notGrown compares how much two platforms have grown.
func notGrown(t *testing.T, quiet, told footprint) {
	t.Helper()
	const moreMemory, moreGoroutines = 64 << 20, 40
	note(t, "growth of API and worker", "%+.1f MB and %+.0f goroutines; without telemetry %+.1f MB and %+.0f",
		told.memory/(1<<20), told.goroutines, quiet.memory/(1<<20), quiet.goroutines)
	if told.memory > max(quiet.memory, 0)+moreMemory || told.goroutines > max(quiet.goroutines, 0)+moreGoroutines {
		t.Errorf("they have grown by %.0f bytes and %.0f goroutines, want about the %.0f and %.0f of a platform without telemetry",
			told.memory, told.goroutines, quiet.memory, quiet.goroutines)
	}
}

// quickEnd ends a platform.
func quickEnd(t *testing.T, o *observed) {
	t.Helper()
	var took spread
	for _, p := range []*platformtest.Process{o.worker, o.api} {
		began := time.Now()
		p.Signal(t, syscall.SIGTERM)
		if code := p.Exit(t, platformtest.Patience); code != 0 {
			t.Errorf("%s ends with %d, want 0", p, code)
		}
		took = append(took, time.Since(began))
	}
	bound(t, "from SIGTERM to the end", took, 1, 5*time.Second)
}
