// Package client speaks to a Numbermill server over its REST API. The documents are those of package api; a refusal is a *Problem.
//
// No method has a timeout of its own: use the context's.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"numbermill/api"
)

// mostJSON bounds the documents that are read, in bytes: a page of a thousand jobs is far below it.
const mostJSON = 64 << 20

// Client speaks to one server. It is safe for concurrent use.
type Client struct {
	base *url.URL
	http *http.Client
}

// New returns a client of the server at baseURL, such as "http://127.0.0.1:8080". Connections are those of hc, or of a new
// http.Client if it is nil; one with a Timeout cuts long polls and downloads short.
func New(baseURL string, hc *http.Client) (*Client, error) {
	base, err := url.Parse(baseURL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, fmt.Errorf("server address %q: write it like http://127.0.0.1:8080", baseURL)
	}
	if hc == nil {
		hc = &http.Client{}
	}
	return &Client{base, hc}, nil
}

// Functions returns the catalogue in display order.
func (c *Client) Functions(ctx context.Context) ([]api.Function, error) {
	var list api.FunctionList
	err := c.get(ctx, "/v1/functions", &list)
	return list.Functions, err
}

// Function returns one entry of the catalogue.
func (c *Client) Function(ctx context.Context, name string) (api.Function, error) {
	var f api.Function
	err := c.get(ctx, "/v1/functions/"+url.PathEscape(name), &f)
	return f, err
}

// Estimate tells what a computation would cost, without running it.
func (c *Client) Estimate(ctx context.Context, r api.EstimateRequest) (api.Estimate, error) {
	var e api.Estimate
	_, err := c.json(ctx, request{method: http.MethodPost, path: "/v1/estimates", body: r}, &e)
	return e, err
}

// Ready tells how the server and what it depends on are. A server that is down but answers is no error: see the status.
func (c *Client) Ready(ctx context.Context) (api.Readiness, error) {
	var r api.Readiness
	_, err := c.json(ctx, request{method: http.MethodGet, path: "/readyz", take: http.StatusServiceUnavailable}, &r)
	return r, err
}

// request is what is asked of the server.
type request struct {
	method string
	path   string
	query  url.Values
	header http.Header
	// body is sent as JSON unless nil.
	body any
	// take is a status beside 2xx that is an answer and no refusal, if it comes with JSON.
	take int
}

func (c *Client) get(ctx context.Context, path string, answer any) error {
	_, err := c.json(ctx, request{method: http.MethodGet, path: path}, answer)
	return err
}

// json sends a request and decodes the answer, unless answer is nil.
func (c *Client) json(ctx context.Context, r request, answer any) (http.Header, error) {
	res, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	if answer == nil {
		return res.Header, nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, mostJSON)).Decode(answer); err != nil {
		return nil, fmt.Errorf("%s %s: read the answer: %w", r.method, r.path, err)
	}
	return res.Header, nil
}

// send returns the answer with its body open, or the refusal as an error.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
		}
		body = bytes.NewReader(b)
	}
	u := c.base.JoinPath(r.path)
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	if r.header != nil {
		req.Header = r.header
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err // it names method and URL
	}
	isJSON := strings.HasPrefix(res.Header.Get("Content-Type"), "application/json")
	if res.StatusCode < http.StatusMultipleChoices || (res.StatusCode == r.take && isJSON) {
		return res, nil
	}
	err = refusal(res)
	_ = res.Body.Close() // the refusal is read
	return nil, err
}
