package observability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

const (
	// folk is how many people use the platform all the time.
	folk = 6
	// quietTime is how long nothing goes wrong, at the beginning and at the end.
	quietTime = 6 * time.Second
	// outage is how long Redis is away, and how long there is no API.
	outage = 4 * time.Second
	// stopped is how long one API does nothing: what it was asked takes at least as long.
	stopped = 2 * time.Second
)

// live is what happens in the world, in this order.
func (p *platform) live(t *testing.T) {
	t.Helper()
	away := p.watch(t)
	p.invite(t, folk)
	p.pause(t, quietTime)
	p.tour(t)
	p.mistakes(t)
	p.killAnAPI(t)
	p.stopAnAPI(t)
	p.failJobs(t)
	p.killAWorker(t)
	p.loseRedis(t)
	p.loseAPIs(t)
	p.pause(t, quietTime)
	close(p.leave)
	p.people.Wait()
	p.settle(t)
	away()
	p.awaitHistory(t)
	p.stop(t)
}

// send makes a request of the scenario itself, and fails the test if it is not answered as it should be; any answer does if want is 0.
func (p *platform) send(t *testing.T, want int, c call) answer {
	t.Helper()
	got := p.through.send(t.Context(), c)
	if want != 0 && got.status != want {
		t.Errorf("%s %s %v is answered with %d, want %d\n%.300s", c.method, c.path, c.headers, got.status, want, got.body)
	}
	return got
}

// submit submits a computation that has to be taken.
func (p *platform) submit(t *testing.T, body string, headers ...string) api.Job {
	t.Helper()
	got := p.send(t, 0, call{method: http.MethodPost, path: jobsRoute, body: body, headers: headers, route: jobsRoute})
	var j api.Job
	if err := json.Unmarshal(got.body, &j); err != nil || got.status >= http.StatusMultipleChoices {
		t.Fatalf("submit %s: %d %s", body, got.status, got.body)
	}
	return j
}

// tour asks for everything that there is to ask for.
func (p *platform) tour(t *testing.T) {
	t.Helper()
	get := func(want int, route, path string, headers ...string) answer {
		return p.send(t, want, call{method: http.MethodGet, path: path, headers: headers, route: route})
	}
	page := get(200, webRoute, "/")
	if file := asset(page.body); file != "" {
		for range 3 {
			get(200, webRoute, file)
		}
	}
	for _, path := range []string{"/v1/functions", "/v1/status", "/openapi.json", "/openapi.yaml", "/docs", "/problems", "/v1/batches"} {
		get(200, path, path)
	}
	get(200, "/v1/functions/{name}", "/v1/functions/ackermann")
	get(200, "/problems/{name}", "/problems/internal")
	p.send(t, 200, call{method: http.MethodGet, path: "/healthz", route: "/healthz", kind: "probe"})

	one := p.submit(t, `{"function":"fibonacci","args":{"n":"100000"}}`, "Prefer", "wait=20")
	p.submit(t, `{"function":"fibonacci","args":{"n":"100000"}}`) // a hit
	self := jobsRoute + "/" + string(one.ID)
	got := get(200, jobRoute, self)
	get(304, jobRoute, self, "If-None-Match", got.header.Get("ETag"))
	result := call{method: http.MethodGet, path: self + "/result", route: resultRoute, kind: "download"}
	p.send(t, 200, result)
	for status, headers := range map[int][]string{
		206: {"Range", "bytes=0-999"}, 416: {"Range", "bytes=99999999-"}, 304: {"If-None-Match", "*"}, 412: {"If-Match", `"other"`},
	} {
		result.headers = headers
		p.send(t, status, result)
	}
	p.send(t, 200, call{method: http.MethodHead, path: self + "/result", route: resultRoute, kind: "download"})

	batch := p.send(t, 202, call{
		method: http.MethodPost, path: batchesRoute, route: batchesRoute,
		body: `{"jobs":[{"function":"factorial","args":{"n":"70"}},{"function":"fibonacci-sum","args":{"n":"9"}},{"function":"factorial","args":{"n":"70"}}]}`,
	})
	get(200, "/v1/batches/{id}", batch.header.Get("Location"))

	// One that is cancelled, tried again, cancelled and deleted: it would take a quarter of an hour.
	long := p.submit(t, `{"function":"fibonacci","args":{"n":"55"},"method":"recursive"}`)
	p.post(t, 200, cancelRoute, jobsRoute+"/"+string(long.ID)+"/cancel")
	again := p.post(t, 202, retryRoute, jobsRoute+"/"+string(long.ID)+"/retry")
	var j api.Job
	if err := json.Unmarshal(again.body, &j); err != nil {
		t.Fatal(err)
	}
	p.post(t, 200, cancelRoute, jobsRoute+"/"+string(j.ID)+"/cancel")
	// One that is too late.
	p.submit(t, `{"function":"fibonacci","args":{"n":"54"},"method":"recursive","deadline_seconds":2}`)
}

