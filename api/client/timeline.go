package client

import (
	"context"
	"net/http"
	"net/url"

	"numbermill/api"
	"numbermill/shared/job"
)

// Attempts returns the attempts at a job's computation, oldest first.
func (c *Client) Attempts(ctx context.Context, id job.ID) ([]api.Attempt, error) {
	var list api.AttemptList
	err := c.get(ctx, jobPath(id)+"/attempts", &list)
	return list.Attempts, err
}

// Logs returns what workers have written about a job, oldest first: all lines that are kept, or with the Next of an earlier answer those
// that have come since.
func (c *Client) Logs(ctx context.Context, id job.ID, after string) (api.LogList, error) {
	q := url.Values{}
	if after != "" {
		q.Set("after", after)
	}
	var list api.LogList
	_, err := c.json(ctx, request{method: http.MethodGet, path: jobPath(id) + "/logs", query: q}, &list)
	return list, err
}

// Queues tells how long the queues are. It is for the operator.
func (c *Client) Queues(ctx context.Context) ([]api.Queue, error) {
	var list api.QueueList
	err := c.get(ctx, "/v1/queues", &list)
	return list.Queues, err
}

// Workers tells which workers are alive, and what they are doing. It is for the operator.
func (c *Client) Workers(ctx context.Context) ([]api.Worker, error) {
	var list api.WorkerList
	err := c.get(ctx, "/v1/workers", &list)
	return list.Workers, err
}

// Status tells how the server has been doing.
func (c *Client) Status(ctx context.Context) (api.ServiceStatus, error) {
	var s api.ServiceStatus
	err := c.get(ctx, "/v1/status", &s)
	return s, err
}
