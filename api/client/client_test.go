package client_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/app"
	"numbermill/api/client"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// start returns a client of a server of its own, and the records behind it.
func start(t *testing.T) (*client.Client, *store.Store) {
	t.Helper()
	url := redistest.Start(t)
	a, err := app.New(t.Context(), app.Config{
		Listen: "127.0.0.1:0", RedisURL: url, Results: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
		Limits: function.Limits{CostMillis: 60_000, Digits: 10_000_000, PeakBytes: 1 << 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	rdb, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return connect(t, "http://"+a.Addr(), &http.Client{Transport: transport}), store.New(rdb)
}

func connect(t *testing.T, url string, hc *http.Client) *client.Client {
	t.Helper()
	c, err := client.New(url, hc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fibonacci(n string) api.JobRequest {
	return api.JobRequest{Function: "fibonacci", Args: map[string]string{"n": n}, Labels: map[string]string{"run": "a"}}
}

// finish does a worker's work on the job's computation.
func finish(t *testing.T, records *store.Store, id job.ID, digits string) {
	t.Helper()
	ctx := context.Background()
	rec, err := records.Get(ctx, job.LocalOwner, id)
	if err != nil {
		t.Fatal(err)
	}
	a, ok, err := records.Claim(ctx, store.Run{Fingerprint: rec.Fingerprint, ID: rec.Run}, "worker-1", false)
	if err != nil || !ok {
		t.Fatalf("claim: %v, %v", ok, err)
	}
	sum := sha256.Sum256([]byte(digits))
	r := job.Result{Digits: int64(len(digits)), Leading: digits, Trailing: digits, SHA256: hex.EncodeToString(sum[:]), Verification: job.Verification{Method: "residue"}}
	if held, err := records.Complete(ctx, a, r, digits); err != nil || !held {
		t.Fatalf("complete: %v, %v", held, err)
	}
}

func TestFromSubmitToDelete(t *testing.T) {
	t.Parallel()
	c, records := start(t)
	ctx := t.Context()
	first, err := c.Submit(ctx, fibonacci("100"), 0)
	if err != nil || first.State != job.Queued || first.ETag == "" || first.RetryAfter == 0 {
		t.Fatalf("submit: %+v, %v", first, err)
	}
	if _, err := c.Get(ctx, first.ID, client.GetOptions{ETag: first.ETag}); !errors.Is(err, client.ErrNotModified) {
		t.Errorf("get with the ETag: %v, want ErrNotModified", err)
	}
	ended := make(chan api.Job, 1)
	go func() {
		j, err := c.Wait(ctx, first.ID)
		if err != nil {
			t.Errorf("wait: %v", err)
		}
		ended <- j
	}()
	const digits = "354224848179261915075"
	finish(t, records, first.ID, digits)
	if j := <-ended; j.State != job.Succeeded || *j.Result.Digits != "21" {
		t.Errorf("waited for %+v", j)
	}
	again, err := c.Submit(ctx, fibonacci("1e2"), 10*time.Second)
	if err != nil || again.State != job.Succeeded || again.Result.Cache != job.Hit || again.RetryAfter != 0 {
		t.Errorf("submit again: %+v, %v", again, err)
	}
	page, err := c.List(ctx, client.ListOptions{PageSize: 1, States: []job.State{job.Succeeded}, Labels: []string{"run:a"}, Function: "fibonacci", CreatedAfter: first.CreatedAt, CreatedBefore: first.CreatedAt.Add(time.Hour)})
	if err != nil || len(page.Jobs) != 1 || page.NextPageToken == "" || page.Jobs[0].ID != again.ID {
		t.Errorf("list: %+v, %v", page, err)
	}
	for name, tt := range map[string]struct {
		open func() (io.ReadCloser, error)
		want string
	}{
		"all":    {func() (io.ReadCloser, error) { return c.Result(ctx, first.ID, 0, -1) }, digits},
		"part":   {func() (io.ReadCloser, error) { return c.Result(ctx, first.ID, 2, 5) }, digits[2:5]},
		"rest":   {func() (io.ReadCloser, error) { return c.Result(ctx, first.ID, 15, -1) }, digits[15:]},
		"last":   {func() (io.ReadCloser, error) { return c.Trailing(ctx, first.ID, 3) }, digits[18:]},
		"all by": {func() (io.ReadCloser, error) { return c.Trailing(ctx, first.ID, 300) }, digits},
	} {
		body, err := tt.open()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(body)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, tt.want)
		}
		_ = body.Close()
	}
	for _, id := range []job.ID{first.ID, again.ID} {
		if err := c.Delete(ctx, id); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := c.Get(ctx, first.ID, client.GetOptions{}); problem(t, err).Name() != "not-found" {
		t.Errorf("get after delete: %v", err)
	}
}

func problem(t *testing.T, err error) *client.Problem {
	t.Helper()
	p, ok := errors.AsType[*client.Problem](err)
	if !ok {
		t.Fatalf("%v is no problem", err)
	}
	return p
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c, _ := start(t)
	a, err := c.Submit(t.Context(), fibonacci("5"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if j, err := c.Cancel(t.Context(), a.ID); err != nil || j.State != job.Cancelled {
		t.Errorf("cancel: %+v, %v", j, err)
	}
}

func TestCatalogueAndHealth(t *testing.T) {
	t.Parallel()
	c, _ := start(t)
	functions, err := c.Functions(t.Context())
	if err != nil || len(functions) != len(function.All()) {
		t.Fatalf("functions: %d, %v", len(functions), err)
	}
	one, err := c.Function(t.Context(), functions[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(functions[0], one); diff != "" {
		t.Errorf("function (-list +alone):\n%s", diff)
	}
	e, err := c.Estimate(t.Context(), api.EstimateRequest{Function: "fibonacci", Args: map[string]string{"n": "1e3"}})
	if err != nil || e.Digits == nil || *e.Digits != "209" {
		t.Errorf("estimate: %+v, %v", e, err)
	}
	r, err := c.Ready(t.Context())
	if err != nil || r.Status != api.StatusDegraded { // no worker
		t.Errorf("ready: %+v, %v", r, err)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	c, _ := start(t)
	_, err := c.Submit(t.Context(), api.JobRequest{Function: "ackermann", Args: map[string]string{"m": "-1"}}, 0)
	p := problem(t, err)
	if p.Status != http.StatusUnprocessableEntity || p.Name() != "invalid-arguments" || len(p.Errors) != 2 || !strings.Contains(p.Error(), "/args/n") {
		t.Errorf("the problem is %+v", p)
	}
	if _, err := c.Result(t.Context(), "job_x", 5, 5); err == nil {
		t.Error("an empty range is asked for")
	}
	_, err = c.Function(t.Context(), "a/../b?c")
	if p := problem(t, err); p.Status != http.StatusNotFound {
		t.Errorf("the problem is %+v", p)
	}
}

func TestOtherServers(t *testing.T) {
	t.Parallel()
	answers := map[string]func(http.ResponseWriter){
		"/html": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "<h1>bad gateway</h1>", http.StatusBadGateway)
		},
		"/half": func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"functions":[`) },
		"/problem": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", api.ProblemType)
			w.WriteHeader(http.StatusInternalServerError)
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[strings.TrimSuffix(r.URL.Path, "/v1/functions")](w)
	}))
	t.Cleanup(s.Close)
	_, err := connect(t, s.URL+"/html", nil).Functions(t.Context())
	if p := problem(t, err); p.Status != 502 || p.RetryAfter != 7*time.Second || p.Name() != "" || p.Error() != "the server answered 502" {
		t.Errorf("the problem is %+v: %v", p, p)
	}
	if _, err := connect(t, s.URL+"/half/", nil).Functions(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half an answer: %v", err)
	}
	_, err = connect(t, s.URL+"/problem", nil).Functions(t.Context())
	if p := problem(t, err); p.Status != 500 || p.Name() != "" {
		t.Errorf("the problem is %+v", p)
	}
	for _, url := range []string{"", "127.0.0.1:8080", "ftp://x", "http://", "://"} {
		if _, err := client.New(url, nil); err == nil {
			t.Errorf("%q is taken for an address", url)
		}
	}
}

func TestWaitOutlastsASmallTrouble(t *testing.T) {
	t.Parallel()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch asked {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			_, _ = io.WriteString(w, `{"state":"running"}`)
		default:
			if r.Header.Get("Prefer") != "wait=60" {
				t.Errorf("Prefer: %s", r.Header.Get("Prefer"))
			}
			_, _ = io.WriteString(w, `{"state":"succeeded"}`)
		}
	}))
	t.Cleanup(s.Close)
	j, err := connect(t, s.URL, nil).Wait(t.Context(), "job_x")
	if err != nil || j.State != job.Succeeded || asked != 3 {
		t.Errorf("after %d questions: %+v, %v", asked, j, err)
	}
}