func (p *platform) post(t *testing.T, want int, route, path string) answer {
	t.Helper()
	return p.send(t, want, call{method: http.MethodPost, path: path, route: route})
}

// mistakes asks for what is refused.
func (p *platform) mistakes(t *testing.T) {
	t.Helper()
	const strange = jobsRoute + "/job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b"
	waiting := p.submit(t, `{"function":"fibonacci","args":{"n":"53"},"method":"recursive"}`)
	self := jobsRoute + "/" + string(waiting.ID)
	for _, c := range []struct {
		want int
		call
	}{
		{400, call{method: "POST", path: jobsRoute, body: `{"function":`, route: jobsRoute}},
		{400, call{method: "GET", path: "/v1/jobs?page_token=x", route: jobsRoute}},
		{403, call{method: "POST", path: jobsRoute, body: `{}`, headers: []string{"Sec-Fetch-Site", "cross-site"}, route: unmatched}},
		{404, call{method: "GET", path: strange, route: jobRoute}},
		{404, call{method: "GET", path: "/v1/nothing", route: unmatched}},
		{404, call{method: "GET", path: "/no/page", route: webRoute}},
		{404, call{method: "GET", path: "/metrics", route: unmatched}}, // nginx's own answer
		{405, call{method: "PUT", path: jobsRoute, route: jobsRoute}},
		{406, call{method: "GET", path: self, headers: []string{"Accept", "image/png"}, route: jobRoute}},
		{409, call{method: "GET", path: self + "/result", route: resultRoute, kind: "download"}},
		{409, call{method: "DELETE", path: self, route: jobRoute}},
		{413, call{method: "POST", path: jobsRoute, body: string(make([]byte, 1<<20+1)), route: jobsRoute}}, // nginx's own answer
		{415, call{method: "POST", path: jobsRoute, body: `{}`, headers: []string{"Content-Type", "text/plain"}, route: jobsRoute}},
		{421, call{method: "GET", path: "/", headers: []string{"Host", "evil.example"}, route: unmatched}},
		{422, call{method: "POST", path: jobsRoute, body: `{"function":"fibonacci","args":{"n":"-1"}}`, route: jobsRoute}},
		{422, call{method: "POST", path: jobsRoute, body: `{"function":"fibonacci","args":{"n":"1e999"}}`, route: jobsRoute}},
		{422, call{method: "POST", path: jobsRoute, body: `{"function":"ackermann","args":{"m":"4","n":"3"}}`, route: jobsRoute}},
	} {
		p.send(t, c.want, c.call)
	}
	// A client that goes away while it waits.
	for range 3 {
		p.send(t, 0, call{method: http.MethodGet, path: self, headers: []string{"Prefer", "wait=30"}, route: jobRoute, giveUp: 300 * time.Millisecond})
	}
	p.post(t, 200, cancelRoute, self+"/cancel")
	p.send(t, 204, call{method: http.MethodDelete, path: self, route: jobRoute})
}

// killAnAPI kills one of two under load and starts it again.
func (p *platform) killAnAPI(t *testing.T) {
	t.Helper()
	p.apis[0].Kill(t)
	p.pause(t, 2*time.Second)
	p.again(t, 0)
}

// stopAnAPI stops one of two for a known time, in which half of what is asked waits for it.
func (p *platform) stopAnAPI(t *testing.T) {
	t.Helper()
	p.apis[1].Signal(t, syscall.SIGSTOP)
	var asked sync.WaitGroup
	for range 6 {
		asked.Go(func() {
			p.through.send(t.Context(), call{method: http.MethodGet, path: "/v1/functions/factorial", route: "/v1/functions/{name}"})
		})
	}
	p.pause(t, stopped)
	p.apis[1].Signal(t, syscall.SIGCONT)
	asked.Wait()
}

