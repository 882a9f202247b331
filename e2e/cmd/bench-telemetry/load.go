package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// measure is a thing that is measured.
type measure struct {
	name string
	unit unit
	// most is how much worse it may be with telemetry, as a share; 0 is not bounded.
	most float64
}

// unit is how a measure is written, and whether more of it is better.
type unit int

const (
	perSecond unit = iota
	seconds
)

// group is measures that are taken together.
type group struct {
	name     string
	measures []measure
	once     func(context.Context, *platform) ([]float64, error)
}

// The bounds that have to hold.
const (
	mostThroughput = 0.05
	mostLatency    = 0.10
)

func (b *bench) groups() []group {
	submitting := func(wait bool) func(context.Context, *platform) ([]float64, error) {
		return func(ctx context.Context, p *platform) ([]float64, error) { return p.submitting(ctx, b.plan, wait) }
	}
	return []group{
		{
			"submits", []measure{
				{"submits a second", perSecond, mostThroughput},
				{"processor time of the API, a submit", seconds, 0},
			}, submitting(false),
		},
		{
			"submits that wait for the result", []measure{
				{"jobs a second, each waited for", perSecond, mostThroughput},
				{"processor time of the API, a job", seconds, 0},
				{"processor time of the worker, a job", seconds, 0},
			}, submitting(true),
		},
		{
			"one job after the other", []measure{
				{"from submit to result, p50", seconds, mostLatency},
				{"from submit to result, p99", seconds, mostLatency},
			}, func(ctx context.Context, p *platform) ([]float64, error) { return p.idle(ctx, b.plan.latencies) },
		},
	}
}

// platform is an API and a worker.
type platform struct {
	url         string
	client      *http.Client
	api, worker *benchmark.Process
	last        atomic.Int64 // argument that was asked for
}

func newPlatform(url string, connections int, api, worker *benchmark.Process) *platform {
	return &platform{
		url: url, api: api, worker: worker,
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}},
	}
}

// submit asks for a small number that was not asked for before. With wait it has to have succeeded when it is answered.
func (p *platform) submit(ctx context.Context, wait bool) error {
	const first = 1000
	body := fmt.Appendf(nil, `{"function":"fibonacci","args":{"n":"%d"}}`, first+p.last.Add(1))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/jobs", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if wait {
		request.Header.Set("Prefer", "wait=30")
	}
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it is read whole
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 || wait && !bytes.Contains(answer, []byte(`"state":"succeeded"`)) {
		return fmt.Errorf("%w: status %d, %s", errFailed, response.StatusCode, answer)
	}
	return nil
}

// submitting submits for a while over several connections, each the next job when the last is answered. It returns how many that was a
// second, and what one took of the API's and the worker's processor time. What waits afterwards is done before it returns.
func (p *platform) submitting(ctx context.Context, how plan, wait bool) ([]float64, error) {
	var (
		people sync.WaitGroup
		count  atomic.Int64
		failed = make(chan error, how.connections)
	)
	api, worker, began := p.api.ProcessorTime(), p.worker.ProcessorTime(), time.Now()
	for range how.connections {
		people.Go(func() {
			for time.Since(began) < how.load {
				if err := p.submit(ctx, wait); err != nil {
					failed <- err
					return
				}
				count.Add(1)
			}
		})
	}
	people.Wait()
	took, n := time.Since(began), float64(count.Load())
	api = p.api.ProcessorTime() - api
	worker = p.worker.ProcessorTime() - worker
	select {
	case err := <-failed:
		return nil, err
	default:
	}
	// What was submitted last is done last.
	if err := p.submit(ctx, true); err != nil {
		return nil, err
	}
	return []float64{n / took.Seconds(), api.Seconds() / n, worker.Seconds() / n}, nil
}

// idle does one job after the other, with nothing else to do, and returns the median and the 99th percentile of their times.
func (p *platform) idle(ctx context.Context, jobs int) ([]float64, error) {
	took := make([]float64, 0, jobs)
	for range jobs {
		began := time.Now()
		if err := p.submit(ctx, true); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	slices.Sort(took)
	return []float64{took[len(took)/2], took[len(took)*99/100]}, nil
}
