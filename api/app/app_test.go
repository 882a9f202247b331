package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"numbermill/api/app"
	"numbermill/shared/function"
	"numbermill/shared/redistest"
)

var limits = function.Limits{CostMillis: 60_000, Digits: 10_000_000, PeakBytes: 1 << 30}

// open opens an app on a Redis of its own and starts it.
func open(t *testing.T, change func(*app.Config)) *app.App {
	t.Helper()
	c := app.Config{
		Listen: "127.0.0.1:0", RedisURL: redistest.Start(t), Results: t.TempDir(), Limits: limits,
		Logger: slog.New(slog.DiscardHandler), Version: "test",
	}
	if change != nil {
		change(&c)
	}
	a, err := app.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	return a
}

func stop(t *testing.T, a *app.App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// client has no connections left when the test ends.
func client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

func get(t *testing.T, c *http.Client, url string) (status int, body string) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// requests is a log that counts the requests it is told of.
type requests struct {
	slog.Handler
	count atomic.Int64
}

func newRequests() *requests { return &requests{Handler: slog.DiscardHandler} }

func (*requests) Enabled(context.Context, slog.Level) bool { return true }

func (r *requests) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "request" {
		r.count.Add(1)
	}
	return nil
}

func (r *requests) WithAttrs([]slog.Attr) slog.Handler { return r }

func (r *requests) WithGroup(string) slog.Handler { return r }

func TestAppServesAndStops(t *testing.T) {
	t.Parallel()
	log := newRequests()
	a := open(t, func(c *app.Config) { c.Logger = slog.New(log) })
	if a.OperatorAddr() != "" {
		t.Errorf("the operator's address is %s", a.OperatorAddr())
	}
	c := client(t)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/v1/functions": 200, "/openapi.json": 200, "/monitor/": 200, "/": 404} {
		if got, body := get(t, c, "http://"+a.Addr()+path); got != want {
			t.Errorf("%s: got %d, want %d\n%s", path, got, want, body)
		}
	}
	stop(t, a)
	before := log.count.Load()
	if before == 0 {
		t.Error("the log tells of no request")
	}
	// Whoever has got the port by now may answer, but not this app.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.Addr()+"/healthz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := c.Do(request); err == nil {
		_ = res.Body.Close()
	}
	if log.count.Load() != before {
		t.Error("a stopped app still answers")
	}
}

func TestMonitorIsReadOnlyUnlessAllowed(t *testing.T) {
	t.Parallel()
	for name, writable := range map[string]bool{"read-only": false, "writable": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, func(c *app.Config) { c.MonitorWritable = writable })
			defer stop(t, a)
			res, err := client(t).Post("http://"+a.Addr()+"/monitor/api/queues/small:pause", "application/json", nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if got := res.StatusCode != http.StatusMethodNotAllowed; got != writable {
				t.Errorf("a pause is answered with %d", res.StatusCode)
			}
		})
	}
}

func TestOperatorPathsStayOffAPublicListener(t *testing.T) {
	t.Parallel()
	a := open(t, func(c *app.Config) { c.Listen, c.OperatorListen = "0.0.0.0:0", "127.0.0.1:0" })
	defer stop(t, a)
	_, port, err := net.SplitHostPort(a.Addr())
	if err != nil {
		t.Fatal(err)
	}
	c := client(t)
	for url, want := range map[string]int{
		"http://127.0.0.1:" + port + "/monitor/": 404, "http://127.0.0.1:" + port + "/v1/functions": 200,
		"http://" + a.OperatorAddr() + "/monitor/": 200, "http://" + a.OperatorAddr() + "/v1/functions": 404,
	} {
		if got, _ := get(t, c, url); got != want {
			t.Errorf("%s: got %d, want %d", url, got, want)
		}
	}
}