// failJobs keeps the workers from writing digits, so that jobs fail and an API cannot read results, and tries one of them again afterwards.
func (p *platform) failJobs(t *testing.T) {
	t.Helper()
	kept := p.submit(t, `{"function":"fibonacci","args":{"n":"60000"}}`, "Prefer", "wait=20")
	restore := breakFolder(t, p.results)
	var failing []api.Job
	for i := range 4 {
		failing = append(failing, p.submit(t, fmt.Sprintf(`{"function":"fibonacci","args":{"n":"%d"},"max_attempts":%d}`, 70_000+i, 1+i%2)))
	}
	for _, j := range failing {
		p.send(t, 200, call{method: http.MethodGet, path: jobsRoute + "/" + string(j.ID), headers: []string{"Prefer", "wait=30"}, route: jobRoute})
	}
	p.send(t, 0, call{method: http.MethodGet, path: jobsRoute + "/" + string(kept.ID) + "/result", route: resultRoute, kind: "download"})
	restore()
	p.post(t, 202, retryRoute, jobsRoute+"/"+string(failing[0].ID)+"/retry")
}

// breakFolder puts a file in the place of the folder of digits until restore.
func breakFolder(t *testing.T, dir string) (restore func()) {
	t.Helper()
	aside := dir + ".aside"
	t.Cleanup(func() { _ = os.RemoveAll(aside) })
	if err := os.Rename(dir, aside); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(aside, dir); err != nil {
			t.Fatal(err)
		}
	}
}

// killAWorker kills the worker that is at a job, which another one then takes over.
func (p *platform) killAWorker(t *testing.T) {
	t.Helper()
	j := p.submit(t, `{"function":"fibonacci","args":{"n":"43"},"method":"recursive"}`)
	c := platformtest.NewClient(t, "http://"+p.addresses[0])
	for deadline := time.Now().Add(platformtest.Patience); ; {
		ctx, cancel := context.WithTimeout(t.Context(), platformtest.Patience)
		r, err := c.Do(ctx, http.MethodGet, jobsRoute+"/"+string(j.ID), "")
		cancel()
		var now api.Job
		if err != nil || r.Decode(&now) != nil || time.Now().After(deadline) {
			t.Fatalf("wait for a worker: %s (%v)", r, err)
		}
		if now.State == job.Running || now.State.Terminal() {
			break
		}
		p.pause(t, 20*time.Millisecond)
	}
	started := func(l platformtest.Line) bool { return l.Message() == "attempt started" && traceOf(l) == j.TraceID }
	for _, w := range p.workers {
		if len(w.Err.Find(started)) > 0 {
			w.Kill(t)
		}
	}
	p.hire(t).AwaitReady(t)
}

// traceOf is the trace of a log line.
func traceOf(l platformtest.Line) string { return l.Text("trace.id") }

// loseRedis takes Redis away for a while.
func (p *platform) loseRedis(t *testing.T) {
	t.Helper()
	p.redis.Kill()
	p.pause(t, outage)
	p.redis.Restart()
	// Everybody finds it again before the next thing happens.
	p.await(t, "/readyz")
}

// loseAPIs leaves nobody to answer for a while.
func (p *platform) loseAPIs(t *testing.T) {
	t.Helper()
	for _, a := range p.apis {
		a.Kill(t)
	}
	p.pause(t, outage)
	for i := range p.apis {
		p.again(t, i)
	}
	p.await(t, "/readyz")
}

// await waits until both APIs say yes.
func (p *platform) await(t *testing.T, path string) {
	t.Helper()
	for _, address := range p.addresses {
		c := platformtest.NewClient(t, "http://"+address)
		for deadline := time.Now().Add(platformtest.Patience); ; p.pause(t, 50*time.Millisecond) {
			ctx, cancel := context.WithTimeout(t.Context(), platformtest.Patience)
			r, err := c.Do(ctx, http.MethodGet, path, "")
			cancel()
			if err == nil && r.Status == http.StatusOK {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s says %s (%v)", path, r, err)
			}
		}
	}
}
