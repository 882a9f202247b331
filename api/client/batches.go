package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"numbermill/api"
	"numbermill/shared/job"
)

// SubmitBatch submits up to 10,000 jobs at once, or retries as many. All of them are accepted or none.
func (c *Client) SubmitBatch(ctx context.Context, r api.BatchRequest, o ...Option) (api.Batch, error) {
	return c.batch(ctx, request{method: http.MethodPost, path: "/v1/batches", body: r, header: headers(0, o)})
}

// Batch reads how many jobs of a batch stand where.
func (c *Client) Batch(ctx context.Context, id job.BatchID) (api.Batch, error) {
	return c.batch(ctx, request{method: http.MethodGet, path: batchPath(id)})
}

// CancelBatch cancels all jobs of a batch that have not ended.
func (c *Client) CancelBatch(ctx context.Context, id job.BatchID) (api.Batch, error) {
	return c.batch(ctx, request{method: http.MethodPost, path: batchPath(id) + "/cancel"})
}

// Batches returns a page of batches, newest first: up to pageSize, 50 if zero, from where the NextPageToken of the page before says.
func (c *Client) Batches(ctx context.Context, pageSize int, pageToken string) (api.BatchList, error) {
	q := url.Values{}
	if pageSize != 0 {
		q.Set("page_size", strconv.Itoa(pageSize))
	}
	if pageToken != "" {
		q.Set("page_token", pageToken)
	}
	var page api.BatchList
	_, err := c.json(ctx, request{method: http.MethodGet, path: "/v1/batches", query: q}, &page)
	return page, err
}

func (c *Client) batch(ctx context.Context, r request) (api.Batch, error) {
	var b api.Batch
	_, err := c.json(ctx, r, &b)
	return b, err
}

func batchPath(id job.BatchID) string { return "/v1/batches/" + url.PathEscape(string(id)) }