func TestStopEndsLongPollsWithAnAnswer(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	answer := make(chan string, 1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.Addr()+"/v1/jobs", strings.NewReader(`{"function":"fibonacci","args":{"n":10}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Prefer", "wait=60")
	c := client(t)
	go func() {
		res, err := c.Do(req)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		answer <- res.Status
	}()
	for { // until the job is there, and its request waits or is about to
		if _, body := get(t, c, "http://"+a.Addr()+"/v1/jobs"); strings.Contains(body, "job_") {
			break
		}
	}
	start := time.Now()
	stop(t, a)
	if got := <-answer; got != "202 Accepted" {
		t.Errorf("the long poll ends with %s", got)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), app.Config{Listen: "127.0.0.1:0", RedisURL: redistest.Start(t), Results: t.TempDir(), Limits: limits, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, 30*time.Second) }()
	get(t, client(t), "http://"+a.Addr()+"/healthz")
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestStartsBeforeRedisDoes(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	s.Kill()
	a := open(t, func(c *app.Config) { c.RedisURL = s.URL() })
	defer stop(t, a)
	c := client(t)
	if got, body := get(t, c, "http://"+a.Addr()+"/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("without Redis: %d %s", got, body)
	}
	s.Restart()
	for deadline := time.Now().Add(30 * time.Second); ; {
		got, body := get(t, c, "http://"+a.Addr()+"/readyz")
		if got == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with Redis back: %d %s", got, body)
		}
	}
}

func TestBadConfigNamesTheSetting(t *testing.T) {
	t.Parallel()
	good := app.Config{Listen: "127.0.0.1:0", RedisURL: "redis://127.0.0.1:1", Results: t.TempDir(), Limits: limits, Logger: slog.New(slog.DiscardHandler)}
	for want, change := range map[string]func(*app.Config){
		"Listen":               func(c *app.Config) { c.Listen = "127.0.0.1" },
		"OperatorListen":       func(c *app.Config) { c.OperatorListen = "nowhere" },
		"listen on":            func(c *app.Config) { c.Listen = "127.0.0.1:99999" },
		"RedisURL is empty":    func(c *app.Config) { c.RedisURL = "" },
		"RedisURL: the Redis":  func(c *app.Config) { c.RedisURL = "http://user:secret@example" },
		"Results":              func(c *app.Config) { c.Results = "" },
		"result store":         func(c *app.Config) { c.Results = "/dev/null/results" },
		"Limits.Digits":        func(c *app.Config) { c.Limits.Digits = 0 },
		"MaxActiveJobs is -1":  func(c *app.Config) { c.MaxActiveJobs = -1 },
		"MaxBodyBytes is -1":   func(c *app.Config) { c.MaxBodyBytes = -1 },
		"Retention":            func(c *app.Config) { c.Retention = -time.Hour },
		"Elasticsearch":        func(c *app.Config) { c.Elasticsearch = "http://user:secret@%zz" },
		`AllowedHosts has "a:`: func(c *app.Config) { c.AllowedHosts = []string{"a:80"} },
		`AllowedHosts has "ht`: func(c *app.Config) { c.AllowedHosts = []string{"good.example", "http://a"} },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c := good
			change(&c)
			a, err := app.New(t.Context(), c)
			if err == nil {
				stop(t, a)
				t.Fatal("it is taken")
			}
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error does not say %q, or says too much: %v", want, err)
			}
		})
	}
}

func TestAHistoryThatNeverAnswers(t *testing.T) {
	t.Parallel()
	a := open(t, func(c *app.Config) { c.Elasticsearch = "http://user:secret@127.0.0.1:1" })
	defer stop(t, a)
	c, url := client(t), "http://"+a.Addr()
	for path, want := range map[string]string{
		"/readyz": `"history":{"status":"degraded"`, "/v1/jobs": `"history":"unavailable"`, "/v1/status": `"state":"unknown"`,
	} {
		if status, body := get(t, c, url+path); status != http.StatusOK || !strings.Contains(body, want) || strings.Contains(body, "secret") {
			t.Errorf("%s: got %d without %s:\n%s", path, status, want, body)
		}
	}
}

func TestTheLogSaysWhereItListens(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	a := open(t, func(c *app.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	stop(t, a)
	if !strings.Contains(log.String(), a.Addr()) || !strings.Contains(log.String(), "version=test") {
		t.Errorf("the log is:\n%s", &log)
	}
}
