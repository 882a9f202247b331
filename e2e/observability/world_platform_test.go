package observability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
	"numbermill/shared/elastictest"
	"numbermill/shared/redistest"
	"numbermill/shared/telemetry/telemetrytest"
)

// platform is what runs in the world: two APIs and two workers, Redis, nginx and a collector.
type platform struct {
	es        *elastictest.Node
	redis     *redistest.Server
	results   string
	logs      string // folder of the services' logs
	sink      *telemetrytest.Sink
	apis      [2]*platformtest.Process
	addresses [2]string
	workers   []*platformtest.Process
	all       []*platformtest.Process // dead ones too
	nginx     *nginxtest.Server
	through   *recorder
	random    *rand.Rand
	seed      uint64

	people  sync.WaitGroup
	leave   chan struct{} // closed when people are to go
	watcher sync.WaitGroup
	beats   []beatSeen
	ended   []api.Job
}

// openPlatform starts everything.
func openPlatform(t *testing.T, es *elastictest.Node) *platform {
	t.Helper()
	p := &platform{
		es:    es,
		redis: redistest.New(t, redistest.AppendOnly(t.TempDir())), results: platformtest.Folder(t), logs: platformtest.Folder(t),
		sink: telemetrytest.New(t), leave: make(chan struct{}), seed: seed(t),
	}
	p.random = rand.New(rand.NewPCG(p.seed, 0))
	t.Logf("the seed of the world is %d", p.seed)
	for i := range p.apis {
		p.apis[i] = p.run(t, platformtest.APICommand(p.redis.URL(), p.results))
	}
	p.hire(t)
	p.hire(t)
	for i, a := range p.apis {
		p.addresses[i] = strings.TrimPrefix(a.AwaitReady(t), "http://")
	}
	for _, w := range p.workers {
		w.AwaitReady(t)
	}
	p.nginx = nginxtest.Start(t, nginxtest.Options{API: p.addresses[:]})
	p.through = &recorder{url: p.nginx.URL}
	return p
}

// seed is $NUMBERMILL_SEED if it is given, else a new one.
func seed(t *testing.T) uint64 {
	t.Helper()
	given := os.Getenv("NUMBERMILL_SEED")
	if given == "" {
		return rand.Uint64() >> 32
	}
	s, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		t.Fatalf("NUMBERMILL_SEED: %v", err)
	}
	return s
}

// run starts a process that tells the collector what it does, as in compose, only sooner.
func (p *platform) run(t *testing.T, c platformtest.Command, args ...string) *platformtest.Process {
	t.Helper()
	c.Args = append(c.Args, args...)
	file := filepath.Join(p.logs, fmt.Sprintf("%s-%d.json", c.Args[0], len(p.all)))
	c.Args = append(c.Args, "--log-format", "json", "--log-file", file)
	c.Env = append(c.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+p.sink.URL(), "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta", "OTEL_METRIC_EXPORT_INTERVAL=5000", "OTEL_BSP_SCHEDULE_DELAY=200",
		"OTEL_TRACES_SAMPLER=always_on") // every request is counted
	process := platformtest.Start(t, c)
	p.all = append(p.all, process)
	return process
}

// hire starts a worker.
func (p *platform) hire(t *testing.T) *platformtest.Process {
	t.Helper()
	w := p.run(t, platformtest.WorkerCommand(p.redis.URL(), p.results, "--calibrate=false", "--memory-budget", "1gb", "--elasticsearch", p.es.URL()))
	p.workers = append(p.workers, w)
	return w
}

// again starts an API that was killed on the address that it had.
func (p *platform) again(t *testing.T, i int) {
	t.Helper()
	p.apis[i] = p.run(t, platformtest.APICommand(p.redis.URL(), p.results), "--listen", p.addresses[i])
	p.apis[i].AwaitReady(t)
}

// stop asks every process that runs to end, so that it hands over the rest of its telemetry.
func (p *platform) stop(t *testing.T) {
	t.Helper()
	for _, x := range p.all {
		if x.Running() {
			x.Signal(t, syscall.SIGTERM)
		}
	}
	for _, x := range p.all {
		x.Exit(t, platformtest.Patience)
	}
}

// pause lets time pass that the scenario is made of.
func (p *platform) pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal("the test is over")
	}
}

// listAll reads every job that there is, past nginx: it is no part of the scenario.
func (p *platform) listAll(t *testing.T) []api.Job {
	t.Helper()
	c := platformtest.NewClient(t, "http://"+p.addresses[0])
	var jobs []api.Job
	for token := ""; ; {
		ctx, cancel := context.WithTimeout(t.Context(), platformtest.Patience)
		r, err := c.Do(ctx, http.MethodGet, "/v1/jobs?page_size=1000&page_token="+token, "")
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		var page api.JobList
		if err := json.Unmarshal(r.Body, &page); err != nil || r.Status != http.StatusOK {
			t.Fatalf("list: %s (%v)", r, err)
		}
		jobs = append(jobs, page.Jobs...)
		if token = page.NextPageToken; token == "" {
			return jobs
		}
	}
}

// settle waits until every job has ended.
func (p *platform) settle(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(platformtest.Patience)
	for {
		open := 0
		p.ended = p.listAll(t)
		for _, j := range p.ended {
			if !j.State.Terminal() {
				open++
			}
		}
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d jobs have not ended", open)
		}
		p.pause(t, 100*time.Millisecond)
	}
}
