package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/api"
	"numbermill/api/internal/contracttest"
	"numbermill/api/internal/server"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/redistest"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// harness is a server on a Redis and a folder of its own. Its client holds every answer against the contract.
type harness struct {
	t       *testing.T
	url     string
	client  *http.Client
	server  *server.Server
	redis   *redis.Client
	records *store.Store
	results *result.Store
	fleet   *server.Fleet
	tasks   *queue.Client
	// runs are those that were queued, in order.
	runs chan store.Run
	log  *lockedBuffer
}

// recordingQueue is the real queue, and tells which runs went in.
type recordingQueue struct {
	*queue.Client
	runs chan store.Run
}

func (q recordingQueue) Enqueue(ctx context.Context, r store.Run) error {
	err := q.Client.Enqueue(ctx, r)
	if err == nil {
		q.runs <- r
	}
	return err
}

// EnqueueErrand tells as well, once it has run.
func (q recordingQueue) EnqueueErrand(ctx context.Context, r store.Run) store.Errand {
	e := q.Client.EnqueueErrand(ctx, r)
	after := e.After
	e.After = func(ran bool, err error) {
		if after != nil {
			after(ran, err)
		}
		if ran {
			q.runs <- r
		}
	}
	return e
}

func start(t *testing.T, changes ...func(*server.Options)) *harness {
	t.Helper()
	return startOn(t, redistest.Start(t), changes...)
}

func startOn(t *testing.T, redisURL string, changes ...func(*server.Options)) *harness {
	t.Helper()
	h := &harness{t: t, runs: make(chan store.Run, 20_000), log: &lockedBuffer{}}
	rdb, err := store.Dial(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	h.redis = rdb.(*redis.Client) //nolint:forcetypeassert // or the test ends here
	t.Cleanup(func() { _ = h.redis.Close() })
	if h.results, err = result.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.results.Close() })
	h.records = store.New(h.redis)
	logger := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.tasks = queue.New(h.redis)
	h.fleet = server.NewFleet(h.records, h.tasks, logger)
	o := server.Options{
		Records: h.records, Watcher: store.NewWatcher(h.records, logger), Fleet: h.fleet, Queue: recordingQueue{h.tasks, h.runs},
		Results: h.results, Redis: h.redis,
		Limits:    function.Limits{CostMillis: 60_000, Digits: 10_000_000, PeakBytes: 1 << 30},
		MaxActive: 1000, MaxBody: 64 << 10, Retention: 7 * 24 * time.Hour, Logger: logger,
	}
	for _, change := range changes {
		change(&o)
	}
	run(t, o.Watcher.Run)
	h.server = server.New(o)
	s := httptest.NewServer(h.server.Handler(true))
	t.Cleanup(s.Close)
	h.url, h.client = s.URL, contracttest.Client(t)
	return h
}

// run runs something until the test ends.
func run(t *testing.T, f func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

// reply is an answer, read whole.
type reply struct {
	*http.Response
	body []byte
}

// header is "Name: value" pairs for a request.
type header map[string]string

func (h *harness) do(method, path, body string, headers header) reply {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience+time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	res, err := h.client.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{res, b}
}

func (h *harness) get(path string, headers header) reply {
	h.t.Helper()
	return h.do(http.MethodGet, path, "", headers)
}

// want fails the test unless the answer has the status.
func (h *harness) want(r reply, status int) reply {
	h.t.Helper()
	if r.StatusCode != status {
		h.t.Fatalf("%s %s: got %d, want %d\n%s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.body)
	}
	return r
}

func decode[T any](t *testing.T, r reply) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s %s: %v\n%s", r.Request.Method, r.Request.URL.Path, err, r.body)
	}
	return v
}

// submit submits fibonacci(n).
func (h *harness) submit(n int, headers header) reply {
	h.t.Helper()
	return h.do(http.MethodPost, "/v1/jobs", fmt.Sprintf(`{"function":"fibonacci","args":{"n":%d}}`, n), headers)
}

func (h *harness) submitted(n int) api.Job {
	h.t.Helper()
	return decode[api.Job](h.t, h.want(h.submit(n, nil), http.StatusAccepted))
}

func (h *harness) job(id job.ID) api.Job {
	h.t.Helper()
	return decode[api.Job](h.t, h.want(h.get("/v1/jobs/"+string(id), nil), http.StatusOK))
}

// places lets the server learn places in the queues.
func (h *harness) places() {
	h.t.Helper()
	if err := h.tasks.SelfTest(h.t.Context(), slog.New(slog.DiscardHandler)); err != nil {
		h.t.Fatal(err)
	}
}

// post submits a body.
func (h *harness) post(body string, headers header) reply {
	h.t.Helper()
	return h.do(http.MethodPost, "/v1/jobs", body, headers)
}

// queued takes the next run out of what was queued.
func (h *harness) queued() store.Run {
	h.t.Helper()
	select {
	case r := <-h.runs:
		return r
	case <-time.After(patience):
		h.t.Fatal("nothing was queued")
		return store.Run{}
	}
}

// claimed begins an attempt of the next run, as a worker would.
func (h *harness) claimed() store.Attempt {
	h.t.Helper()
	a, ok, err := h.records.Claim(context.Background(), h.queued(), "worker-1", false)
	if err != nil || !ok {
		h.t.Fatalf("claim: %v, %v", ok, err)
	}
	return a
}

// finish publishes digits as the result of an attempt; in the result store if there are more of them than fit into a record.
func (h *harness) finish(a store.Attempt, digits string) {
	h.t.Helper()
	ctx := context.Background()
	r := resultOf(digits)
	if len(digits) > result.InlineLimit {
		r.Blob = result.Key(a.Run.Fingerprint, a.Run.ID, a.Number)
		w, err := h.results.Create(ctx, r.Blob)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := io.WriteString(w, digits); err != nil {
			h.t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			h.t.Fatal(err)
		}
		digits = ""
	}
	if held, err := h.records.Complete(ctx, a, r, digits); err != nil || !held {
		h.t.Fatalf("complete: %v, %v", held, err)
	}
}

// in is the same server for a subtest.
func (h *harness) in(t *testing.T) *harness {
	t.Helper()
	sub := *h
	sub.t, sub.client = t, contracttest.Client(t)
	return &sub
}
