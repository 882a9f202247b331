package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// The states that never change.
var terminal = map[string]bool{"succeeded": true, "failed": true, "cancelled": true, "expired": true}

// document is what these tests read of a job, as the API writes it.
type document struct {
	ID         string            `json:"id"`
	State      string            `json:"state"`
	Function   string            `json:"function"`
	Method     string            `json:"method"`
	Args       map[string]string `json:"args"`
	CreatedAt  time.Time         `json:"created_at"`
	FinishedAt *time.Time        `json:"finished_at"`
	Attempt    int64             `json:"attempt"`
	Version    string            `json:"version"`
	TraceID    string            `json:"trace_id"`
	RetryOf    *string           `json:"retry_of"`
	Result     *struct {
		Digits *string `json:"digits"`
		SHA256 string  `json:"sha256"`
		Cache  string  `json:"cache"`
	} `json:"result"`
	Error *struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	} `json:"error"`

	etag string
}

// outcome is everything of a job that may not change once it has ended.
func (d document) outcome() string {
	o := d.State + " at version " + d.Version
	if d.FinishedAt != nil {
		o += " finished " + d.FinishedAt.Format(time.RFC3339Nano)
	}
	if d.Result != nil {
		o += " with " + d.Result.SHA256
	}
	if d.Error != nil {
		o += " because of " + d.Error.Code
	}
	return o
}

// want is a request for a job: function, or function/method; arguments such as "m=2 n=3"; and other members by turns.
func want(function, args string, members ...any) map[string]any {
	values := map[string]string{}
	for arg := range strings.FieldsSeq(args) {
		name, value, _ := strings.Cut(arg, "=")
		values[name] = value
	}
	r := map[string]any{"args": values}
	name, method, found := strings.Cut(function, "/")
	r["function"] = name
	if found {
		r["method"] = method
	}
	for i := 0; i+1 < len(members); i += 2 {
		r[fmt.Sprint(members[i])] = members[i+1]
	}
	return r
}

// refusal is an answer other than the one that was hoped for.
type refusal struct{ platformtest.Reply }

func (r refusal) Error() string { return r.String() }

// ask makes a request and decodes an answer of 200 or 202; any other is an error of type refusal.
func ask(ctx context.Context, c *platformtest.Client, method, path string, body any, headers ...string) (document, error) {
	var d document
	text, err := text(body)
	if err != nil {
		return d, err
	}
	r, err := c.Do(ctx, method, path, text, headers...)
	if err != nil {
		return d, err
	}
	if r.Status != http.StatusOK && r.Status != http.StatusAccepted {
		return d, refusal{r}
	}
	d.etag = r.Header.Get("ETag")
	return d, r.Decode(&d)
}

// text is a body as JSON; nil is none.
func text(body any) (string, error) {
	if body == nil {
		return "", nil
	}
	b, err := json.Marshal(body)
	return string(b), err
}

// status is the HTTP status of a refusal, or 0 for another error or none.
func status(err error) int {
	if r, ok := errors.AsType[refusal](err); ok {
		return r.Status
	}
	return 0
}

func submit(ctx context.Context, c *platformtest.Client, r any, headers ...string) (document, error) {
	return ask(ctx, c, http.MethodPost, "/v1/jobs", r, headers...)
}

func get(ctx context.Context, c *platformtest.Client, id string, headers ...string) (document, error) {
	return ask(ctx, c, http.MethodGet, "/v1/jobs/"+id, nil, headers...)
}

func cancel(ctx context.Context, c *platformtest.Client, id string) (document, error) {
	return ask(ctx, c, http.MethodPost, "/v1/jobs/"+id+"/cancel", nil)
}

// within returns a context for one step of a test.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	t.Cleanup(stop)
	return ctx
}

// must submits a job that has to be taken.
func must(t *testing.T, c *platformtest.Client, r any, headers ...string) document {
	t.Helper()
	d, err := submit(within(t, platformtest.Patience), c, r, headers...)
	if err != nil {
		t.Fatalf("submit %v: %v", r, err)
	}
	return d
}

// await waits until a job has ended, as it should.
func await(t *testing.T, c *platformtest.Client, id, state string, timeout time.Duration) document {
	t.Helper()
	d, err := follow(within(t, timeout), c, id, func(d document) bool { return terminal[d.State] })
	if err != nil {
		t.Fatalf("wait %v for %s: %v; it is %s in attempt %d", timeout, id, err, d.State, d.Attempt)
	}
	if d.State != state {
		t.Fatalf("%s is %s, want %s; its error is %+v", id, d.State, state, d.Error)
	}
	return d
}

// until waits until a job is as enough wants it, or has ended.
func until(t *testing.T, c *platformtest.Client, id string, enough func(document) bool) document {
	t.Helper()
	d, err := follow(within(t, platformtest.Patience), c, id, func(d document) bool { return enough(d) || terminal[d.State] })
	if err != nil || !enough(d) {
		t.Fatalf("wait for %s: it is %s in attempt %d (%v), error %+v", id, d.State, d.Attempt, err, d.Error)
	}
	return d
}

func running(d document) bool { return d.State == string(job.Running) }

// follow long-polls a job until enough of it has happened, over any absence of the server. It returns the job as last seen.
func follow(ctx context.Context, c *platformtest.Client, id string, enough func(document) bool) (last document, err error) {
	again := newPace(50 * time.Millisecond)
	defer again.stop()
	for {
		headers := []string{}
		if last.etag != "" {
			headers = []string{"If-None-Match", last.etag, "Prefer", "wait=30"}
		}
		d, err := get(ctx, c, id, headers...)
		switch s := status(err); {
		case err == nil && enough(d):
			return d, nil
		case err == nil:
			last = d
		case s == http.StatusNotModified:
		case ctx.Err() != nil || (s != 0 && s != http.StatusServiceUnavailable):
			return last, err
		default:
			if err := again.wait(ctx); err != nil {
				return last, err
			}
		}
	}
}

// pace keeps what is tried again and again from taking a whole processor.
type pace struct{ *time.Ticker }

func newPace(d time.Duration) pace { return pace{time.NewTicker(d)} }

func (p pace) stop() { p.Stop() }

func (p pace) wait(ctx context.Context) error {
	select {
	case <-p.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
