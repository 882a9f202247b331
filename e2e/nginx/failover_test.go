package nginx_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
)

// hands is how many clients ask at the same time.
const hands = 8

// outcome is what came of one request under load.
type outcome struct {
	method, name string
	status       int
	sent, ended  time.Time
}

// TestAnAPIIsKilledUnderLoad: of two APIs one is killed. Nothing fails but submissions that it had begun to read, none of which is made twice.
// With the other killed too, everything is refused quickly, and the first request after one is back succeeds.
func TestAnAPIIsKilledUnderLoad(t *testing.T) {
	t.Parallel()
	s := open(t, 2)
	var mu sync.Mutex
	var all []outcome
	var done atomic.Int64
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for hand := range hands {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				o := s.one(t, hand, i)
				mu.Lock()
				all = append(all, o)
				mu.Unlock()
				done.Add(1)
			}
		})
	}
	reach(t, &done, 200)
	s.apis[0].Kill(t)
	killed := time.Now()
	reach(t, &done, 300)
	close(stop)
	clients.Wait()

	lost := 0
	for _, o := range all {
		if o.status < http.StatusInternalServerError {
			continue
		}
		if o.method != http.MethodPost || o.sent.After(killed) {
			t.Errorf("%s %s was answered with %d, %v after the kill", o.method, o.name, o.status, o.sent.Sub(killed))
		}
		lost++
	}
	if lost > hands {
		t.Errorf("%d requests were lost, of which at most %d can have been under way", lost, hands)
	}
	t.Logf("of %d requests, %d submissions were under way and lost", len(all), lost)
	s.onceEach(t, all)
	s.gone(t)
}

// one makes a submission or reads, by turns.
func (s *site) one(t *testing.T, hand, i int) outcome {
	t.Helper()
	o := outcome{method: http.MethodGet, name: fmt.Sprintf("%d-%d", hand, i), sent: time.Now()}
	path, body, headers := "/v1/functions/fibonacci", "", []string{}
	switch i % 3 {
	case 0:
		o.method, path = http.MethodPost, "/v1/jobs"
		body = fmt.Sprintf(`{"function":"fibonacci","args":{"n":"%d"},"labels":{"name":%q}}`, 1000*hand+i, o.name)
	case 1:
		path, headers = "/v1/jobs?page_size=1", []string{"Prefer", "wait=1"}
	}
	r, err := s.c.Do(t.Context(), o.method, path, body, headers...)
	if err != nil {
		t.Errorf("%s %s got no answer: %v", o.method, path, err)
	}
	o.status, o.ended = r.Status, time.Now()
	return o
}

// onceEach checks that every submission that was taken is there, and none twice.
func (s *site) onceEach(t *testing.T, all []outcome) {
	t.Helper()
	found := map[string]int{}
	for token := ""; ; {
		var page api.JobList
		if err := ask(t, s.c, http.MethodGet, "/v1/jobs?page_size=1000&page_token="+token, "").Decode(&page); err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			found[j.Labels["name"]]++
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	for _, o := range all {
		if o.method != http.MethodPost {
			continue
		}
		if n := found[o.name]; n > 1 || n == 0 && o.status < http.StatusBadRequest {
			t.Errorf("submission %s, answered with %d, made %d jobs", o.name, o.status, n)
		}
	}
}

// gone kills the second API too, and starts one again.
func (s *site) gone(t *testing.T) {
	t.Helper()
	s.apis[1].Kill(t)
	for i := range 5 {
		began := time.Now()
		r := ask(t, s.c, http.MethodGet, "/v1/functions", "")
		if took := time.Since(began); r.Status != http.StatusBadGateway || took > 5*time.Second {
			t.Errorf("request %d without any API: %s after %v, want 502 at once", i, r, took)
		}
	}
	s.again(t, 0)
	for i := range 5 {
		if r := ask(t, s.c, http.MethodGet, "/v1/functions", ""); r.Status != http.StatusOK {
			t.Errorf("request %d after an API is back: %s, want 200", i, r)
		}
	}
}

// reach waits until so many more were done.
func reach(t *testing.T, done *atomic.Int64, more int64) {
	t.Helper()
	want := done.Load() + more
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(platformtest.Patience); done.Load() < want; <-again.C {
		if time.Now().After(deadline) {
			t.Fatalf("%d requests were done, want %d", done.Load(), want)
		}
	}
}

// TestWhatGoesToAnotherServer: what was not sent goes to another server, and what may be repeated; a POST that was sent goes nowhere else.
func TestWhatGoesToAnotherServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method     string
		drops      bool // the first server does, after it has read the request; else it refuses
		want       int
		wantAsked  int64
		wantServer int // how many servers the log names
	}{
		"a POST to one that refuses":  {http.MethodPost, false, http.StatusOK, 0, 2},
		"a GET to one that refuses":   {http.MethodGet, false, http.StatusOK, 0, 2},
		"a GET to one that drops it":  {http.MethodGet, true, http.StatusOK, 1, 2},
		"a POST to one that drops it": {http.MethodPost, true, http.StatusBadGateway, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			bad := refusing(t)
			if tt.drops {
				bad = serve(t, func(http.ResponseWriter, *http.Request) {
					asked.Add(1)
					panic(http.ErrAbortHandler)
				})
			}
			live := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
			n := nginxtest.Start(t, nginxtest.Options{API: []string{bad, live}})
			c := platformtest.NewClient(t, n.URL)
			// nginx asks the servers by turns, so that one of two requests comes to the first.
			var got []int
			for range 2 {
				got = append(got, ask(t, c, tt.method, "/v1/jobs", `{}`).Status)
			}
			if max(got[0], got[1]) != tt.want || min(got[0], got[1]) != http.StatusOK || asked.Load() != tt.wantAsked {
				t.Errorf("answered with %v after %d times at the bad server, want %d after %d", got, asked.Load(), tt.want, tt.wantAsked)
			}
			line := n.Await(t, "the request", func(l nginxtest.Line) bool { return strings.Contains(l.Text("nginx.access.upstream_addr"), bad) })
			if got := len(strings.Split(line.Text("nginx.access.upstream_addr"), ", ")); got != tt.wantServer {
				t.Errorf("the log names %s, want %d servers", line.Text("nginx.access.upstream_addr"), tt.wantServer)
			}
			if _, isNumber := line.Fields["nginx.access.upstream_response_time"].(float64); !isNumber {
				t.Errorf("the log has the time %v of %q, want the last one", line.Fields["nginx.access.upstream_response_time"], line.Text("nginx.access.upstream_response_time_raw"))
			}
		})
	}
}

// TestAServerThatIsBackIsAskedAtOnce: one dropped request of each server must not make everything fail for a while.
func TestAServerThatIsBackIsAskedAtOnce(t *testing.T) {
	t.Parallel()
	var bad atomic.Bool
	bad.Store(true)
	h := func(w http.ResponseWriter, _ *http.Request) {
		if bad.Load() {
			panic(http.ErrAbortHandler)
		}
	}
	_, c := front(t, nil, h, h)
	for range 4 {
		if r := ask(t, c, http.MethodPost, "/v1/jobs", `{}`); r.Status != http.StatusBadGateway {
			t.Errorf("dropped by both: %s, want 502", r)
		}
	}
	bad.Store(false)
	for i := range 4 {
		if r := ask(t, c, http.MethodPost, "/v1/jobs", `{}`); r.Status != http.StatusOK {
			t.Errorf("request %d once they work: %s, want 200", i, r)
		}
	}
}
