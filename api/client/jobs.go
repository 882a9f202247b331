package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
)

// LongestWait is the longest that the server holds a request back; it cuts longer waits down to this.
const LongestWait = 60 * time.Second

// Answer is a job as the server last told it.
type Answer struct {
	api.Job

	// ETag names this version of it.
	ETag string
	// RetryAfter is when to ask again; zero once the job has ended.
	RetryAfter time.Duration
	// Replayed tells that the submission was carried out before, under the same idempotency key.
	Replayed bool
}

// Option is something to say with a submission.
type Option func(http.Header)

// IdempotencyKey makes a submission safe to send again: within a day, a second one with the same key and the same content submits nothing
// and is answered with the job of the first. A key is up to 255 printable ASCII characters, such as a UUID.
func IdempotencyKey(key string) Option {
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"`
	return func(h http.Header) { h.Set("Idempotency-Key", quoted) }
}

// Submit submits a computation. It returns at once if wait is zero, else when the job has ended or wait is over, whichever
// comes first.
func (c *Client) Submit(ctx context.Context, r api.JobRequest, wait time.Duration, o ...Option) (Answer, error) {
	return c.job(ctx, request{method: http.MethodPost, path: "/v1/jobs", body: r, header: headers(wait, o)})
}

// Retry submits the computation of a job that has ended again, as a new job.
func (c *Client) Retry(ctx context.Context, id job.ID, o ...Option) (Answer, error) {
	return c.job(ctx, request{method: http.MethodPost, path: jobPath(id) + "/retry", header: headers(0, o)})
}

// GetOptions say when Get returns. The zero value means at once.
type GetOptions struct {
	// Wait is how long to wait for the job to end, or with an ETag to change.
	Wait time.Duration
	// ETag is the version that the caller has. Get fails with ErrNotModified if the job still is that version.
	ETag string
}

// Get reads a job.
func (c *Client) Get(ctx context.Context, id job.ID, o GetOptions) (Answer, error) {
	h := prefer(o.Wait)
	if o.ETag != "" {
		h.Set("If-None-Match", o.ETag)
	}
	return c.job(ctx, request{method: http.MethodGet, path: jobPath(id), header: h})
}

// Wait returns the job once it has ended, however long that takes; only the context ends it earlier. A server that asks to try
// again later is asked again later.
func (c *Client) Wait(ctx context.Context, id job.ID) (api.Job, error) {
	for {
		a, err := c.Get(ctx, id, GetOptions{Wait: LongestWait})
		var pause time.Duration
		if p, ok := errors.AsType[*Problem](err); ok && p.Status == http.StatusServiceUnavailable {
			pause = max(p.RetryAfter, time.Second)
		} else if err != nil || a.State.Terminal() {
			return a.Job, err
		}
		if err := sleep(ctx, pause); err != nil {
			return a.Job, err
		}
	}
}

// Cancel cancels a job; one that is cancelled already is no error.
func (c *Client) Cancel(ctx context.Context, id job.ID) (api.Job, error) {
	a, err := c.job(ctx, request{method: http.MethodPost, path: jobPath(id) + "/cancel"})
	return a.Job, err
}

// Delete deletes a job that has ended, and its digits once no other job refers to them.
func (c *Client) Delete(ctx context.Context, id job.ID) error {
	_, err := c.json(ctx, request{method: http.MethodDelete, path: jobPath(id)}, nil)
	return err
}

// ListOptions choose jobs; zero fields choose all.
type ListOptions struct {
	// PageSize is how many jobs a page holds, up to 1,000; 50 if zero.
	PageSize int
	// PageToken is the NextPageToken of the page before, with the same options.
	PageToken string
	States    []job.State
	Function  string
	// Labels are "name:value", or "name" for any value.
	Labels []string
	// Batch is the batch that the jobs belong to.
	Batch job.BatchID
	// CreatedAfter is inclusive, CreatedBefore exclusive.
	CreatedAfter, CreatedBefore time.Time
}

// List returns a page of jobs, newest first.
func (c *Client) List(ctx context.Context, o ListOptions) (api.JobList, error) {
	var page api.JobList
	_, err := c.json(ctx, request{method: http.MethodGet, path: "/v1/jobs", query: o.query()}, &page)
	return page, err
}

func (o ListOptions) query() url.Values {
	q := url.Values{}
	set := func(name, value string, given bool) {
		if given {
			q.Add(name, value)
		}
	}
	set("page_size", strconv.Itoa(o.PageSize), o.PageSize != 0)
	set("page_token", o.PageToken, o.PageToken != "")
	set("function", o.Function, o.Function != "")
	set("batch", string(o.Batch), o.Batch != "")
	set("created_after", o.CreatedAfter.UTC().Format(time.RFC3339Nano), !o.CreatedAfter.IsZero())
	set("created_before", o.CreatedBefore.UTC().Format(time.RFC3339Nano), !o.CreatedBefore.IsZero())
	for _, s := range o.States {
		q.Add("state", string(s))
	}
	for _, l := range o.Labels {
		q.Add("label", l)
	}
	return q
}

// Result opens the digits, from first to before end; a negative end means the end of the digits. The body that is read to its end
// without an error is whole. The caller closes it.
func (c *Client) Result(ctx context.Context, id job.ID, first, end int64) (io.ReadCloser, error) {
	switch {
	case first == 0 && end < 0:
		return c.digits(ctx, id, "")
	case end < 0:
		return c.digits(ctx, id, fmt.Sprintf("bytes=%d-", first))
	case end <= first:
		return nil, fmt.Errorf("digits %d to %d of a result are none", first, end)
	}
	return c.digits(ctx, id, fmt.Sprintf("bytes=%d-%d", first, end-1))
}

// Trailing opens the last n digits, or all if there are fewer. The caller closes it.
func (c *Client) Trailing(ctx context.Context, id job.ID, n int64) (io.ReadCloser, error) {
	return c.digits(ctx, id, fmt.Sprintf("bytes=-%d", n))
}

func (c *Client) digits(ctx context.Context, id job.ID, byteRange string) (io.ReadCloser, error) {
	// Asking for identity keeps the library from asking for compression and undoing it, which would hide the length.
	h := http.Header{"Accept-Encoding": {"identity"}}
	if byteRange != "" {
		h.Set("Range", byteRange)
	}
	res, err := c.send(ctx, request{method: http.MethodGet, path: jobPath(id) + "/result", header: h})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (c *Client) job(ctx context.Context, r request) (Answer, error) {
	var a Answer
	h, err := c.json(ctx, r, &a.Job)
	a.ETag, a.RetryAfter, a.Replayed = h.Get("ETag"), retryAfter(h), h.Get("Idempotency-Replayed") == "true"
	return a, err
}

func jobPath(id job.ID) string { return "/v1/jobs/" + url.PathEscape(string(id)) }

func headers(wait time.Duration, options []Option) http.Header {
	h := prefer(wait)
	for _, o := range options {
		o(h)
	}
	return h
}

// prefer asks the server to wait, in whole seconds.
func prefer(wait time.Duration) http.Header {
	if wait <= 0 {
		return http.Header{}
	}
	return http.Header{"Prefer": {fmt.Sprintf("wait=%.0f", math.Ceil(min(wait, LongestWait).Seconds()))}}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
