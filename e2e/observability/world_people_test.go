package observability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/api"
)

// Routes of what people ask for.
const (
	jobsRoute    = "/v1/jobs"
	jobRoute     = "/v1/jobs/{id}"
	eventsRoute  = "/v1/jobs/{id}/events"
	resultRoute  = "/v1/jobs/{id}/result"
	cancelRoute  = "/v1/jobs/{id}/cancel"
	retryRoute   = "/v1/jobs/{id}/retry"
	batchesRoute = "/v1/batches"
	webRoute     = "web"
	unmatched    = "unmatched"
)

// person is a client with a mind of its own.
type person struct {
	*recorder

	random *rand.Rand
	name   string
}

// invite lets some people use the platform until they are to leave.
func (p *platform) invite(t *testing.T, count int) {
	t.Helper()
	for i := range count {
		one := person{p.through, rand.New(rand.NewPCG(p.random.Uint64(), uint64(i))), fmt.Sprintf("person-%d", i)}
		p.people.Go(func() {
			for {
				one.act(t.Context())
				select {
				case <-p.leave:
					return
				case <-time.After(time.Duration(40+one.random.IntN(260)) * time.Millisecond):
				}
			}
		})
	}
}

// act does one thing that people do.
func (h person) act(ctx context.Context) {
	switch n := h.random.IntN(100); {
	case n < 45:
		h.compute(ctx, h.small())
	case n < 52:
		h.compute(ctx, h.large())
	case n < 62:
		h.send(ctx, call{method: http.MethodGet, path: "/v1/jobs?page_size=20", route: jobsRoute})
	case n < 72:
		h.send(ctx, call{method: http.MethodGet, path: "/", route: webRoute})
	case n < 77:
		h.send(ctx, call{method: http.MethodGet, path: "/jobs", route: webRoute})
	case n < 84:
		h.send(ctx, call{method: http.MethodGet, path: "/v1/functions", route: "/v1/functions"})
	case n < 90:
		h.send(ctx, call{method: http.MethodPost, path: "/v1/estimates", body: h.small(), route: "/v1/estimates"})
	case n < 94:
		h.send(ctx, call{method: http.MethodGet, path: "/v1/status", route: "/v1/status"})
	case n < 97:
		h.send(ctx, call{method: http.MethodGet, path: "/docs", route: "/docs"})
	default:
		h.send(ctx, call{method: http.MethodPost, path: jobsRoute, body: `{"function":"nothing","args":{}}`, route: jobsRoute})
	}
}

// small is a request for something that takes a moment.
func (h person) small() string {
	n := h.random.IntN
	switch n(5) {
	case 0:
		return fmt.Sprintf(`{"function":"fibonacci","args":{"n":"%d"},"labels":{"by":%q}}`, 1+n(50_000), h.name)
	case 1:
		return fmt.Sprintf(`{"function":"fibonacci-sum","args":{"n":"%d"},"labels":{"by":%q}}`, 1+n(20_000), h.name)
	case 2:
		return fmt.Sprintf(`{"function":"factorial","args":{"n":"%d"},"labels":{"by":%q}}`, 1+n(5_000), h.name)
	case 3:
		return fmt.Sprintf(`{"function":"ackermann","args":{"m":"%d","n":"%d"},"labels":{"by":%q}}`, n(4), n(50), h.name)
	default:
		return fmt.Sprintf(`{"function":"fibonacci","args":{"n":"%d"},"method":"facts","labels":{"by":%q}}`, 1+n(1_000_000), h.name)
	}
}

// large is a request for something that takes a little longer: the second class.
func (h person) large() string {
	n := h.random.IntN
	if n(2) == 0 {
		return fmt.Sprintf(`{"function":"fibonacci","args":{"n":"%d"},"method":"recursive","labels":{"by":%q}}`, 34+n(3), h.name)
	}
	return fmt.Sprintf(`{"function":"factorial","args":{"n":"%d"},"labels":{"by":%q}}`, 150_000+n(50_000), h.name)
}

// compute submits a computation and follows it in one of the ways that there are, to the digits.
func (h person) compute(ctx context.Context, body string) {
	var j api.Job
	c := call{method: http.MethodPost, path: jobsRoute, body: body, route: jobsRoute}
	if h.random.IntN(4) == 0 {
		c.headers = []string{"Prefer", "wait=2"}
	}
	if h.random.IntN(3) == 0 {
		c.headers = append(c.headers, "traceparent", fmt.Sprintf("00-%016x%016x-%016x-01", h.random.Uint64()|1, h.random.Uint64(), h.random.Uint64()|1))
	}
	got := h.send(ctx, c)
	if got.status >= http.StatusMultipleChoices || json.Unmarshal(got.body, &j) != nil {
		return
	}
	switch self := jobsRoute + "/" + string(j.ID); h.random.IntN(4) {
	case 0:
		h.send(ctx, call{method: http.MethodGet, path: self + "/events", route: eventsRoute, kind: "stream"})
	case 1:
		h.send(ctx, call{method: http.MethodGet, path: self, headers: []string{"Prefer", "wait=3"}, route: jobRoute})
	case 2:
		for range 3 {
			h.send(ctx, call{method: http.MethodGet, path: self, headers: []string{"If-None-Match", got.header.Get("ETag")}, route: jobRoute})
		}
	default:
		h.send(ctx, call{method: http.MethodGet, path: self + "/attempts", route: jobRoute + "/attempts"})
		h.send(ctx, call{method: http.MethodGet, path: self + "/logs", route: jobRoute + "/logs"})
	}
	if h.random.IntN(2) == 0 {
		h.read(ctx, jobsRoute+"/"+string(j.ID)+"/result")
	}
}

// read reads the digits whole or a part of them, if they are there.
func (h person) read(ctx context.Context, path string) {
	c := call{method: http.MethodGet, path: path, route: resultRoute, kind: "download"}
	switch h.random.IntN(3) {
	case 0:
		c.headers = []string{"Range", "bytes=0-9"}
	case 1:
		c.headers = []string{"Accept-Encoding", "gzip"}
	}
	h.send(ctx, c)
}

// asset is the path of a file of the web app whose name has a hash in it; empty if the app was not built.
func asset(page []byte) string {
	_, rest, found := strings.Cut(string(page), `src="/assets/`)
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(rest, `"`)
	return "/assets/" + name
}
