package platformtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
)

// requestTimeout bounds one request, a long poll of a minute included.
const requestTimeout = 90 * time.Second

// Client speaks HTTP to one process. It never follows redirects, and never fails a test by itself, so that it can be used from
// many goroutines.
type Client struct {
	URL  string
	http *http.Client
}

// NewClient returns a client of its own connections for the address that a process said it is ready at.
func NewClient(tb testing.TB, url string) *Client {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	return &Client{URL: url, http: &http.Client{
		Transport: transport, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Reply is an answer, read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	asked  string
}

// String is for messages.
func (r Reply) String() string {
	const most = 600
	body := string(r.Body)
	if len(body) > most {
		body = body[:most] + "…"
	}
	return fmt.Sprintf("%s: %d %s", r.asked, r.Status, body)
}

// Decode reads the body as JSON into v.
func (r Reply) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	return nil
}

// Do makes a request. headers are names and values by turns; a body is JSON unless a Content-Type says otherwise.
func (c *Client) Do(ctx context.Context, method, path, body string, headers ...string) (Reply, error) {
	asked := method + " " + path
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", asked, err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: read the answer: %w", asked, err)
	}
	return Reply{Status: res.StatusCode, Header: res.Header, Body: b, asked: asked}, nil
}

// Job is what the API tells of a job, with the answer that told it.
type Job struct {
	api.Job

	Reply Reply
}

// Submit submits a computation, such as Submit(ctx, "ackermann", "m=2 n=3"), and fails unless it is taken.
func (c *Client) Submit(ctx context.Context, function, args string, headers ...string) (Job, error) {
	request := api.JobRequest{Function: function, Args: map[string]string{}}
	for arg := range strings.FieldsSeq(args) {
		name, value, _ := strings.Cut(arg, "=")
		request.Args[name] = value
	}
	body, err := json.Marshal(request)
	if err != nil {
		return Job{}, err
	}
	return c.job(ctx, []int{http.StatusOK, http.StatusAccepted}, http.MethodPost, "/v1/jobs", string(body), headers...)
}

// Get reads a job.
func (c *Client) Get(ctx context.Context, id job.ID, headers ...string) (Job, error) {
	return c.job(ctx, []int{http.StatusOK}, http.MethodGet, "/v1/jobs/"+string(id), "", headers...)
}

// Cancel cancels a job.
func (c *Client) Cancel(ctx context.Context, id job.ID) (Job, error) {
	return c.job(ctx, []int{http.StatusOK}, http.MethodPost, "/v1/jobs/"+string(id)+"/cancel", "")
}

// Await follows a job by long poll until it has ended. When ctx ends before, the error says what the job was last.
func (c *Client) Await(ctx context.Context, id job.ID) (Job, error) {
	last := "never seen"
	for {
		j, err := c.Get(ctx, id, "Prefer", "wait=30")
		switch {
		case err != nil:
			return j, fmt.Errorf("wait for %s, which was %s: %w", id, last, err)
		case j.State.Terminal():
			return j, nil
		}
		last = fmt.Sprintf("%s in attempt %d", j.State, j.Attempt)
	}
}

// Digits downloads a result whole.
func (c *Client) Digits(ctx context.Context, id job.ID, headers ...string) (Reply, error) {
	return c.Do(ctx, http.MethodGet, "/v1/jobs/"+string(id)+"/result", "", headers...)
}

func (c *Client) job(ctx context.Context, want []int, method, path, body string, headers ...string) (Job, error) {
	r, err := c.Do(ctx, method, path, body, headers...)
	if err != nil {
		return Job{}, err
	}
	j := Job{Reply: r}
	if !slices.Contains(want, r.Status) {
		return j, fmt.Errorf("%s, want status %v", r, want)
	}
	return j, r.Decode(&j.Job)
}
